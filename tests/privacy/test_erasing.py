"""Whoever leaves is gone from everywhere; what they helped stays countable."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import Column, Executable, String, select, text, update
from structlog.testing import capture_logs

from ideas.accounts.erasing import NEW_NAME
from ideas.accounts.models import AuditEntry, Member
from ideas.core import clock, mail, memory
from ideas.core.db import db, session, transaction
from ideas.core.errors import Invalid
from ideas.core.outbox import OutboxRow, put
from ideas.core.settings import Settings
from ideas.ideation.models import Idea
from ideas.privacy.files import ask_for_file
from ideas.privacy.marks import Erasing, What
from ideas.privacy.registry import REGISTRY
from ideas.privacy.services import erase_member, leave
from ideas.rewards.models import Account, LedgerEntry
from ideas.search import words
from ideas.transfer.exporting import all_records
from ideas.transfer.verifying import verify
from ideas.voting.models import Support
from ideas.voting.services import cast_support
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload
from tests.factories.moderation import make_report
from tests.factories.rewards import make_helped, make_settlement
from tests.privacy.canary import Canary

pytestmark = pytest.mark.usefixtures("app")
#: A name as people have them: with letters and signs that are written otherwise in JSON and in HTML.
NAME = 'Siân O\'Canary & "Sons"'
FORMS = (NAME, str(escape(NAME)), json.dumps(NAME)[1:-1], "Siân", "Canary &")
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
    canary = Canary(name=NAME)
    canary.settle_everywhere()
    member = canary.member
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(name=NAME))
    reload(member)
    handle, email = member.handle, str(member.email)
    idea = make_idea(make_board(), author=member, title="A title with kestrelword in it", tags=("wrenword",))
    make_comment(idea, body=f"I agree with @{handle}, but not with @{handle}else.")
    with transaction():
        ask_for_file(actor_of(member))
        mail.queue_mail(to=email, subject="Hello", text=f"Dear {NAME}")
        mail.queue_mail(
            to="other@example.org", subject=f"{NAME} wrote", text="See there.", html=f"<b>{escape(NAME)}</b>"
        )
    drain()
    assert any(form in everything_kept(app) for form in FORMS)
    with transaction():
        put(mail.JOB, {"to": "x@example.org", "subject": "x", "text": email, "html": f"<b>{escape(NAME)}</b>"})
        mail.queue_mail(to="other@example.org", subject=f"{NAME} wrote again", text="See there.")
    with capture_logs() as log:
        erase(reload(member), keeps_content=keeps_content)
        drain()
    whole = everything_kept(app) + str(log)
    assert f"@{handle}else" in whole
    whole = whole.replace(f"{handle}else", "")
    gone = canary.words_of(sorts=frozenset(What) - {What.NONE, What.CONTENT, What.BEHAVIOUR})
    assert len(gone) > 20
    assert {word for word in [*gone, *FORMS, email] if word in whole} == set()
    content = {
        word
        for place, words in canary.words.items()
        if Canary.sort_of(place) is What.CONTENT and mark_of(place) is Erasing.PSEUDONYM
        for word in words
    }
    found = {word for word in content if word in whole}
    assert found == (content if keeps_content else set())
    assert ("kestrelword" in whole) is keeps_content
    assert ("wrenword" in whole) is keeps_content


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


def test_the_credit_of_somebody_who_left_is_told_under_the_pseudonym(client_for: ClientFor) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    address, former = f"/ideas/{helped.problem.public_id}", reload(helped.fixer).name
    visitor = client_for(None)
    assert former in visitor.get(address).text
    erase(reload(helped.fixer), keeps_content=False)
    page = visitor.get(address).text
    assert former not in page
    assert NEW_NAME in page
    assert reload(helped.fixer).handle in page
    own = select(LedgerEntry.amount).join(Account, Account.id == LedgerEntry.credit_account_id)
    assert session().scalars(own.where(Account.member_id == helped.fixer.id)).all()


def test_supports_go_on_as_numbers() -> None:
    idea, member = make_idea(), make_member()
    with transaction():
        cast_support(actor_of(member), idea, need="For our drivers.")
    erase(member, keeps_content=True)
    kept = session().get_one(Idea, idea.id, populate_existing=True)
    assert (kept.support_count, kept.carried_count, kept.carried_source) == (2, 1, "people who left")
    assert session().scalars(select(Support).where(Support.member_id == member.id)).all() == []


def test_nothing_joins_the_pseudonym_to_whom_it_was() -> None:
    member = make_member()
    before = {column.name: getattr(member, column.name) for column in Member.__table__.columns}
    exported = {str(record) for record in all_records(with_addresses=True)}
    assert any(member.public_id in record for record in exported)
    erase(member, keeps_content=True)
    gone = reload(member)
    after = {column.name: getattr(gone, column.name) for column in Member.__table__.columns}
    same = {name for name in before if before[name] == after[name] and before[name] not in {None, "", False}}
    # The number of the row leaves the database nowhere; the kind is shared by many.
    assert same <= {"id", "kind"}
    records = "\n".join(str(record) for record in all_records(with_addresses=True))
    for name in ("public_id", "handle", "name", "email"):
        assert str(before[name]) not in records


def test_who_left_is_called_by_the_new_name_wherever_others_mentioned_them(app: Flask) -> None:
    canary, mentioned = Canary(), make_member("Mentioned Somewhere")
    former = mentioned.handle
    canary.settle_everywhere()
    with transaction():
        for place in places_with_texts():
            session().execute(update(place.table).values({place.name: f"Ask @{former}, or not."}))
    assert everything_kept(app).count(f"@{former}") >= 20
    erase(mentioned, keeps_content=True)
    whole = everything_kept(app)
    assert f"@{former}" not in whole
    assert whole.count(f"@{reload(mentioned).handle}") >= 20


def places_with_texts() -> list[Column[Any]]:
    """Return the columns in which people write to each other."""
    marked = [
        (table, column)
        for table, marks in REGISTRY.items()
        for column, mark in marks.items()
        if mark.what is What.CONTENT
    ]
    more = [("board", "purpose"), ("board", "cannot"), ("board", "guidance")]
    more += [("idea", "hidden_reason"), ("comment", "hidden_reason")]
    found = [db.metadata.tables[table].c[column] for table, column in (*marked, *more)]
    return [column for column in found if isinstance(column.type, String) and column.name not in NO_LETTERS]


#: A version or environment, and what a file is called, speak to nobody, and are short.
NO_LETTERS = {"version", "environment", "name", "media_type"}


def test_a_name_that_is_a_word_too_stays_a_word_in_mails_to_others() -> None:
    member = make_member("Will")
    with transaction():
        put(mail.JOB, {"to": "other@example.org", "subject": "Will wrote", "text": "We will see.", "html": None})
    erase(member, keeps_content=True)
    (row,) = session().scalars(select(OutboxRow).where(OutboxRow.job == mail.JOB)).all()
    assert (row.payload["subject"], row.payload["text"]) == ("Former member wrote", "We will see.")


def test_this_process_forgets_what_it_drew_of_somebody_who_leaves(client_for: ClientFor) -> None:
    member = make_member(drawn := "Drawn Already")
    board = make_board("Printers")
    make_comment(idea := make_idea(board, author=member), author=member)
    visitor = client_for(None)
    for address in ("/boards/printers", f"/ideas/{idea.public_id}"):
        assert drawn in visitor.get(address).text
    assert sum(memory.cache_info().currsize for memory in memories().values()) > 0
    erase(member, keeps_content=True)
    assert {name for name, one in memories().items() if one.cache_info().currsize} == set()
    for address in ("/boards/printers", f"/ideas/{idea.public_id}"):
        page = visitor.get(address).text
        assert drawn not in page
        assert NEW_NAME in page


def test_other_processes_forget_within_an_hour() -> None:
    with clock.frozen(clock.now()):
        memory.forget()
        words.fold("Somebody")
    with clock.frozen(clock.now() + timedelta(minutes=memory.KEEP_MINUTES - 2)):
        memory.forget_old()
        assert words.fold.cache_info().currsize == 1
    with clock.frozen(clock.now() + timedelta(minutes=memory.KEEP_MINUTES + 1)):
        memory.forget_old()
        assert words.fold.cache_info().currsize == 0


#: What may be remembered for good: nothing that people wrote is in it.
LASTING = {
    "_best_encoding", "_best_language", "_script", "_looks", "_offices", "_stolen", "_number_words", "_date_words",
    "_ago_words", "_decoy_hash", "_referring", "plan_of",
    "_lookings", "_beginnings",
}  # fmt: skip


@lru_cache
def memory_of_nothing() -> None:
    """Show by its type what such a function is."""


def memories() -> dict[str, Any]:
    """Return every function of the program that remembers what it gave back, by its name, but the harmless ones."""
    return {
        f"{module}.{name}": function
        for module, loaded in sys.modules.items()
        if module.startswith("ideas.")
        for name, function in vars(loaded).items()
        if type(function) is type(memory_of_nothing) and function.__module__ == module
        if name not in LASTING and not keeps_statements(function)
    }


def keeps_statements(function: Any) -> bool:
    """Tell whether it remembers statements: their values are parameters, so they hold nobody's words."""
    kind = get_type_hints(function.__wrapped__)["return"]
    made = get_origin(kind) or kind
    return isinstance(made, type) and issubclass(made, Executable)


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
