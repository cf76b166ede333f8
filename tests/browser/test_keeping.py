"""What somebody types into a proposal is kept on the server by itself, and nothing of it is lost on the way."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import StateOf
from tests.browser.demo import Who, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.once]

OpenPage = Callable[..., Page]
KEPT = re.compile("Kept as a draft")
TITLE, BODY, LINE = "#f-title", "#f-body", "[data-kept]"


@pytest.fixture
def open_page(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenPage]:
    """Opens a browser of the demo's customer, with nothing in its storage; `is_plain`: without script."""
    contexts = []

    def open_it(*, is_plain: bool = False) -> Page:
        state = state_of(Who.CUSTOMER)
        contexts.append(browser.new_context(base_url=demo, storage_state=state, java_script_enabled=not is_plain))
        return contexts[-1].new_page()

    yield open_it
    for context in contexts:
        context.close()


def begin(page: Page, title: str, body: str) -> None:
    page.goto("/propose?board=motors", wait_until="networkidle")
    page.locator(TITLE).fill(title)
    page.locator(BODY).fill(body)


def open_draft(page: Page, title: str) -> None:
    page.goto("/me/drafts")
    page.get_by_role("link", name=title).click()
    page.wait_for_load_state("networkidle")


def test_what_is_typed_is_found_in_another_browser(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "A mooring that calls for help", "So that nobody drifts.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    other = open_page()
    open_draft(other, "A mooring that calls for help")
    expect(other.locator(BODY)).to_have_value("So that nobody drifts.")
    other.locator(BODY).press_sequentially(" At night.")
    expect(other.locator(LINE)).to_have_text(KEPT)


def test_what_two_browsers_write_is_shown_side_by_side_and_none_is_overwritten(open_page: OpenPage) -> None:
    first, second = open_page(), open_page()
    begin(first, "A bell for the harbour in fog", "It rings.")
    expect(first.locator(LINE)).to_have_text(KEPT)
    open_draft(second, "A bell for the harbour in fog")
    second.locator(BODY).fill("It rings twice.")
    expect(second.locator(LINE)).to_have_text(KEPT)
    first.locator(BODY).fill("It rings three times.")
    expect(first.locator(LINE)).to_contain_text("Nothing was overwritten")
    first.get_by_role("button", name="Keep as draft").click()
    first.get_by_text("Two versions").wait_for()
    expect(first.locator(BODY)).to_have_value("It rings three times.")
    expect(first.locator("#f-now")).to_have_value("It rings twice.")
    first.get_by_role("button", name="Keep as draft").click()
    first.get_by_text("It is kept as a draft").wait_for()
    second.reload(wait_until="networkidle")
    expect(second.locator(BODY)).to_have_value("It rings three times.")


def test_nothing_typed_is_lost_when_the_session_ends(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "A winch that does not squeak", "First part.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    page.context.clear_cookies()
    page.locator(BODY).fill("First part. Second part.")
    expect(page.locator(LINE)).to_contain_text("not signed in any more")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="This was not sent").wait_for()
    sign_in(page.context, Who.CUSTOMER)
    page.goto("/propose?board=motors", wait_until="networkidle")
    expect(page.locator(BODY)).to_have_value("First part. Second part.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    other = open_page()
    open_draft(other, "A winch that does not squeak")
    expect(other.locator(BODY)).to_have_value("First part. Second part.")


def test_what_did_not_arrive_comes_back_on_the_page_of_its_draft(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "A rudder with a handle", "What arrived.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    page.route("**/me/drafts/keep", lambda route: route.abort())
    page.locator(BODY).fill("What arrived. And what did not.")
    expect(page.locator(LINE)).to_contain_text("no connection")
    page.goto("/me/drafts")
    page.unroute("**/me/drafts/keep")
    open_draft(page, "A rudder with a handle")
    expect(page.locator(BODY)).to_have_value("What arrived. And what did not.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    page.reload(wait_until="networkidle")
    expect(page.locator(BODY)).to_have_value("What arrived. And what did not.")


def test_what_is_published_at_once_leaves_no_draft_behind(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "A hook for the wet gloves", "They drip on the seat.")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="A hook for the wet gloves", level=1).wait_for()
    page.goto("/me/drafts", wait_until="networkidle")
    expect(page.get_by_role("main")).not_to_contain_text("A hook for the wet gloves")


def test_publishing_right_after_the_last_key_takes_all_of_it(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "A lantern that floats by itself", "It falls in.")
    expect(page.locator(LINE)).to_have_text(KEPT)
    page.locator(BODY).press_sequentially(" It comes up again.")
    page.get_by_role("button", name="Publish").click()
    page.locator("#support-box").wait_for()
    expect(page.locator(".idea-text")).to_have_text("It falls in. It comes up again.")
    page.goto("/me/drafts")
    expect(page.get_by_role("link", name="A lantern that floats by itself")).to_have_count(0)


def test_a_draft_is_kept_and_taken_up_again_without_script(open_page: OpenPage) -> None:
    page = open_page(is_plain=True)
    page.goto("/propose?board=motors")
    page.locator(TITLE).fill("A boathook of two parts")
    page.get_by_role("button", name="Keep as draft").click()
    page.get_by_text("It is kept as a draft").wait_for()
    page.goto("/me/drafts")
    page.get_by_role("link", name="A boathook of two parts").click()
    page.locator(BODY).fill("It fits into the locker.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".idea-text")).to_have_text("It fits into the locker.")
