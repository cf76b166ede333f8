"""What the first visit of a board with 25 ideas may cost: bytes, requests, and time on a slow phone."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.browser.demo import Who, fill_board, serve_demo, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.once]

BOARD = "/boards/motors"
IDEAS = 25
KILOBYTE = 1_024
HTML_BYTES, CSS_BYTES, SCRIPT_BYTES = 14 * KILOBYTE, 20 * KILOBYTE, 25 * KILOBYTE
REQUESTS = 8
VISITS = 5
#: A page of a few words, for what a slow line and a slow phone cost anything at all.
FLOOR = "/robots.txt"
TIMES_THE_FLOOR = 2
SHIFT = 0.02
PRESS_MILLISECONDS = 100
#: A slow mobile line as browsers' own tools imitate it, in milliseconds and bytes each second.
SLOW_LINE: dict[str, Any] = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 184_320,
    "uploadThroughput": 84_375,
}
SLOWER = 4

OpenPage = Callable[[Who], Page]


@pytest.fixture(scope="module")
def site(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo community with one full board."""
    folder = tmp_path_factory.mktemp("full") / "var"
    shutil.copytree(demo_made, folder)
    fill_board(folder)
    with serve_demo(folder) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens a page of the site as somebody, with an empty cache."""
    contexts: list[BrowserContext] = []

    def open_it(who: Who) -> Page:
        contexts.append(browser.new_context(base_url=site, storage_state=signed_in(browser, site, who)))
        return contexts[-1].new_page()

    yield open_it
    for context in contexts:
        context.close()


@dataclass(frozen=True)
class Loaded:
    """What was loaded with a page: bytes as they came over the line, by kind, and how many requests."""

    html: int
    css: int
    scripts: int
    requests: int


def load(page: Page) -> Loaded:
    """Open the board and weigh what comes."""
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - it must be a function
    page.goto(BOARD, wait_until="networkidle")
    assert page.locator(".row").count() == IDEAS
    sizes: dict[str, int] = {"document": 0, "stylesheet": 0, "script": 0}
    for request in requests:
        if request.resource_type in sizes:
            sizes[request.resource_type] += request.sizes()["responseBodySize"]
    return Loaded(sizes["document"], sizes["stylesheet"], sizes["script"], len(requests))


@pytest.mark.parametrize("who", [Who.VISITOR, Who.CUSTOMER])
def test_a_full_board_costs_few_bytes_and_requests(open_page: OpenPage, who: Who) -> None:
    loaded = load(open_page(who))
    print(f"{who}: {loaded}")
    assert 0 < loaded.html <= HTML_BYTES
    assert 0 < loaded.css <= CSS_BYTES
    assert 0 < loaded.scripts <= SCRIPT_BYTES
    assert loaded.requests <= REQUESTS


def test_no_script_holds_the_page_up(open_page: OpenPage) -> None:
    page = open_page(Who.VISITOR)
    page.goto(BOARD)
    scripts = page.locator("script").evaluate_all("all => all.map(one => [one.src !== '', one.defer, one.type])")
    assert scripts
    assert all(has_address and (is_deferred or kind == "module") for has_address, is_deferred, kind in scripts)


def test_a_full_board_stands_soon_and_stands_still_on_a_slow_phone(open_page: OpenPage) -> None:
    painted, floor, shifted = float("inf"), float("inf"), 0.0
    # What else the machine does can only make a visit slower: the quickest tells most about the page.
    for _ in range(VISITS):
        floor = min(floor, paint(open_page(Who.VISITOR), FLOOR)[0])
        soon, moved = paint(open_page(Who.VISITOR), BOARD)
        painted, shifted = min(painted, soon), max(shifted, moved)
        if painted <= TIMES_THE_FLOOR * floor:
            break
    print(f"largest paint after {painted:.0f} ms, of a few words after {floor:.0f} ms, layout shift {shifted:.4f}")
    assert 0 < painted <= TIMES_THE_FLOOR * floor
    assert shifted <= SHIFT


def paint(page: Page, path: str) -> tuple[float, float]:
    """Open a page on a slow phone; return after how many milliseconds it stood, and how far it moved."""
    page.set_viewport_size({"width": 390, "height": 844})
    slow_down(page)
    page.goto(path, wait_until="networkidle")
    painted, shifted = page.evaluate(PAINTED)
    return float(painted), float(shifted)


def test_a_support_shows_before_the_server_has_answered(open_page: OpenPage) -> None:
    page = open_page(Who.CUSTOMER)
    page.goto(BOARD, wait_until="networkidle")
    # The line is slow, so that only what the page does by itself can be in time.
    slow_down(page, processor=1)
    shown = float("inf")
    for _ in range(VISITS):
        shown = min(shown, press(page))
        if shown <= PRESS_MILLISECONDS:
            break
    print(f"support shown after {shown:.0f} ms")
    assert shown <= PRESS_MILLISECONDS


def press(page: Page) -> float:
    """Support the first idea that is not supported; return after how many milliseconds that showed."""
    key = page.locator("button.support[aria-pressed=false]").first
    key.evaluate(WATCH_PRESS)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        key.click()
        shown = page.evaluate("window.pressed")
    assert answer.value.ok
    assert answer.value.request.timing["responseStart"] > PRESS_MILLISECONDS
    return float(shown)


def slow_down(page: Page, *, processor: int = SLOWER) -> None:
    """Put the page on a slow line, and on a processor that is slower so many times."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": processor})


#: When the largest part of the page was painted last, and how much has moved in all.
PAINTED = """() => new Promise(done => {
  let painted = 0, shifted = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => { painted = one.startTime; }))
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver(list => list.getEntries().forEach(one => { shifted += one.value; }))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done([painted, shifted]), 300);
})"""
#: Keeps a promise of the time from the press to the frame in which it shows.
WATCH_PRESS = """key => { window.pressed = new Promise(done => {
  key.addEventListener('click', event => {
    new MutationObserver(() => {
      if (key.getAttribute('aria-pressed') === 'true') {
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - event.timeStamp)));
      }
    }).observe(key, {attributes: true});
  }, {capture: true});
}); }"""
