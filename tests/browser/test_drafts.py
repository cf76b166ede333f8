"""What somebody has begun to write stays in the browser until it is sent, and goes with whoever wrote it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import StateOf
from tests.browser.demo import Who, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.once]

OpenPage = Callable[[Who], Page]
ROWS = ".lane-item h2 a"
ANSWER = "#respond-form textarea[name=body]"
KEPT = "Object.keys(sessionStorage).filter(key => key.startsWith('draft:')).length"


@pytest.fixture
def open_page(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenPage]:
    """Opens a page as somebody of the demo, in a tab of its own."""
    contexts = []

    def open_it(who: Who) -> Page:
        contexts.append(browser.new_context(base_url=demo, storage_state=state_of(who)))
        return contexts[-1].new_page()

    yield open_it
    for context in contexts:
        context.close()


def open_row(page: Page, number: int) -> None:
    """Open a row of the desk and wait for its form."""
    row = page.locator(ROWS).nth(number)
    title = row.inner_text()
    row.click()
    expect(page.locator("#desk-panel .panel-title")).to_have_text(title)
    expect(page.locator(ANSWER)).to_be_visible()


def wait_for_kept(page: Page, count: int) -> None:
    """Wait until the tab keeps so many drafts; asked from outside, as the page's policy forbids to evaluate inside."""
    for _try in range(100):
        if page.evaluate(KEPT) == count:
            return
        page.wait_for_timeout(50)
    assert page.evaluate(KEPT) == count


def test_a_half_written_answer_is_there_again_after_looking_at_another_row(open_page: OpenPage) -> None:
    page = open_page(Who.MANAGER)
    page.goto("/desk", wait_until="networkidle")
    open_row(page, 0)
    page.locator(ANSWER).fill("We have begun to look into this and")
    page.locator("#respond-form input[name=status]").nth(1).check()
    open_row(page, 1)
    expect(page.locator(ANSWER)).to_have_value("")
    open_row(page, 0)
    expect(page.locator(ANSWER)).to_have_value("We have begun to look into this and")
    expect(page.locator("#respond-form input[name=status]").nth(1)).to_be_checked()
    page.reload(wait_until="networkidle")
    expect(page.locator(ANSWER)).to_have_value("We have begun to look into this and")


def test_a_note_that_was_kept_leaves_no_draft_behind(open_page: OpenPage) -> None:
    page = open_page(Who.MANAGER)
    page.goto("/desk", wait_until="networkidle")
    open_row(page, 0)
    note = page.locator("#notes textarea[name=note]")
    note.fill("Ask the workshop first.")
    wait_for_kept(page, 1)
    page.locator("#note-key").click()
    expect(page.locator("#notes .note").last).to_contain_text("Ask the workshop first.")
    expect(note).to_have_value("")
    wait_for_kept(page, 0)


def test_a_proposal_survives_leaving_the_page_and_its_preview_and_is_forgotten_when_published(
    open_page: OpenPage,
) -> None:
    page = open_page(Who.CUSTOMER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    page.locator("#f-title").fill("A lamp that shows the charge")
    page.locator("#f-body").fill("So that one sees it from the pier.")
    page.goto("/boards")
    page.goto("/propose?board=motors", wait_until="networkidle")
    expect(page.locator("#f-title")).to_have_value("A lamp that shows the charge")
    expect(page.locator("#f-body")).to_have_value("So that one sees it from the pier.")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()
    wait_for_kept(page, 1)
    page.get_by_role("button", name="Publish").click()
    page.locator("#support-box").wait_for()
    wait_for_kept(page, 0)
    page.goto("/propose?board=motors", wait_until="networkidle")
    expect(page.locator("#f-title")).to_have_value("")


def test_a_comment_refused_for_want_of_a_session_is_there_again_after_signing_in(open_page: OpenPage) -> None:
    page = open_page(Who.CUSTOMER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    page.locator("#f-title").fill("A cover for the plug at sea")
    page.locator("#f-body").fill("Salt gets into it.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="This was not sent").wait_for()
    sign_in(page.context, Who.CUSTOMER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    expect(page.locator("#f-body")).to_have_value("Salt gets into it.")


def test_drafts_are_not_shown_to_somebody_else_and_go_when_signing_out(open_page: OpenPage) -> None:
    page = open_page(Who.CUSTOMER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    page.locator("#f-body").fill("Only mine so far.")
    page.context.clear_cookies()
    sign_in(page.context, Who.MANAGER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    expect(page.locator("#f-body")).to_have_value("")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    wait_for_kept(page, 0)
