"""`make shots`: screenshots of the main pages of the demo community into build/shots."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, StorageState

from tests.architecture.tree import ROOT
from tests.browser.browser import open_browser
from tests.browser.demo import make_demo, serve_demo, signed_in
from tests.browser.sights import SIGHTS, Sight, visit

WIDTHS = (320, 768, 1280)


def main() -> int:
    """Serve the demo, take the shots named on the command line (all by default).

    Tells of pages that scroll sideways; returns 1 where there are any.
    """
    out = ROOT / "build" / "shots"
    out.mkdir(parents=True, exist_ok=True)
    wanted = [sight for sight in SIGHTS if sight.name in sys.argv[1:]] or SIGHTS
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        make_demo(Path(folder))
        with serve_demo(Path(folder)) as url:
            states = {who: signed_in(browser, url, who) for who in {sight.who for sight in wanted}}
            wide = [name for sight in wanted for name in take(browser, url, sight, states[sight.who], out)]
    print("\n".join(wide) or f"All pages fit their width. See {out.relative_to(ROOT)}.")
    return 1 if wide else 0


def take(browser: Browser, url: str, sight: Sight, state: StorageState, out: Path) -> list[str]:
    """Take one page at all widths, light and dark; return the names of those that scroll sideways."""
    wide = []
    context = browser.new_context(base_url=url, storage_state=state, reduced_motion="reduce")
    page = context.new_page()
    visit(page, sight)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(f"{sight.name}-{width} scrolls sideways")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=out / f"{sight.name}-{width}-{scheme}.png", full_page=True)
    context.close()
    return wide


if __name__ == "__main__":
    sys.exit(main())
