"""Keeping what is typed: whole, for its writer alone, and never over what somebody else wrote."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.drafting import services
from ideas.drafting.models import Draft, DraftVersion
from ideas.drafting.queries import count_drafts, find_draft, get_draft, is_writer, list_drafts, list_versions
from ideas.drafting.services import ONE_VERSION, UNSAVED, discard_draft, drop_abandoned, keep_draft
from ideas.ideation.models import BODY_MAX
from tests.factories import actor_of, make_admin, make_member, reload
from tests.factories.authors import make_draft, typed_words
from tests.factories.world import ROOT


def keep(draft: Draft, member: object, body: str, *, seen: int | None = None) -> Draft:
    with transaction():
        number = draft.number if seen is None else seen
        return keep_draft(actor_of(member), draft.public_id, typed_words(body=body), seen=number)  # type: ignore[arg-type]


def test_what_is_typed_is_kept_as_it_is_fit_for_publishing_or_not(app: Flask) -> None:
    member = make_member()
    draft = make_draft(member, words=typed_words("Hm", "", tags="sea, salt"))
    found = get_draft(actor_of(member), draft.public_id)
    assert (found.title, found.body, found.tags, found.number) == ("Hm", "", "sea, salt", 1)


def test_a_draft_exists_for_its_writer_alone(app: Flask) -> None:
    member, stranger = make_member(), make_member()
    draft = make_draft(member)
    for actor in (actor_of(stranger), actor_of(make_admin()), ROOT, VISITOR):
        assert find_draft(actor, draft.public_id) is None
        assert not is_writer(actor, draft.id)
    with pytest.raises(NotFound):
        get_draft(actor_of(stranger), draft.public_id)
    assert is_writer(actor_of(member), draft.id)
    assert [one.public_id for one in list_drafts(actor_of(member))] == [draft.public_id]
    assert list_drafts(actor_of(stranger)) == []


def test_nobody_writes_into_the_draft_of_somebody_else_by_its_name(app: Flask) -> None:
    draft = make_draft(make_member())
    with pytest.raises(NotFound):
        keep(draft, make_member(), "Taken over.")
    assert reload(draft).body == "One cannot see it."


def test_visitors_keep_nothing(app: Flask) -> None:
    with pytest.raises(SignInNeeded), transaction():
        keep_draft(VISITOR, new_public_id(), typed_words(), seen=UNSAVED)


@pytest.mark.parametrize("name", ["", "zzzz", "aeiouaeiou", "x" * 40, "22222222 2"])
def test_a_name_that_no_form_has_is_refused(app: Flask, name: str) -> None:
    member = make_member()
    with pytest.raises(Invalid), transaction():
        keep_draft(actor_of(member), name, typed_words(), seen=UNSAVED)
    assert session().scalar(select(func.count()).select_from(Draft)) == 0


def test_what_began_from_an_earlier_number_is_refused_and_overwrites_nothing(app: Flask) -> None:
    member = make_member()
    draft = make_draft(member)
    keep(draft, member, "From the first tab.", seen=1)
    with pytest.raises(Conflict):
        keep(draft, member, "From the second tab.", seen=1)
    assert (reload(draft).body, reload(draft).number) == ("From the first tab.", 2)


def test_the_same_text_again_changes_nothing_whatever_it_began_from(app: Flask) -> None:
    member = make_member()
    draft = make_draft(member)
    assert keep(draft, member, "One cannot see it.", seen=UNSAVED).number == 1


def test_a_text_that_is_too_long_is_refused_whole(app: Flask) -> None:
    member = make_member()
    draft = make_draft(member)
    with pytest.raises(Invalid) as refused:
        keep(draft, member, "x" * (BODY_MAX + 1))
    assert list(refused.value.errors) == ["body"]
    assert reload(draft).body == "One cannot see it."


def test_what_one_writer_keeps_within_minutes_is_one_version_and_later_another(app: Flask) -> None:
    member = make_member()
    draft = make_draft(member)
    keep(draft, member, "One cannot see it at night.", seen=1)
    with clock.frozen(clock.now() + ONE_VERSION + timedelta(seconds=1)):
        keep(draft, member, "One cannot see it at night, nor in fog.", seen=2)
    assert [one.body for one in list_versions(reload(draft))] == [
        "One cannot see it at night.",
        "One cannot see it at night, nor in fog.",
    ]


def test_another_writer_makes_another_version_at_once(app: Flask) -> None:
    one, other = make_member(), make_member()
    draft = make_draft(one, along=(other,))
    keep(draft, other, "One cannot see it from the sea.")
    found = [(version.author.id if version.author else None) for version in list_versions(reload(draft))]
    assert found == [one.id, other.id]


def test_only_the_latest_versions_are_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "VERSIONS_MOST", 2)
    one, other = make_member(), make_member()
    draft = make_draft(one, along=(other,))
    noise = make_draft(one)
    for number, member in ((1, other), (2, one), (3, other)):
        keep(draft, member, f"Text {number}", seen=number)
    assert [version.body for version in list_versions(reload(draft))] == ["Text 2", "Text 3"]
    assert len(list_versions(reload(noise))) == 1


def test_whoever_keeps_too_many_drafts_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DRAFTS_MOST", 1)
    member = make_member()
    draft = make_draft(member)
    with pytest.raises(Invalid):
        make_draft(member)
    keep(draft, member, "This one goes on.")
    assert count_drafts(actor_of(member)) == 1


def test_discarding_takes_the_versions_along_and_is_for_the_owner_of_an_own_draft(app: Flask) -> None:
    member, other = make_member(), make_member()
    draft, shared = make_draft(member), make_draft(member, along=(other,))
    with transaction():
        discard_draft(actor_of(member), get_draft(actor_of(member), draft.public_id, lock=True))
    left = set(session().scalars(select(DraftVersion.draft_id)))
    assert (find_draft(actor_of(member), draft.public_id), left) == (None, {shared.id})
    for actor in (actor_of(member), actor_of(other)):
        with pytest.raises(Forbidden), transaction():
            discard_draft(actor, get_draft(actor, shared.public_id, lock=True))


def test_drafts_that_nobody_changes_are_dropped_in_time(app: Flask) -> None:
    member = make_member()
    old_id = make_draft(member).id
    now = clock.now()
    with clock.frozen(now + timedelta(days=10)):
        fresh = make_draft(member)
    with transaction():
        drop_abandoned(before=now + timedelta(days=5), published_before=now + timedelta(days=5))
    assert [one.public_id for one in list_drafts(actor_of(member))] == [fresh.public_id]
    assert session().scalar(select(func.count()).where(DraftVersion.draft_id == old_id)) == 0
