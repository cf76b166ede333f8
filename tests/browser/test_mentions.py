"""Completing handles in a real browser: by keyboard, by pointer, on a small screen, and not at all without script."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import axe_violations, report
from tests.browser.browser import Watch
from tests.browser.conftest import StateOf
from tests.browser.demo import Who
from tests.browser.sights import Sight, visit

pytestmark = [pytest.mark.browser, pytest.mark.once]

IDEA = Sight("idea", "/boards/motors?order=supported", Who.CUSTOMER, (".row h3 a",))
#: On a textarea the list is tied to the field by a role that WCAG allows and this best practice frowns upon.
ROLE = "aria-allowed-role"
SCRIPTS = 25 * 1_024
#: What completes handles and takes files, in every field of a text that others are to read.
FOR_FIELDS = [
    "vendor/text-expander-element/bundle.min",
    "js/mentions",
    "vendor/file-attachment-element/index.min",
    "js/files",
]
NARROW = 320

OpenIdea = Callable[..., Page]


@pytest.fixture
def open_idea(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenIdea]:
    """Opens the idea with the most supports as a customer; nothing may be refused by the page's policy meanwhile."""
    contexts, watch = [], Watch(demo, ())

    def open_it(*, width: int = 1_280, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=demo,
            storage_state=state_of(Who.CUSTOMER),
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
        )
        watch.attach(context)
        contexts.append(context)
        page = context.new_page()
        visit(page, IDEA)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert watch.problems == []


def field_of(page: Page) -> Locator:
    return page.locator("#comment-form textarea")


def options_of(page: Page) -> Locator:
    return page.locator("#comment-form [role=listbox] [role=option]")


def handles(page: Page) -> list[str]:
    return [str(option.get_attribute("data-value")) for option in options_of(page).all()]


def chosen(page: Page) -> str:
    """The handle of the option that is chosen, as a screen reader is told of it."""
    option = page.locator(f"[id='{field_of(page).get_attribute('aria-activedescendant')}']")
    expect(option).to_have_attribute("aria-selected", "true")
    return str(option.get_attribute("data-value"))


def type_at(page: Page, text: str) -> None:
    field_of(page).press_sequentially(text)
    expect(options_of(page).first).to_be_visible()


def test_a_handle_is_chosen_by_arrows_and_taken_by_enter_or_tab(open_idea: OpenIdea) -> None:
    page = open_idea()
    type_at(page, "Thanks @")
    first, second, *_others = handles(page)
    expect(field_of(page)).to_have_attribute("role", "combobox")
    expect(field_of(page)).to_have_attribute("aria-expanded", "true")
    assert chosen(page) == first
    page.keyboard.press("ArrowDown")
    assert chosen(page) == second
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field_of(page)).to_have_value(f"Thanks {second} ")
    expect(field_of(page)).to_be_focused()
    expect(options_of(page)).to_have_count(0)
    type_at(page, f"and {first[:3]}")
    assert chosen(page) in handles(page)
    taken = chosen(page)
    page.keyboard.press("Tab")
    expect(field_of(page)).to_have_value(f"Thanks {second} and {taken} ")
    expect(field_of(page)).to_be_focused()


def test_escape_leaves_what_was_typed_and_enter_is_a_line_again(open_idea: OpenIdea) -> None:
    page = open_idea()
    type_at(page, "@")
    page.keyboard.press("Escape")
    expect(options_of(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(field_of(page)).to_have_value("@\n")
    field_of(page).press_sequentially("@zzzz")
    page.wait_for_timeout(500)
    expect(options_of(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(field_of(page)).to_have_value("@\n@zzzz\n")


def test_who_was_chosen_is_linked_in_the_comment(open_idea: OpenIdea) -> None:
    page = open_idea()
    type_at(page, "I agree with @")
    options_of(page).nth(1).click()
    typed = field_of(page).input_value()
    found = re.fullmatch(r"I agree with (@[a-z0-9]+) ", typed)
    assert found
    page.get_by_role("button", name="Post comment").click()
    link = page.locator(".thread .talk a", has_text=found[1]).last
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url(f"**/people/{found[1][1:]}")


def test_the_list_fits_a_small_screen_in_both_colours_and_axe_finds_nothing(open_idea: OpenIdea) -> None:
    page = open_idea(width=NARROW)
    type_at(page, "This is a line that is long enough to reach the edge, @")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        box = page.locator("[role=listbox]").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW
        found = [one for one in axe_violations(page) if one.rule != ROLE]
        assert not found, report(found)


def test_scripts_of_an_idea_stay_within_the_budget_and_other_pages_load_none_of_these(open_idea: OpenIdea) -> None:
    page = open_idea()
    scripts = [str(script.get_attribute("src")) for script in page.locator("script").all()]
    names = [re.sub(r"\.[0-9a-f]{12}\.js$", "", script.removeprefix("/assets/")) for script in scripts]
    assert names == ["vendor/htmx/htmx.min", "js/ideas", *FOR_FIELDS]
    assert 0 < sum(weight(page, script) for script in scripts) <= SCRIPTS
    page.goto("/boards/motors")
    assert page.locator("script").count() == 2


def weight(page: Page, address: str) -> int:
    """How many bytes come over the line for a file."""
    answer = page.request.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    return int(answer.headers["content-length"])


def test_without_script_a_handle_that_is_typed_is_linked(open_idea: OpenIdea) -> None:
    with_script = open_idea()
    type_at(with_script, "@")
    handle = handles(with_script)[0]
    page = open_idea(scripts=False)
    field_of(page).fill(f"Without any script: {handle}.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".thread .talk", has_text="Without any script").locator("a")).to_have_text(handle)
