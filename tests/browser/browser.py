"""Debian's Chromium under Playwright, and pages that fail their test when something is wrong in them.

A pytest plugin: it brings the fixtures `browser` and `new_page`. A page's test fails on errors in the console,
violations of the content security policy, uncaught script errors, and requests to another host.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError, sync_playwright

from tests.servers.plugin import give_up
from tests.servers.programs import CHROMIUM, ProgramMissing, get_program

ARGUMENTS = (
    # No name but this machine's is looked up, so a page that asks for another host cannot reach it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # The shared memory of a container can be too small for a page.
    "--disable-dev-shm-usage",
    # Same letters on every screen.
    "--font-render-hinting=none",
)
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})
NETWORK_SCHEMES = frozenset({"http", "https", "ws", "wss"})
POLICY_WORDS = "Content Security Policy"
TIMEOUT_MILLISECONDS = 10_000


@dataclass
class Watch:
    """What one browser context did that it should not have; `problems` in the order they happened."""

    #: Scheme, host and port that may be asked; None is any port of this machine.
    origin: str | None
    tolerated: Sequence[str]
    problems: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Listen to every page of the context, those that open later too."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or POLICY_WORDS in message.text:
            self._add(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self._add(f"script error: {error.error}")

    def _on_request(self, request: Request) -> None:
        if not self._may_ask(request.url):
            self._add(f"request to another host: {request.url}")

    def _may_ask(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme not in NETWORK_SCHEMES:
            return True
        if self.origin is None:
            return parts.hostname in LOCAL_HOSTS
        return f"{parts.scheme}://{parts.netloc}" == self.origin

    def _add(self, problem: str) -> None:
        if not any(words in problem for words in self.tolerated):
            self.problems.append(problem)


class PageFactory:
    """Opens pages, each as a new person with cookies of their own, and remembers what went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: list[tuple[BrowserContext, Watch]] = []
        self._problems: list[str] = []

    def __call__(
        self,
        *,
        javascript: bool = True,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        locale: str = "en",
        base_url: str | None = None,
        tolerated: Sequence[str] = (),
    ) -> Page:
        """Return an empty page.

        With `base_url` the page may be sent to paths alone, and only that origin may be asked; without it, any port of
        this machine. A problem that contains one of the `tolerated` texts is not counted ("status of 422"). For a
        second tab of the same person use `page.context.new_page()`.
        """
        context = self._browser.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            # A picture or a contrast measured in the middle of a transition differs from run to run.
            reduced_motion="reduce",
            locale=locale,
            timezone_id="UTC",
            base_url=base_url,
        )
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        watch = Watch(origin=_origin(base_url), tolerated=tuple(tolerated))
        watch.attach(context)
        self._open.append((context, watch))
        return context.new_page()

    def close(self) -> list[str]:
        """Close all pages and return what went wrong in them, in order of opening; empty when all was well."""
        while self._open:
            context, watch = self._open.pop(0)
            # Closing waits for what the browser still has to tell.
            context.close()
            self._problems += watch.problems
        return self._problems


def _origin(base_url: str | None) -> str | None:
    if base_url is None:
        return None
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Run Chromium while inside; for use outside of tests too.

    :raise ProgramMissing: when it is not installed.
    """
    chromium = get_program(CHROMIUM)
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to work for root; only our own pages are opened.
        running = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once per process."""
    try:
        get_program(CHROMIUM)
    except ProgramMissing as problem:
        give_up(problem)
    with open_browser() as running:
        yield running


@pytest.fixture
def new_page(browser: Browser) -> Iterator[PageFactory]:
    """Opens pages: `new_page(javascript=True, width=1280, height=900, dark=False, locale="en")`."""
    factory = PageFactory(browser)
    yield factory
    factory.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail the test, not only its tearing down, when something was wrong in one of its pages."""
    factory = getattr(item, "funcargs", {}).get("new_page")
    if not isinstance(factory, PageFactory):
        yield
        return
    try:
        yield
    except BaseException:
        # What was wrong in the page is often why the test failed.
        item.add_report_section("call", "pages", "\n".join(factory.close()))
        raise
    problems = factory.close()
    if problems:
        pytest.fail("wrong in the page:\n" + "\n".join(problems), pytrace=False)
