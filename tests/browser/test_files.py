"""Files in a real browser: picked, dropped and pasted into a text, refused with words, and without script too."""

import base64
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe_violations, report
from tests.browser.browser import Watch
from tests.browser.conftest import StateOf
from tests.browser.demo import Who
from tests.factories.attachments import make_picture

pytestmark = [pytest.mark.browser, pytest.mark.once]

PROPOSE = "/propose?board=motors&title=A+quieter+motor+for+the+night"
NARROW = 320
#: Puts a file onto an element as a hand would, by dropping it there or by pasting it.
HAND_OVER = """([selector, way, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], `${way}.png`, { type: "image/png" }));
  const place = document.querySelector(selector);
  const options = { bubbles: true, cancelable: true };
  place.dispatchEvent(
    way === "paste"
      ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
      : new DragEvent("drop", { ...options, dataTransfer: transfer }),
  );
}"""
REFUSED = ("status of 422", "status of 503")

OpenForm = Callable[..., Page]


@pytest.fixture
def open_form(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenForm]:
    """Opens the form of a new idea as a customer; nothing may be refused by the page's policy meanwhile."""
    contexts, watch = [], Watch(demo, REFUSED)

    def open_it(*, width: int = 1_280, scripts: bool = True, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=demo,
            storage_state=state_of(Who.CUSTOMER),
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        watch.attach(context)
        contexts.append(context)
        page = context.new_page()
        page.goto(PROPOSE)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert watch.problems == []


def picture(name: str = "The motor.png") -> dict[str, object]:
    return {"name": name, "mimeType": "image/png", "buffer": make_picture(width=800, height=500)}


def pick(page: Page, *files: dict[str, object]) -> None:
    page.locator("#f-body-file").set_input_files(list(files))  # type: ignore[arg-type]


def publish(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Publish").click()


def is_drawn(page: Page, words: str) -> bool:
    """Whether the picture with these words has come, and is as large as the page has room for."""
    shown = page.get_by_role("img", name=words)
    shown.scroll_into_view_if_needed()
    shown.evaluate("image => image.decode()")
    return bool(shown.evaluate("image => image.naturalWidth > 0 && image.clientWidth <= innerWidth"))


def test_a_picked_picture_is_in_the_text_and_then_on_the_page(open_form: OpenForm) -> None:
    page = open_form()
    field = page.locator("#f-body")
    field.fill("It wakes the neighbours.")
    page.get_by_text("Add a picture or a file").focus()
    pick(page, picture(), {"name": "log.txt", "mimeType": "text/plain", "buffer": b"12:00 too loud\n"})
    expect(page.locator(".files-bar [role=status]")).to_contain_text("log.txt is in your text")
    in_order = r"It wakes the neighbours\.\n!\[The motor\]\(/files/[^)\s]+\)\n\[log\.txt\]\(/files/[^)\s]+\)\n"
    assert re.fullmatch(in_order, field.input_value())
    assert axe_violations(page) == [], report(axe_violations(page))
    publish(page)
    assert is_drawn(page, "The motor")
    with page.expect_download() as saved:
        page.get_by_role("link", name="log.txt").click()
    assert saved.value.suggested_filename == "log.txt"


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_that_is_dropped_or_pasted_is_in_the_text(open_form: OpenForm, way: str) -> None:
    page = open_form(width=NARROW)
    page.evaluate(HAND_OVER, ["#f-body", way, base64.b64encode(make_picture()).decode()])
    expect(page.locator(".files-bar [role=status]")).to_contain_text(f"{way}.png is in your text")
    assert f"![{way}](/files/" in page.locator("#f-body").input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


@pytest.mark.parametrize(("caret", "line"), [(3, 1), (len("First."), 1), (len("First.\n"), 2), (0, 1)])
def test_a_file_goes_beneath_the_line_in_which_one_writes(open_form: OpenForm, caret: int, line: int) -> None:
    page = open_form()
    field = page.locator("#f-body")
    field.fill("First.\nSecond.\n\nLast.")
    field.evaluate("(field, caret) => field.setSelectionRange(caret, caret)", caret)
    pick(page, picture())
    expect(page.locator(".files-bar [role=status]")).to_contain_text("is in your text")
    lines = field.input_value().split("\n")
    assert lines.pop(line).startswith("![The motor](/files/")
    assert lines == ["First.", "Second.", "", "Last."]


def test_one_goes_on_typing_what_the_picture_shows(open_form: OpenForm) -> None:
    page = open_form()
    pick(page, picture())
    expect(page.locator(".files-bar [role=status]")).to_contain_text("is in your text")
    page.locator("#f-body").focus()
    page.keyboard.type("Our motor, at night")
    assert page.locator("#f-body").input_value().startswith("![Our motor, at night](/files/")


def test_what_is_refused_is_said_and_the_text_is_left_alone(open_form: OpenForm) -> None:
    page = open_form()
    page.locator("#f-body").fill("Words.")
    pick(page, {"name": "drawing.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    expect(page.locator(".files-bar [role=status]")).to_contain_text("scripts")
    pick(page, {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"0" * 10_000_001})
    expect(page.locator(".files-bar [role=status]")).to_contain_text("too large")
    assert page.locator("#f-body").input_value() == "Words."


def test_without_script_the_form_comes_back_with_the_line_and_is_then_published(open_form: OpenForm) -> None:
    page = open_form(scripts=False, width=NARROW)
    page.locator("#f-body").fill("It wakes the neighbours.")
    pick(page, picture())
    page.get_by_label("What does it show?").fill("Our motor")
    publish(page)
    assert "![Our motor](/files/" in page.locator("#f-body").input_value()
    assert page.locator("#f-title").input_value() == "A quieter motor for the night"
    publish(page)
    page.get_by_role("img", name="Our motor").scroll_into_view_if_needed()
    expect(page.get_by_role("img", name="Our motor")).to_be_visible()
