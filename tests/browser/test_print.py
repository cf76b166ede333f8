"""What comes out on paper."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import StateOf
from tests.browser.demo import Who

pytestmark = [pytest.mark.browser, pytest.mark.once]


def open_problem_with_fix(page: Page) -> None:
    """Open a problem of the demo with a fix that takes support."""
    for board in ("motors", "harbour", "helm"):
        page.goto(f"/boards/{board}?kind=problem")
        for url in page.locator(".row h3 a").evaluate_all("links => links.map(link => link.href)"):
            page.goto(url)
            if page.locator(".fix button.support").count():
                return
    raise LookupError("the demo has no open fix")


def test_the_supports_of_open_fixes_are_printed_and_their_keys_are_not(
    browser: Browser, demo: str, state_of: StateOf
) -> None:
    context = browser.new_context(base_url=demo, storage_state=state_of(Who.CUSTOMER))
    page = context.new_page()
    open_problem_with_fix(page)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator(".fix button.support").first.click()
    page.locator(".fix button.support[aria-pressed=true]").first.wait_for()
    page.emulate_media(media="print")
    counts = page.locator(".fix .support [data-count]")
    assert counts.count()
    ink = page.locator("body").evaluate("body => getComputedStyle(body).color")
    for count in counts.all():
        expect(count).to_be_visible()
        # White letters for the filled key would be lost on paper, where it is not filled.
        assert count.evaluate("count => getComputedStyle(count).color") == ink
    for label in page.locator(".fix .support .label").all():
        expect(label).to_be_hidden()
    context.close()
