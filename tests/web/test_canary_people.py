"""What a place knows of a person beyond what everybody reads is told to nobody else: on no page, in no mail or file."""

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from ideas.accounts import audit
from ideas.accounts.models import (
    Identity,
    LinkPurpose,
    Member,
    OneTimeLink,
    Organisation,
    Segment,
    SegmentMember,
    SignInSession,
)
from ideas.boards.models import Board, Invitation
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.voting.models import Support
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.hearing import mail_comments_to
from tests.factories.moderation import make_report
from tests.factories.organisations import make_organisation, move
from tests.factories.voting import make_support
from tests.web.canary import CANARY, Drain, Mails, all_said, crawl, paths_of, taken_along, told
from tests.web.client import HTMX

pytestmark = pytest.mark.usefixtures("own_index")

WORD = CANARY.lower()
PLAN = f"{CANARY} plan"


@pytest.fixture
def person(app: Flask) -> Member:
    """A customer with the word in everything that is known of them alone, active on a public board."""
    member, staff = make_member("Quiet Person"), make_staff()
    move(member, make_organisation("Known Customer", plan=PLAN, attributes=f"{WORD} = {CANARY}"))
    board = make_board("Printers", owner=staff)
    idea = make_idea(board, author=member, title="A printer that folds")
    make_comment(idea, author=member, body="I said so.")
    support = make_support(make_idea(board, author=staff, title="A printer that staples"), by=member)
    make_report(make_idea(board), reporter=member, text=f"The {CANARY} hurts.")
    with transaction():
        _write_down(member, board, idea, support)
    return member


def _write_down(member: Member, board: Board, idea: Idea, support: Support) -> None:
    current, later, address = session(), clock.now().replace(year=2099), f"{WORD}@example.org"
    named: dict[str, object] = {"email": address, "source": WORD, "external_id": f"{WORD}-1"}
    current.execute(update(Member).where(Member.id == member.id).values(**named))
    organisation = {"external_id": f"{WORD}-2", "source": WORD}
    current.execute(update(Organisation).where(Organisation.id == member.organisation_id).values(**organisation))
    current.execute(update(Idea).where(Idea.id == idea.id).values(entered_from=f"call of {CANARY}"))
    current.execute(update(Support).where(Support.id == support.id).values(entered_from=f"call of {CANARY}"))
    group = Segment(slug=f"{WORD}s", name=f"{CANARY} owners", description=f"Who has a {CANARY}.")
    current.add(group)
    current.flush()
    current.add(SegmentMember(segment_id=group.id, member_id=member.id))
    current.add(Identity(member_id=member.id, issuer=f"https://{WORD}.example", subject=CANARY))
    current.add(SignInSession(id=WORD, member_id=member.id, data="{}", expires_at=later, address=WORD, browser=CANARY))
    token = {"token_hash": WORD, "expires_at": later, "email": address}
    current.add(OneTimeLink(purpose=LinkPurpose.NEW_ADDRESS, member_id=member.id, **token))  # type: ignore[arg-type]
    values = {"board_id": board.id, "public_id": "kkkkkkkkkk", "created_at": clock.now(), **token}
    current.execute(insert(Invitation).values(**values))
    audit.note(actor_of(member), "member.noted", member_id=member.id, before={"plan": CANARY})


def colleagues_and_others(person: Member) -> dict[str, Member | None]:
    """Return those who have no business with what is known of the person."""
    colleague, moderator = make_member(), make_member()
    move(colleague, session().get_one(Organisation, person.organisation_id))
    make_board("Elsewhere", moderator=moderator)
    return {"visitor": None, "stranger": make_member(), "colleague": colleague, "moderator elsewhere": moderator}


def without_own_plan(bodies: dict[str, str]) -> dict[str, str]:
    """Take out what a colleague reads of the organisation to which they belong too, on the page about themselves."""
    own = {"/me/data", "about.json"}
    return {name: body.replace(PLAN, "") if name in own else body for name, body in bodies.items()}


def test_those_who_may_know_meet_the_word_so_it_can_be_found(person: Member, client_for: ClientFor) -> None:
    pages = [f"/admin/members/{person.handle}/edit", "/admin/members", "/admin/organisations", "/admin/segments"]
    assert set(pages) <= set(told(crawl(client_for(make_admin()), pages)))
    own = told(crawl(client_for(person), ["/me/data", "/me/settings"]))
    assert {"/me/data", "/me/settings"} <= set(own)
    assert "data/member/id.json" in told(taken_along(client_for(person)))


def test_nobody_else_reads_what_is_known_of_a_person(
    app: Flask, person: Member, client_for: ClientFor, drain: Drain
) -> None:
    drain()
    idea = session().scalars(select(Idea.public_id).where(Idea.author_id == person.id)).one()
    session().rollback()
    paths = paths_of(app, public_ids=[idea], slug="printers", handle=person.handle)
    assert len(paths) > 60
    for name, member in colleagues_and_others(person).items():
        client = client_for(member)
        assert told(without_own_plan(crawl(client))) == [], name
        for asked in paths:
            for headers in ({}, HTMX) if asked.is_safe else (HTMX,):
                said = all_said(client.open(asked.address, method=asked.method, headers=headers))
                assert WORD not in said.replace(PLAN.lower(), ""), f"{name} {asked}"
        for question in (f"/search?q={CANARY}", f"/propose/similar?title={CANARY}+printer", f"/people?after={WORD}"):
            assert WORD not in all_said(client.get(question), CANARY, WORD), f"{name} {question}"


def test_no_mail_and_no_file_of_others_says_what_is_known_of_a_person(
    person: Member, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    others = colleagues_and_others(person)
    idea = session().scalars(select(Idea).where(Idea.author_id == person.id)).one()
    for member in others.values():
        if member is not None:
            make_support(idea, by=member)
            mail_comments_to(member)
    make_comment(idea, author=person, body="News for those who follow.")
    drain()
    texts = mails.texts()
    assert len(texts) >= 3
    assert [text for text in texts if WORD in text.lower() and f"To: {WORD}@example.org" not in text] == []
    for name, member in others.items():
        if member is not None:
            assert told(without_own_plan(taken_along(client_for(member)))) == [], name
