"""`make shots`: screenshots of the main pages of the demo community into build/shots."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from ideas.cli.demo.accounts import ADDRESSES, DEMO_PASSWORD
from tests.architecture.tree import ROOT
from tests.browser.browser import open_browser
from tests.servers.app import serve_app

WIDTHS = (320, 768, 1280)
CUSTOMER, MANAGER, MODERATOR, ADMIN = (
    ADDRESSES["customer"],
    ADDRESSES["product manager"],
    ADDRESSES["moderator"],
    ADDRESSES["admin"],
)


@dataclass(frozen=True)
class Shot:
    """A page to be taken: as whom (None: a visitor), and where; `first`: follow the first such link from there."""

    name: str
    path: str
    who: str | None = None
    first: str | None = None


SHOTS = (
    Shot("home", "/"),
    Shot("boards", "/boards"),
    Shot("board", "/boards/motors"),
    Shot("board-member", "/boards/helm?order=supported", CUSTOMER),
    Shot("idea", "/boards/motors?order=supported", CUSTOMER, ".row h3 a"),
    Shot("problem", "/boards/motors?kind=problem&status=delivered", CUSTOMER, ".row h3 a"),
    Shot("declined", "/boards/helm?status=declined", None, ".row h3 a"),
    Shot("propose", "/propose?board=motors&title=Quiet+motor+at+night", CUSTOMER),
    Shot("search", "/search?q=battery", CUSTOMER),
    Shot("people", "/people"),
    Shot("person", "/people", None, "main a.who-name"),
    Shot("about", "/about"),
    Shot("sign-in", "/sign-in"),
    Shot("register", "/register"),
    Shot("corner", "/me", CUSTOMER),
    Shot("asked", "/me/asked", CUSTOMER),
    Shot("notifications", "/me/notifications", CUSTOMER),
    Shot("points", "/me/points", CUSTOMER),
    Shot("settings", "/me/settings", CUSTOMER),
    Shot("desk", "/desk", MANAGER, ".lane-item h2 a"),
    Shot("moderation", "/moderation", MODERATOR),
    Shot("admin", "/admin", ADMIN),
    Shot("admin-boards", "/admin/boards", ADMIN),
    Shot("admin-members", "/admin/members", ADMIN),
    Shot("missing", "/ideas/nothere"),
)


def main() -> int:
    """Serve the demo, take all shots, tell of pages that scroll sideways; return 1 where there are any."""
    out = ROOT / "build" / "shots"
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser, served_demo(Path(folder)) as url:
        wide = [name for shot in SHOTS if not wanted or shot.name in wanted for name in take(browser, url, shot, out)]
    print("\n".join(wide) or f"All pages fit their width. See {out.relative_to(ROOT)}.")
    return 1 if wide else 0


@contextmanager
def served_demo(folder: Path) -> Iterator[str]:
    """Serve a fresh demo community while the block runs; gives its address."""
    env = {"STORAGE_DIR": str(folder / "var")}
    subprocess.run([sys.executable, "-m", "ideas", "demo"], check=True, cwd=ROOT, env={**os.environ, **env})
    with serve_app(env) as server:
        yield server.url


def take(browser: Browser, url: str, shot: Shot, out: Path) -> list[str]:
    """Take one page at all widths, light and dark; return the names of those that scroll sideways."""
    wide = []
    for dark in (False, True):
        context = browser.new_context(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        if shot.who:
            sign_in(context, url, shot.who)
        page = context.new_page()
        page.goto(url + shot.path)
        if shot.first:
            target = page.locator(shot.first).first.get_attribute("href")
            page.goto(url + str(target) if str(target).startswith("/") else f"{url}{shot.path}{target}")
        for width in WIDTHS:
            name = f"{shot.name}-{width}-{'dark' if dark else 'light'}"
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=out / f"{name}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(f"{name} scrolls sideways")
        context.close()
    return wide


def sign_in(context: BrowserContext, url: str, email: str) -> None:
    """Sign a person of the demo in."""
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").first.fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    page.wait_for_load_state()
    page.close()


if __name__ == "__main__":
    sys.exit(main())
