"""`make letters`: pictures of mails, drawn from their real templates with made-up content, into build/letters.

Each in both forms: HTML as wide as mail programs show it and as narrow as a small telephone, light and dark, and text.
"""

import sys
import tempfile
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page

from ideas.app import create_app
from ideas.boards.models import Site
from ideas.core.db import transaction
from ideas.core.schema import migrate
from ideas.core.settings import read_settings
from ideas.web.pages.letters import Letter, find_letter, letter_names
from tests.architecture.tree import ROOT
from tests.browser.browser import open_browser

WIDTHS = (600, 320)
#: The main ones; all of them where the command line says "all".
USUAL = ("news-response", "digest", "code", "news-credit", "invitation")


def main() -> int:
    """Draw the mails named on the command line (the usual ones by default); returns 1 where one scrolls sideways."""
    out = ROOT / "build" / "letters"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        letters = draw(Path(folder), sys.argv[1:] or list(USUAL))
        wide = [name for letter in letters for name in take(browser, letter, out)]
    print("\n".join(wide) or f"All mails fit their width. See {out.relative_to(ROOT)}.")
    return 1 if wide else 0


def draw(folder: Path, names: list[str]) -> list[Letter]:
    """Return the mails of these names, of a place that has just been made in the folder."""
    app = create_app(read_settings({"STORAGE_DIR": str(folder), "BASE_URL": "https://ideas.example.org"}))
    with app.app_context(), app.test_request_context():
        migrate()
        with transaction() as current:
            current.add(Site(name="Saltmarsh", footer="Saltmarsh makes charts for small boats."))
        wanted = letter_names() if names == ["all"] else names
        return [letter for name in wanted if (letter := find_letter(name)) is not None]


def take(browser: Browser, letter: Letter, out: Path) -> list[str]:
    """Take one mail; return the names of those of its pictures that are wider than their window."""
    wide = []
    page = browser.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(letter.html)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 400})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(f"{letter.name}-{width}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=out / f"{letter.name}-{width}-{scheme}.png", full_page=True)
    take_text(page, letter, out)
    page.close()
    return wide


def take_text(page: Page, letter: Letter, out: Path) -> None:
    """Take the plain form, with its headers above, as a mail program without HTML shows it."""
    headers = "\n".join(f"{name}: {value}" for name, value in letter.headers)
    page.set_viewport_size({"width": 720, "height": 400})
    page.emulate_media(color_scheme="light")
    page.set_content(
        f"<pre style='white-space:pre-wrap;font-size:13px'>{escape(headers)}\n\n{escape(letter.text)}</pre>"
    )
    page.screenshot(path=out / f"{letter.name}-text.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
