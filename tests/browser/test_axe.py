"""Every page fits everybody: axe finds nothing, nothing scrolls sideways, thumbs and keys reach what can be done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.axe import axe_violations, report
from tests.browser.conftest import StateOf
from tests.browser.demo import Who
from tests.browser.sights import SIGHTS, Sight, sights_of, visit

pytestmark = [pytest.mark.browser, pytest.mark.once]

#: What depends on the colours; all else was checked in the light.
COLOUR_RULES = ("color-contrast", "link-in-text-block")
NARROW, PHONE, WIDE = 320, 390, 1280
TARGET = 44

OpenPage = Callable[[Who], Page]


@pytest.fixture
def open_page(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenPage]:
    """Opens a page as somebody of the demo: `open_page(who)`."""
    contexts = []

    def open_it(who: Who) -> Page:
        context = browser.new_context(
            base_url=demo,
            storage_state=state_of(who),
            viewport={"width": WIDE, "height": 900},
            reduced_motion="reduce",
        )
        contexts.append(context)
        return context.new_page()

    yield open_it
    for context in contexts:
        context.close()


@pytest.mark.parametrize("who", Who)
def test_axe_finds_nothing_in_light_and_dark(open_page: OpenPage, who: Who) -> None:
    page = open_page(who)
    found = [text for sight in sights_of(who) for text in wrong_in(page, sight)]
    assert not found, "\n\n".join(found)


def wrong_in(page: Page, sight: Sight) -> list[str]:
    """Return what axe finds on a page, as text."""
    page.emulate_media(color_scheme="light")
    visit(page, sight)
    texts = [f"{sight.name}, light\n{report(found)}" for found in [axe_violations(page)] if found]
    page.emulate_media(color_scheme="dark")
    return texts + [
        f"{sight.name}, dark\n{report(found)}" for found in [axe_violations(page, rules=COLOUR_RULES)] if found
    ]


def test_axe_finds_nothing_where_credit_is_confirmed(open_page: OpenPage) -> None:
    page = open_page(Who.MANAGER)
    visit(
        page, Sight("answer", "/boards/motors?status=in_progress&kind=idea", links=(".row h3 a", "#staff-panel a.btn"))
    )
    page.locator("label.choice", has_text="Delivered").click()
    page.locator("#f-body").fill("It is out: load firmware 5.4, and it is there without a setting.")
    page.get_by_role("button", name="Send answer").click()
    page.locator("#credits a.btn").click()
    page.locator("h1", has_text="Who helped?").wait_for()
    assert not axe_violations(page), report(axe_violations(page))


@dataclass(frozen=True)
class Fit:
    """What does not fit on the pages of somebody, as text; empty where all fits."""

    small: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    wide_with_large_text: list[str] = field(default_factory=list)


def measure(page: Page, who: Who) -> Fit:
    """Open the pages of somebody at several widths, then with letters twice as large."""
    session = page.context.new_cdp_session(page)
    fit = Fit()
    for one in sights_of(who):
        set_letters(session, 16)
        page.set_viewport_size({"width": PHONE, "height": 900})
        visit(page, one)
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        fit.small.extend(f"{one.name}: {found}" for found in page.evaluate(SMALL, TARGET))
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            fit.wide.extend([f"{one.name} on {width} px: {culprits(page)}"] if scrolls_sideways(page) else [])
        set_letters(session, 32)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        fit.wide_with_large_text.extend([f"{one.name}: {culprits(page)}"] if scrolls_sideways(page) else [])
    return fit


def set_letters(session: CDPSession, pixels: int) -> None:
    """Set the size of letters as people do in their browser: widths that are measured in letters grow with it."""
    session.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels}})


@pytest.mark.parametrize("who", Who)
def test_pages_fit_narrow_and_wide_windows_thumbs_and_letters_of_double_size(
    browser: Browser, demo: str, state_of: StateOf, who: Who
) -> None:
    context = browser.new_context(base_url=demo, storage_state=state_of(who), has_touch=True)
    fit = measure(context.new_page(), who)
    context.close()
    assert fit == Fit(), "\n".join([*fit.small, *fit.wide, *fit.wide_with_large_text])


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def culprits(page: Page) -> list[str]:
    """Return the first elements that stand out of the window."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
           .slice(0, 6).map(one => one.cloneNode(false).outerHTML.slice(0, 120))"""
    )
    return found


def sight(name: str) -> Sight:
    """Return the page of this name."""
    return next(one for one in SIGHTS if one.name == name)


@pytest.mark.parametrize("name", ["board-member", "idea-open"])
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(open_page: OpenPage, name: str) -> None:
    page = open_page(Who.CUSTOMER)
    visit(page, sight(name))
    wanted = page.evaluate(MARK_CONTROLS)
    reached: dict[str, bool] = {}
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        number, is_shown = page.evaluate(FOCUSED)
        if number is not None:
            reached[number] = reached.get(number, False) or is_shown
    missed = page.evaluate(
        "reached => [...document.querySelectorAll('[data-number]')].filter("
        "one => !reached.includes(one.dataset.number)).map(one => one.outerHTML.slice(0, 150))",
        list(reached),
    )
    assert not missed
    assert [number for number, is_shown in reached.items() if not is_shown] == []


#: Numbers all controls that can be seen; of the radio buttons of a group, Tab visits one.
MARK_CONTROLS = """() => {
  const groups = new Set();
  let count = 0;
  for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (one.disabled || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.type === 'radio') {
      const chosen = one.form.querySelector(`input[name="${one.name}"]:checked`);
      if (groups.has(one.name) || (chosen && chosen !== one)) continue;
      groups.add(one.name);
    }
    one.dataset.number = String(count++);
  }
  return count;
}"""
#: The number of the control that has the focus, and whether it, or the label around it, shows that.
FOCUSED = """() => {
  const one = document.activeElement;
  const shows = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  const seen = [one, one.closest('label')].filter(Boolean).some(shows);
  const box = one.getBoundingClientRect();
  const inWindow = box.bottom > 0 && box.top < innerHeight;
  return [one.dataset.number ?? null, seen && inWindow];
}"""


#: Buttons, and links that look like one, that are lower than wanted or narrower than half of it.
SMALL = """target => [...document.querySelectorAll('button, .btn, .act[href], summary, .tabs a, .nav a, select')]
  .filter(one => one.checkVisibility({visibilityProperty: true}))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < target - .5 || box.width < 24)
  .map(([one, box]) => `${Math.round(box.width)} x ${Math.round(box.height)} ${one.outerHTML.slice(0, 110)}`)"""
