"""Whoever leaves is gone from everywhere; what they helped stays countable."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from ideas.accounts.models import AuditEntry, Member
from ideas.core import mail
from ideas.core.db import db, session, transaction
from ideas.core.errors import Invalid
from ideas.core.outbox import OutboxRow, put
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.privacy.registry import REGISTRY, Erasing, What
from ideas.privacy.services import erase_member, leave
from ideas.rewards.models import Account
from ideas.transfer.verifying import verify
from ideas.voting.models import Support
from ideas.voting.services import cast_support
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload
from tests.factories.moderation import make_report
from tests.factories.rewards import make_helped, make_settlement
from tests.privacy.canary import Canary
from tests.web.test_factors import make_stale

pytestmark = pytest.mark.usefixtures("app")
CHOICES = pytest.mark.parametrize("keeps_content", [True, False])


def everything_kept(app: Flask) -> str:
    """Return all rows and all files of the place as one text."""
    session().rollback()
    settings: Settings = app.extensions["settings"]
    found = [
        repr(tuple(row))
        for table in db.metadata.sorted_tables
        for row in session().execute(text(f'SELECT * FROM "{table.name}"'))
    ]
    session().rollback()
    files = [path for path in settings.storage_dir.rglob("*") if path.is_file()]
    if settings.database_url.startswith("sqlite"):
        database = Path(settings.database_url.removeprefix("sqlite:///"))
        files += [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
    found += [path.read_bytes().decode("latin-1") for path in files]
    return "\n".join(found)


def erase(member: Member, *, keeps_content: bool) -> None:
    with transaction():
        leave(actor_of(member), keeps_content=keeps_content, confirmation=member.handle)


@CHOICES
def test_no_trace_of_an_erased_person_is_found_anywhere(
    app: Flask, drain: Callable[[], int], keeps_content: bool
) -> None:
    make_admin()
    canary = Canary()
    canary.settle_everywhere()
    member = canary.member
    name, handle, email = member.name, member.handle, str(member.email)
    idea = make_idea(make_board(), author=member, title="A title with kestrelword in it")
    make_comment(idea, body=f"I agree with @{handle}, but not with @{handle}else.")
    with transaction():
        mail.queue_mail(to=email, subject="Hello", text=f"Dear {name}")
        mail.queue_mail(to="other@example.org", subject=f"{name} wrote", text="See there.")
    drain()
    with transaction():
        mail.queue_mail(to="other@example.org", subject=f"{name} wrote again", text="See there.")
    erase(reload(member), keeps_content=keeps_content)
    drain()
    whole = everything_kept(app)
    assert f"@{handle}else" in whole
    whole = whole.replace(f"{handle}else", "")
    gone = canary.words_of(sorts=frozenset(What) - {What.NONE, What.CONTENT, What.BEHAVIOUR})
    assert len(gone) > 20
    assert {word for word in [*gone, name, email] if word in whole} == set()
    content = {
        word
        for place, words in canary.words.items()
        if Canary.sort_of(place) is What.CONTENT and mark_of(place) is Erasing.PSEUDONYM
        for word in words
    }
    found = {word for word in content if word in whole}
    assert found == (content if keeps_content else set())
    assert ("kestrelword" in whole) is keeps_content


def mark_of(place: str) -> Erasing:
    table, column = place.split(".")
    return REGISTRY[table][column].erasing


@CHOICES
def test_totals_and_ledger_add_up_after_somebody_left(keeps_content: bool) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    make_report(helped.problem, reporter=helped.hit)
    support_count = reload(helped.problem).support_count
    balances = session().scalars(select(Account.balance).order_by(Account.id)).all()
    for member in (helped.author, helped.fixer, helped.hit, helped.witness):
        erase(reload(member), keeps_content=keeps_content)
        assert not verify()
    assert reload(helped.problem).support_count == support_count
    assert session().scalars(select(Account.balance).order_by(Account.id)).all() == balances


def test_supports_go_on_as_numbers() -> None:
    idea, member = make_idea(), make_member()
    with transaction():
        cast_support(actor_of(member), idea, need="For our drivers.")
    erase(member, keeps_content=True)
    kept = session().get_one(Idea, idea.id, populate_existing=True)
    assert (kept.support_count, kept.carried_count, kept.carried_source) == (2, 1, "people who left")
    assert session().scalars(select(Support).where(Support.member_id == member.id)).all() == []


def test_the_pseudonym_is_made_by_chance() -> None:
    first, second = make_member(), make_member()
    for member in (first, second):
        erase(member, keeps_content=True)
    handles = {reload(first).handle, reload(second).handle}
    assert len(handles) == 2
    assert all(handle.startswith("former") and len(handle) == 18 for handle in handles)


def test_the_last_admin_cannot_leave() -> None:
    admin = make_admin()
    with pytest.raises(Invalid) as refused, transaction():
        leave(actor_of(admin), keeps_content=True, confirmation=admin.handle)
    assert list(refused.value.errors) == ["confirmation"]
    assert reload(admin).erased_at is None


def test_nobody_leaves_without_typing_their_short_name() -> None:
    member = make_member()
    with pytest.raises(Invalid), transaction():
        leave(actor_of(member), keeps_content=True, confirmation="something else")
    assert reload(member).erased_at is None


def test_an_admin_erases_somebody_and_the_record_tells_it_without_a_name() -> None:
    admin, member = make_admin(), make_member()
    handle, name = member.handle, member.name
    with transaction():
        erase_member(actor_of(admin), member, keeps_content=False, confirmation=handle)
    entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "member.erased")).one()
    told = json.dumps([entry.before, entry.after])
    assert (entry.actor_id, entry.member_id) == (admin.id, member.id)
    assert handle not in told
    assert name not in told


def test_work_that_waits_for_others_is_done_without_the_name() -> None:
    member = make_member("Quentin Quill")
    with transaction():
        put(mail.JOB, {"to": "other@example.org", "subject": "Quentin Quill wrote", "text": "x", "html": None})
    erase(member, keeps_content=True)
    (row,) = session().scalars(select(OutboxRow).where(OutboxRow.job == mail.JOB)).all()
    assert row.payload["subject"] == "Former member wrote"


def test_a_member_leaves_on_the_page_and_is_signed_out(client_for: ClientFor) -> None:
    make_admin()
    member = make_member()
    client = client_for(member)
    assert client.get("/me/data/leave").status_code == 200
    refused = client.post("/me/data/leave", data={"content": "remove", "confirmation": "wrong"})
    assert refused.status_code == 422
    left = client.post("/me/data/leave", data={"content": "remove", "confirmation": member.handle})
    assert left.status_code == 303
    assert reload(member).erased_at is not None
    assert client.get("/me/data").headers["Location"].startswith("/sign-in")


def test_leaving_asks_again_who_one_is(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    make_stale(client)
    asked = client.post("/me/data/leave", data={"content": "remove", "confirmation": member.handle})
    assert asked.status_code == 303
    assert reload(member).erased_at is None


def test_an_admin_erases_on_the_page(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(make_admin())
    address = f"/admin/members/{member.handle}/erase"
    assert member.handle in client.get(address).text
    client.post(address, data={"content": "leave", "confirmation": member.handle})
    assert reload(member).name == "Former member"
