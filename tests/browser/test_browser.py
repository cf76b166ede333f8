"""Pages in Chromium: a page that misbehaves fails its test, a good one passes, and axe sees through a strict policy."""

import hashlib
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.browser import axe
from tests.browser.axe import Place, Violation, axe_violations, report
from tests.browser.browser import PageFactory
from tests.servers.app import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.once]

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; require-trusted-types-for 'script'"
GOOD = (
    '<!doctype html><html lang="en"><title>Good</title><link rel="icon" href="/icon.png">'
    "<main><h1>Good</h1><p>All well.</p></main>{}</html>"
)
PAGES = {
    "/good": GOOD.format('<script src="/good.js"></script>'),
    "/inline-script": GOOD.format("<script>document.title = 'Bad'</script>"),
    "/inline-style": GOOD.format('<p style="color: red">Red</p>'),
    "/elsewhere": GOOD.format('<script src="http://elsewhere.example/tracker.js"></script>'),
    "/throws": GOOD.format('<script src="/throws.js"></script>'),
    "/complains": GOOD.format('<script src="/complains.js"></script>'),
    "/link": GOOD.format('<a href="/throws" target="_blank">More</a>'),
    "/no-names": '<!doctype html><html><title>None</title><link rel="icon" href="/icon.png"><main><h1>None</h1>'
    + '<img src="/icon.png">' * 7
    + "<button></button></main></html>",
}
SCRIPTS = {
    "/good.js": "document.documentElement.dataset.ran = 'yes'",
    "/throws.js": "throw new Error('broken on purpose')",
    "/complains.js": "console.error('unhappy on purpose')",
}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the pages above under a strict policy."""

    def do_GET(self) -> None:
        kind, body = self.answer()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body or b"<!doctype html><title>Nothing here</title>")

    def answer(self) -> tuple[str, bytes | None]:
        if self.path == "/icon.png":
            return "image/png", PIXEL
        if self.path in SCRIPTS:
            return "text/javascript", SCRIPTS[self.path].encode()
        page = PAGES.get(self.path)
        return "text/html; charset=utf-8", page.encode() if page is not None else None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def pages(browser: Browser) -> Iterator[PageFactory]:
    """Pages whose problems the test itself looks at."""
    factory = PageFactory(browser)
    yield factory
    factory.close()


def test_a_good_page_passes(new_page: PageFactory, site: str) -> None:
    page = new_page(base_url=site)
    page.goto("/good")
    assert page.locator("html").get_attribute("data-ran") == "yes"


def test_without_javascript_no_script_runs(new_page: PageFactory, site: str) -> None:
    page = new_page(javascript=False, base_url=site)
    page.goto("/good")
    assert page.locator("html").get_attribute("data-ran") is None


def test_a_page_has_the_size_theme_and_language_asked_for(new_page: PageFactory, site: str) -> None:
    page = new_page(width=360, height=700, dark=True, locale="de", base_url=site)
    page.goto("/good")
    seen = page.evaluate(
        "() => [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches, navigator.language]"
    )
    assert seen == [360, 700, True, "de"]
    light = new_page(base_url=site)
    light.goto("/good")
    assert light.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches") is False


def test_two_pages_are_two_persons(new_page: PageFactory, site: str) -> None:
    first, second = new_page(base_url=site), new_page(base_url=site)
    first.goto("/good")
    second.goto("/good")
    first.evaluate("() => { document.cookie = 'who=first' }")
    assert second.evaluate("() => document.cookie") == ""


def test_a_picture_of_a_page_under_a_strict_policy_is_no_problem(
    new_page: PageFactory, site: str, tmp_path: Path
) -> None:
    page = new_page(base_url=site)
    page.goto("/good")
    page.screenshot(path=tmp_path / "good.png", full_page=True)
    assert (tmp_path / "good.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/inline-script", "Content Security Policy"),
        ("/inline-style", "Content Security Policy"),
        ("/elsewhere", "request to another host: http://elsewhere.example/tracker.js"),
        ("/throws", "script error: "),
        ("/complains", "console: unhappy on purpose"),
        ("/nowhere", "status of 404"),
    ],
)
def test_what_is_wrong_in_a_page_is_told(pages: PageFactory, site: str, path: str, words: str) -> None:
    pages(base_url=site).goto(path)
    problems = pages.close()
    assert any(words in problem for problem in problems), problems


def test_an_inline_script_is_told_even_without_javascript(pages: PageFactory, site: str) -> None:
    pages(base_url=site, javascript=False).goto("/inline-style")
    assert any("Content Security Policy" in problem for problem in pages.close())


def test_a_tab_that_the_page_opens_is_watched_too(pages: PageFactory, site: str) -> None:
    page = pages(base_url=site)
    page.goto("/link")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="More").click()
    opened.value.wait_for_load_state()
    assert any("broken on purpose" in problem for problem in pages.close())


def test_another_port_is_another_host_once_the_origin_is_named(pages: PageFactory, site: str) -> None:
    page = pages(base_url="http://127.0.0.1:9", tolerated=["net::ERR"])
    page.goto(f"{site}/good")
    assert f"request to another host: {site}/good" in pages.close()


def test_names_of_other_machines_are_not_looked_up(pages: PageFactory) -> None:
    page = pages()
    with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://elsewhere.example/")


def test_a_tolerated_problem_is_not_counted(pages: PageFactory, site: str) -> None:
    pages(base_url=site, tolerated=["status of 404"]).goto("/nowhere")
    assert pages.close() == []


def test_a_problem_in_a_page_makes_its_test_fail(tmp_path: Path, site: str) -> None:
    (tmp_path / "test_inner.py").write_text(
        f"def test_complains(new_page):\n    new_page(base_url={site!r}).goto('/complains')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = [
        "-p",
        "tests.servers.plugin",
        "-p",
        "tests.browser.browser",
        "-p",
        "no:cacheprovider",
        f"--rootdir={tmp_path}",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed" in ran.stdout
    assert "unhappy on purpose" in ran.stdout


def test_axe_finds_nothing_in_a_good_page_under_a_strict_policy(new_page: PageFactory, site: str) -> None:
    page = new_page(base_url=site)
    page.goto("/good")
    assert axe_violations(page) == []


def test_axe_can_look_twice_at_one_page(new_page: PageFactory, site: str) -> None:
    page = new_page(base_url=site)
    page.goto("/no-names")
    assert axe_violations(page) == axe_violations(page) != []


def test_axe_names_rule_place_and_help(new_page: PageFactory, site: str) -> None:
    page = new_page(base_url=site)
    page.goto("/no-names")
    violations = axe_violations(page)
    by_rule = {violation.rule: violation for violation in violations}
    assert {"image-alt", "button-name", "html-has-lang"} <= by_rule.keys()
    assert len(by_rule["image-alt"].places) == 7
    assert by_rule["button-name"].places[0].html == "<button></button>"
    assert by_rule["button-name"].impact == "critical"
    text = report(violations)
    assert "image-alt (critical)" in text
    assert "7 places" in text
    assert "and 2 more" in text
    assert "https://dequeuniversity.com/rules/axe/" in text


def test_the_report_reads_as_one_paragraph_a_rule() -> None:
    place = Place(selector="main > button", html="<button></button>", summary="Fix any of the following:\n  No text")
    violation = Violation(
        rule="button-name",
        impact="critical",
        help="Buttons must have text",
        help_url="https://help.example",
        places=(place,),
    )
    assert report([violation]).splitlines() == [
        "button-name (critical): Buttons must have text, 1 place",
        "  https://help.example",
        "  main > button",
        "    <button></button>",
        "    Fix any of the following:",
        "      No text",
    ]
    assert report([]) == ""


def test_axe_is_the_file_that_the_vendor_list_names() -> None:
    checksum = hashlib.sha256(axe.AXE.read_bytes()).hexdigest()
    assert checksum == axe.AXE_SHA256
    assert checksum in axe.AXE.with_name("README.md").read_text()
