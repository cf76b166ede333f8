"""Getting fewer mails by the links in them: one click, signed out, also for what waits; looking changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import clock, outbox
from ideas.core.db import session, transaction
from ideas.core.settings import Settings
from ideas.following.queries import followers_of
from ideas.following.services import follow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications.choices import channel_of, choose
from ideas.notifications.models import Channel, NotificationKind
from ideas.notifications.unsubscribing import GOOD_FOR, Scope, Subscription, token_of
from tests.conftest import ClientFor
from tests.factories import actor_of, make_comment, make_idea, make_member, make_staff
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.notifications.mailbox import Mailbox
from tests.web.client import Client

Drain = Callable[[], int]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
COMMENT, RESPONSE = NotificationKind.COMMENT, NotificationKind.RESPONSE


@pytest.fixture
def ann(app: Flask) -> Member:
    """Who gets mails; beside her somebody whose choices nobody may touch."""
    make_member("Noise")
    return make_member("Ann")


@pytest.fixture
def service(client_for: ClientFor) -> Client:
    """The mail service of a receiver: no cookie, no form token."""
    return client_for(None)


def address(member: Member, scope: Scope, name: str = "") -> str:
    return f"/unsubscribe/{token_of(Subscription(member_id=member.id, scope=scope, name=name))}"


def one_click(service: Client, path: str, **data: str) -> str:
    """Send what a mail service sends; return the page."""
    answer = service.post(path, data={**ONE_CLICK, **data}, sends_token=False)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers
    return answer.text


def channels(member: Member, *kinds: NotificationKind) -> list[Channel]:
    session().rollback()
    return [channel_of(member.id, kind) for kind in kinds]


def test_one_click_turns_off_one_kind_for_one_person(ann: Member, service: Client) -> None:
    noise = session().scalars(select(Member).where(Member.name == "Noise")).one()
    page = one_click(service, address(ann, Scope.KIND, RESPONSE))
    assert "An answer of the staff" in page
    assert channels(ann, RESPONSE, COMMENT) == [Channel.APP, Channel.DAILY]
    assert channels(noise, RESPONSE) == [Channel.AT_ONCE]


def test_looking_at_the_link_changes_nothing(ann: Member, service: Client) -> None:
    path = address(ann, Scope.KIND, RESPONSE)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert service.open(path, method=method).status_code == 200
    assert channels(ann, RESPONSE) == [Channel.AT_ONCE]
    page = service.get(path).text
    assert "An answer of the staff" in page
    assert "Turn off" in page
    assert str(ann.email) not in page
    assert "Ann" not in page


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {**ONE_CLICK, "more": "x", "csrf_token": "broken"}},
        {"data": ONE_CLICK, "content_type": "multipart/form-data"},
        {"data": {}},
        {"data": ONE_CLICK, "headers": {"User-Agent": "Some Mail Service"}},
    ],
)
def test_however_a_mail_service_sends_it_it_is_taken(ann: Member, service: Client, sent: dict[str, object]) -> None:
    answer = service.post(address(ann, Scope.KIND, RESPONSE), sends_token=False, **sent)
    assert answer.status_code == 200
    assert channels(ann, RESPONSE) == [Channel.APP]


def test_a_letter_is_turned_off_with_all_that_it_brings(ann: Member, service: Client) -> None:
    with transaction():
        choose(actor_of(ann), {RESPONSE: Channel.WEEKLY, NotificationKind.CREDIT: Channel.NONE})
    one_click(service, address(ann, Scope.DIGEST, Channel.DAILY))
    daily = (COMMENT, NotificationKind.FIX_PROPOSED)
    assert channels(ann, *daily) == [Channel.APP, Channel.APP]
    assert channels(ann, RESPONSE, NotificationKind.CREDIT) == [Channel.WEEKLY, Channel.NONE]


def test_the_other_button_turns_off_all_mails_and_undo_brings_them_back(ann: Member, service: Client) -> None:
    page = one_click(service, address(ann, Scope.KIND, RESPONSE), what="all")
    assert wants_mail(ann) is False
    assert channels(ann, RESPONSE) == [Channel.AT_ONCE]
    undo(service, page)
    assert wants_mail(ann) is True


def wants_mail(member: Member) -> bool | None:
    session().rollback()
    return session().scalar(select(Member.wants_mail).where(Member.id == member.id))


def undo(service: Client, page: str) -> None:
    path = next(part.split('"', 1)[0] for part in page.split('action="')[1:] if part.split('"', 1)[0].endswith("/undo"))
    answer = service.post(path, sends_token=False)
    assert answer.status_code == 200
    assert "Turned on again" in answer.text


def test_undo_brings_back_what_was_turned_off_but_not_over_a_later_choice(ann: Member, service: Client) -> None:
    page = one_click(service, address(ann, Scope.DIGEST, Channel.DAILY))
    with transaction():
        choose(actor_of(ann), {COMMENT: Channel.WEEKLY})
    undo(service, page)
    assert channels(ann, COMMENT, NotificationKind.FIX_PROPOSED) == [Channel.WEEKLY, Channel.DAILY]


def test_a_second_click_is_harmless_and_leaves_nothing_to_undo(ann: Member, service: Client) -> None:
    path = address(ann, Scope.KIND, RESPONSE)
    one_click(service, path)
    assert "/undo" not in one_click(service, path)
    assert "turned off already" in service.get(path).text


def broken(token: str) -> list[str]:
    other = "A" if token[20] != "A" else "B"
    return [token[:20] + other + token[21:], token[:-1], "x", "a" * 5_000, "ä", token + "AAAA", "%00", "."]


def test_a_link_that_is_none_is_answered_politely_and_the_same_whoever_it_was_for(
    ann: Member, service: Client, client_for: ClientFor
) -> None:
    token = token_of(Subscription(member_id=ann.id, scope=Scope.KIND, name=RESPONSE))
    gone = make_member()
    left = token_of(Subscription(member_id=gone.id, scope=Scope.ALL))
    never = token_of(Subscription(member_id=987_654, scope=Scope.ALL))
    undoing = token_of(Subscription(member_id=ann.id, scope=Scope.UNDO, name="comment=daily"))
    with transaction() as current:
        current.execute(update(Member).where(Member.id == gone.id).values(active=False))
    pages = set()
    for one in [*broken(token), left, never, undoing]:
        for method in ("GET", "POST"):
            answer = service.open(f"/unsubscribe/{one}", method=method, sends_token=False)
            assert answer.status_code == 404, one
            pages.add(without_changing(answer.text))
    assert len(pages) == 1
    assert "does not work" in pages.pop()
    assert service.post(f"/unsubscribe/{token}/undo", sends_token=False).status_code == 404
    assert channels(ann, RESPONSE) == [Channel.AT_ONCE]


def without_changing(page: str) -> str:
    """Return the words of the page's own part."""
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def test_an_old_link_is_worth_nothing(ann: Member, service: Client) -> None:
    with clock.frozen(clock.now() - GOOD_FOR - timedelta(days=2)):
        old = address(ann, Scope.KIND, RESPONSE)
    with clock.frozen(clock.now() - GOOD_FOR + timedelta(days=2)):
        good = address(ann, Scope.KIND, COMMENT)
    assert service.post(old, sends_token=False).status_code == 404
    one_click(service, good)
    assert channels(ann, RESPONSE, COMMENT) == [Channel.AT_ONCE, Channel.APP]


def followed_by(member: Member) -> Idea:
    idea = make_idea(title="A quieter winch")
    with transaction():
        follow(actor_of(member), get_idea_by_id(ROOT, idea.id))
    return idea


@pytest.fixture
def mailbox(settings: Settings) -> Mailbox:
    return Mailbox.empty(settings)


@pytest.mark.parametrize("scope", [Scope.KIND, Scope.IDEA, Scope.ALL])
def test_what_waits_to_be_sent_is_not_sent_any_more(
    ann: Member, service: Client, drain: Drain, mailbox: Mailbox, scope: Scope
) -> None:
    ben = make_member()
    idea = followed_by(ann)
    with transaction():
        follow(actor_of(ben), get_idea_by_id(ROOT, idea.id))
    make_response(idea)
    names = {Scope.KIND: RESPONSE.value, Scope.IDEA: str(idea.id), Scope.ALL: ""}
    fan_out_only(drain)
    one_click(service, address(ann, scope, names[scope]))
    drain()
    assert mailbox.to(ann) == []
    assert len(mailbox.to(ben)) == 1


def fan_out_only(drain: Drain) -> None:
    """Tell everybody in their corner, but send no mail yet."""
    session().rollback()
    outbox.drain(most=1)
    session().rollback()


def test_muting_an_idea_is_for_that_idea_alone_and_can_be_undone(ann: Member, service: Client) -> None:
    idea, other = followed_by(ann), followed_by(ann)
    page = one_click(service, address(ann, Scope.IDEA, str(idea.id)))
    assert "A quieter winch" in page
    assert (ann.id in followers_of(idea.id), ann.id in followers_of(other.id)) == (False, True)
    undo(service, page)
    session().rollback()
    assert ann.id in followers_of(idea.id)


def test_the_page_does_not_name_an_idea_that_its_owner_may_not_see_any_more(
    ann: Member, service: Client, client_for: ClientFor
) -> None:
    idea = followed_by(ann)
    path = address(ann, Scope.IDEA, str(idea.id))
    assert "A quieter winch" in service.get(path).text
    with transaction() as current:
        current.execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))
    # Whoever looks: it is the receiver of the mail who may see it or not.
    for client in (service, client_for(make_staff()), client_for(ann)):
        assert "winch" not in client.get(path).text
        assert "winch" not in client.post(path, sends_token=False).text
    assert ann.id not in followers_of(idea.id)


def test_who_is_signed_in_makes_no_difference(ann: Member, client_for: ClientFor) -> None:
    ben = make_member()
    one_click(client_for(ben), address(ann, Scope.KIND, RESPONSE))
    assert channels(ann, RESPONSE) == [Channel.APP]
    assert channels(ben, RESPONSE) == [Channel.AT_ONCE]


def test_codes_still_come_when_all_mails_are_turned_off(
    ann: Member, service: Client, drain: Drain, mailbox: Mailbox
) -> None:
    one_click(service, address(ann, Scope.ALL))
    service.post("/sign-in/code/send", data={"identity": str(ann.email)})
    drain()
    make_comment(followed_by(ann))
    drain()
    [code] = mailbox.to(ann)
    assert "List-Unsubscribe" not in code
