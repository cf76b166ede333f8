"""Three stories of people who make something better together, each with and without JavaScript.

A change proposed, discussed, accepted and credited; a problem whose fix did not last; a merge that was a mistake.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Page, expect

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.boards.models import Board
from ideas.core import schema
from ideas.core.db import session, transaction
from ideas.core.settings import read_settings
from ideas.ideation.models import Kind
from tests.conftest import NewDatabase
from tests.factories import make_admin, make_board, make_idea, make_member, make_staff, prepare_site
from tests.journeys.people import PASSWORD, Person
from tests.servers.app import AppServer, serve_app

pytestmark = [pytest.mark.browser, pytest.mark.once]

NewPage = Callable[..., Page]
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
NAMES = ("Ana Alvarez", "Ben Baker", "Cleo Costa", "Mara Manager")
PANNIERS, BAGS, LEAK = "Panniers that lock to the rack", "Bags that cannot be taken off", "The bottle leaks in the bag"


@dataclass
class Place:
    """A served site, and where three texts of Ana's stand."""

    server: AppServer
    emails: dict[str, str]
    paths: dict[str, str]


@pytest.fixture
def place(new_database: NewDatabase, tmp_path: Path) -> Iterator[Place]:
    """One board with two ideas and a problem; a fourth idea is noise."""
    env = {"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path / "var")}
    app = create_app(read_settings(env))
    with app.app_context():
        schema.migrate()
        prepare_site()
        make_admin()
        ana, ben, cleo = (_with_password(app, make_member(name)) for name in NAMES[:3])
        mara = _with_password(app, make_staff(NAMES[3]))
        board = make_board("Bicycle bags", owner=mara)
        make_idea(board, title="A colour that is seen at night", author=cleo)
        paths = {
            PANNIERS: _published(board, ana, PANNIERS, Kind.IDEA),
            BAGS: _published(board, ben, BAGS, Kind.IDEA),
            LEAK: _published(board, ana, LEAK, Kind.PROBLEM),
        }
        emails = {one.name: str(one.email) for one in (ana, ben, cleo, mara)}
        session().close()
    with serve_app(env) as server:
        yield Place(server, emails, paths)


def _published(board: Board, author: Member, title: str, kind: Kind) -> str:
    body = "They fall off on cobbles.\n\nA small key would do."
    return f"/ideas/{make_idea(board, title=title, author=author, kind=kind, body=body).public_id}"


def _with_password(app: Flask, member: Member) -> Member:
    with app.test_request_context(), transaction():
        session().merge(member).password = hash_password(PASSWORD)
    return member


@pytest.fixture
def come(place: Place, new_page: NewPage) -> Callable[[str, bool], Person]:
    """Let somebody come to the site with a browser of their own, signed in."""

    def arrive(name: str, javascript: bool) -> Person:
        person = Person(new_page(javascript=javascript, base_url=place.server.url), place.server.url)
        person.sign_in(place.emails[name])
        return person

    return arrive


Come = Callable[[str, bool], Person]


@both_ways
def test_a_change_is_proposed_discussed_accepted_and_credited(place: Place, come: Come, javascript: bool) -> None:
    ana, ben, cleo, mara = (come(name, javascript) for name in NAMES)
    idea = place.paths[PANNIERS]
    amendment = _propose_change(ben, idea)
    _support_and_discuss(cleo, amendment)
    _accept(ana, idea, amendment)
    _say_yes_to_being_named(ben, idea)
    _deliver(mara, idea)
    mara.follow("Confirm credit")
    mara.sees("Ben Baker")
    mara.press("Confirm credit")
    expect(mara.page.locator("#credits")).to_contain_text("Ben Baker")


def _propose_change(ben: Person, idea: str) -> str:
    ben.open(idea)
    ben.follow("Propose a change")
    body = ben.page.get_by_label("Text").first
    expect(body).to_have_value("They fall off on cobbles.\n\nA small key would do.")
    body.fill("They fall off on cobbles.\n\nA small key, the same for both sides, would do.")
    ben.write("Why is it better like this?", "Two keys are one too many.")
    ben.press("Look at what it changes")
    expect(ben.page.locator("ins").first).to_contain_text("the same for both sides")
    ben.press("Propose this change")
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("Proposed change")
    return ben.path


def _support_and_discuss(cleo: Person, amendment: str) -> None:
    cleo.open(amendment)
    cleo.press("I want this too")
    cleo.sees("1 person wants this")
    cleo.write("Add to the discussion", "One key for the whole bicycle, please.")
    cleo.press("Post comment")
    cleo.sees("One key for the whole bicycle, please.")


def _accept(ana: Person, idea: str, amendment: str) -> None:
    ana.open(idea)
    ana.follow("Two keys are one too many.")
    assert ana.path == amendment
    ana.sees("One key for the whole bicycle, please.")
    ana.press("Accept it")
    ana.open(idea)
    ana.sees("A small key, the same for both sides, would do.")
    ana.open(f"{idea}/versions")
    expect(ana.page.get_by_role("main")).to_contain_text("Ben Baker")


def _say_yes_to_being_named(ben: Person, idea: str) -> None:
    ben.open("/me/asked")
    ben.follow(PANNIERS)
    ben.open(f"{idea}/authors")
    ben.press("Yes", exact=False)
    expect(ben.page.get_by_role("main")).to_contain_text("author since")
    ben.open(idea)
    expect(ben.page.locator("#authors")).to_contain_text("Ben Baker")


def _deliver(mara: Person, idea: str) -> None:
    mara.open(idea)
    mara.follow("Answer")
    mara.page.get_by_role("radio", name="Delivered", exact=True).check()
    mara.write("Message to", "In the shops since Monday.")
    mara.press("Send answer")
    mara.sees("In the shops since Monday.")
    mara.open(idea)


@both_ways
def test_of_three_fixes_one_is_chosen_delivered_confirmed_and_did_not_last(
    place: Place, come: Come, javascript: bool
) -> None:
    ana, ben, cleo, mara = (come(name, javascript) for name in NAMES)
    problem = place.paths[LEAK]
    for person in (ben, cleo):
        person.open(problem)
        person.press("This hits me too")
        person.sees("Press again to take it back.")
    for person, title in ((ana, "A longer thread"), (ben, "A second ring"), (cleo, "A drop of wax")):
        _propose_fix(person, problem, f"{title} on the bottle")
    _choose(mara, problem, "A second ring on the bottle")
    _deliver(mara, problem)
    _confirm(ben, problem)
    _say_not_fixed(cleo, problem)
    mara.open(problem)
    expect(mara.page.locator("#standing")).not_to_contain_text("Delivered")
    expect(mara.page.get_by_role("main")).to_contain_text("It drips when it lies on its side.")


def _propose_fix(person: Person, problem: str, title: str) -> None:
    person.open(problem)
    person.follow("Propose")
    if "/fixes/new" not in person.page.url:
        person.open(f"{problem}/fixes/new")
    person.write("What should be done", title)
    person.write("How does it work", "It keeps the water where it belongs.")
    person.press("Propose this fix")
    person.sees(title)


def _choose(mara: Person, problem: str, title: str) -> None:
    mara.open(problem)
    chosen = mara.page.locator("#fixes article, #fixes .fix").filter(has_text=title).first
    chosen.get_by_text("Choose this fix").first.click()
    chosen.get_by_label("Why this one?").fill("Rings are in the store already.")
    chosen.get_by_role("button", name="Choose this fix").click()
    mara.sees("Rings are in the store already.")


def _confirm(ben: Person, problem: str) -> None:
    ben.open("/me/asked")
    ben.sees(LEAK)
    ben.open(problem)
    ben.press("Fixed for me")
    ben.sees("You said “fixed for me”.")


def _say_not_fixed(cleo: Person, problem: str) -> None:
    cleo.open(problem)
    cleo.write("What do you see now?", "It drips when it lies on its side.")
    cleo.press("Not fixed")
    # The page says beforehand when it would be open again, so only the thanks tell that it is.
    cleo.sees("Thank you. The problem is open again.")


@both_ways
def test_a_merge_carries_voices_lets_them_stay_and_is_undone(place: Place, come: Come, javascript: bool) -> None:
    ana, ben, cleo, mara = (come(name, javascript) for name in NAMES)
    origin, target = place.paths[BAGS], place.paths[PANNIERS]
    for path in (origin, target):
        cleo.open(path)
        cleo.press("Support this idea")
        cleo.sees("Press again to take it back.")
    _merge(mara, origin, target)
    # Ana, Ben and Cleo; Cleo stands on both sides and counts once.
    _counts(ana, target, "3")
    _stay_behind(ben, origin)
    _counts(ana, target, "2")
    mara.open(origin)
    mara.follow("Why, and what you can do")
    mara.write("Why it is undone", "Ben means something else.")
    mara.press("Undo the merge")
    _counts(ana, target, "2")
    _counts(ana, origin, "2")
    ana.sees("Support this idea")


def _merge(mara: Person, origin: str, target: str) -> None:
    mara.open(origin)
    mara.follow("Merge")
    mara.follow(PANNIERS)
    mara.sees("What will happen")
    expect(mara.page.locator(".merge-effects")).to_contain_text("3")
    mara.write("Why", "Both ask for bags that stay where they are.")
    mara.press("Merge them")
    mara.open(origin)
    mara.sees("Merged into:")
    mara.open(target)
    expect(mara.page.locator("#lineage")).to_contain_text("Ben Baker")


def _stay_behind(ben: Person, origin: str) -> None:
    ben.open("/me/notifications")
    ben.open(origin)
    ben.follow("Why, and what you can do")
    ben.press("Do not carry it over")
    ben.sees("It stays where you gave it")


def _counts(person: Person, path: str, people: str) -> None:
    person.open(path)
    expect(person.page.locator(".support-count").first).to_contain_text(people)
