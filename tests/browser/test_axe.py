"""Every page fits everybody: axe finds nothing, nothing scrolls sideways, thumbs and keys reach what can be done."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import axe_violations, report
from tests.browser.conftest import StateOf
from tests.browser.demo import Who
from tests.browser.sights import SIGHTS, Sight, sights_of, visit

pytestmark = [pytest.mark.browser, pytest.mark.once]

#: What depends on the colours; all else was checked in the light.
COLOUR_RULES = ("color-contrast", "link-in-text-block")
NARROW, WIDE = 320, 1280
TARGET = 44

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, demo: str, state_of: StateOf) -> Iterator[OpenPage]:
    """Opens a page as somebody of the demo: `open_page(who, width=1280, has_touch=False)`."""
    contexts = []

    def open_it(who: Who, *, width: int = WIDE, has_touch: bool = False) -> Page:
        context = browser.new_context(
            base_url=demo,
            storage_state=state_of(who),
            viewport={"width": width, "height": 900},
            has_touch=has_touch,
            is_mobile=has_touch,
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


@pytest.mark.parametrize("who", Who)
def test_no_page_scrolls_sideways_on_the_narrowest_phone_or_a_wide_screen(open_page: OpenPage, who: Who) -> None:
    page = open_page(who)
    wide = []
    for sight in sights_of(who):
        page.set_viewport_size({"width": NARROW, "height": 900})
        visit(page, sight)
        wide += [f"{sight.name} on {NARROW} px: {culprits(page)}"] if scrolls_sideways(page) else []
        page.set_viewport_size({"width": WIDE, "height": 900})
        wide += [f"{sight.name} on {WIDE} px: {culprits(page)}"] if scrolls_sideways(page) else []
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("who", Who)
def test_no_page_scrolls_sideways_with_text_of_double_size(open_page: OpenPage, who: Who) -> None:
    page = open_page(who)
    # As set in the browser: widths that are measured in letters grow with it.
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    wide = []
    for sight in sights_of(who):
        visit(page, sight)
        wide += [f"{sight.name}: {culprits(page)}"] if scrolls_sideways(page) else []
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert not wide, "\n".join(wide)


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


@pytest.mark.parametrize("who", Who)
def test_buttons_are_large_enough_for_a_thumb(open_page: OpenPage, who: Who) -> None:
    page = open_page(who, width=390, has_touch=True)
    small = []
    for one in sights_of(who):
        visit(page, one)
        small += [f"{one.name}: {found}" for found in page.evaluate(SMALL, TARGET)]
    assert not small, "\n".join(small)


#: Buttons, and links that look like one, that are lower than wanted or narrower than half of it.
SMALL = """target => [...document.querySelectorAll('button, .btn, .act[href], summary, .tabs a, .nav a, select')]
  .filter(one => one.checkVisibility({visibilityProperty: true}))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < target - .5 || box.width < 24)
  .map(([one, box]) => `${Math.round(box.width)} x ${Math.round(box.height)} ${one.outerHTML.slice(0, 110)}`)"""
