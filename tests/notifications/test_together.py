"""Writing together, merging, splitting, taking over: who hears of it, in which words, and who does not."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, BoardRole, Role
from ideas.cocreation.amending import take_back
from ideas.cocreation.coauthors import accept as accept_request
from ideas.cocreation.coauthors import ask, decline, invite
from ideas.cocreation.deciding import reject_amendment
from ideas.cocreation.models import Amendment
from ideas.core.db import session, transaction
from ideas.core.events import publish
from ideas.core.settings import Settings
from ideas.following.services import unfollow
from ideas.ideation.authorship import remove_author
from ideas.ideation.events import IdeaSplit
from ideas.ideation.keeping import hide_idea
from ideas.ideation.links import link_ideas
from ideas.ideation.merging import undo_merge
from ideas.ideation.models import Idea, LinkKind, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea
from ideas.moderation.models import SuggestedKind
from ideas.moderation.suggesting import suggest
from ideas.notifications.models import Notification, NotificationKind, ToldReason
from ideas.notifications.queries import Told, list_told
from ideas.notifications.receivers import find_receiver, who_sees
from ideas.notifications.subjects import Page
from ideas.notifications.words import what_happened
from ideas.voting.merging import hold_voice_back
from tests.factories import (
    actor_of,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.cocreation import make_hit
from tests.factories.merging import make_merge
from tests.factories.responding import make_response
from tests.factories.together import accept, make_adoption, make_amendment, make_co_author
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.notifications.mailbox import Mailbox, form_of

Drain = Callable[[], int]
Kinds = list[NotificationKind]


def told(member: Member) -> list[Told]:
    session().rollback()
    return sorted(list_told(actor_of(member)).items, key=lambda one: one.id)


def kinds(member: Member) -> Kinds:
    return [one.kind for one in told(member)]


def words(member: Member) -> list[str]:
    return [
        str(what_happened(one.kind, who=one.actor_name, outcome=one.subject.outcome if one.subject else None))
        for one in told(member)
    ]


@pytest.fixture
def author(app: Flask) -> Member:
    """Wrote the idea."""
    return make_member("Ada")


@pytest.fixture
def manager(app: Flask) -> Member:
    """Looks after the board."""
    return make_staff("Mo")


@pytest.fixture
def board(manager: Member) -> Board:
    """The board."""
    return make_board(owner=manager)


@pytest.fixture
def idea(board: Board, author: Member) -> Idea:
    """The idea."""
    return make_idea(board, author=author, title="Show the tide beside the route")


def edit(idea: Idea, author: Member, *, body: str, changes_meaning: bool) -> None:
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        seen = current.revision_count
        edit_idea(
            actor_of(author),
            current,
            title=current.title,
            body=body,
            note="Rivers are out.",
            seen_revision=seen,
            changes_meaning=changes_meaning,
        )


def test_supporters_hear_that_the_text_means_something_else_and_of_no_other_edit(
    idea: Idea, author: Member, drain: Drain
) -> None:
    supporter, noise = make_member(), make_member()
    make_support(idea, by=supporter)
    make_support(make_idea(), by=noise)
    edit(idea, author, body="Only harbours, no rivers at all.", changes_meaning=True)
    edit(idea, author, body="Only harbours; no rivers at all.", changes_meaning=False)
    drain()
    assert (kinds(supporter), kinds(noise), kinds(author)) == ([NotificationKind.MEANING_CHANGED], [], [])
    [news] = told(supporter)
    assert (news.reason, news.subject and news.subject.words) == (ToldReason.SUPPORT, "Rivers are out.")


def test_all_authors_hear_of_a_proposed_change_and_nobody_else(idea: Idea, author: Member, drain: Drain) -> None:
    other, follower, proposer = make_co_author(idea), make_member(), make_member("Nils")
    make_support(idea, by=follower)
    amendment = make_amendment(idea, by=proposer)
    drain()
    for member in (author, other):
        assert words(member) == ["Nils proposed a change of the text"]
        [news] = told(member)
        assert news.subject is not None
        assert (news.subject.page, news.subject.public_id) == (Page.AMENDMENT, amendment.public_id)
    assert (kinds(follower), kinds(proposer)) == ([], [])


def test_whoever_proposed_a_change_hears_what_became_of_it(idea: Idea, author: Member, drain: Drain) -> None:
    proposer = make_member("Nils")
    outdated, refused, reworked = (make_amendment(idea, by=proposer, body=f"{idea.body} {n}") for n in range(3))
    with transaction():
        current = session().get_one(Amendment, refused.id)
        reject_amendment(actor_of(author), current, reason="It asks for something else.", seen_wording=0)
    own_one = make_amendment(idea, by=proposer)
    with transaction():
        own = session().get_one(Amendment, own_one.id)
        take_back(actor_of(proposer), own)
    accept(reworked, by=author, changed_to="Because it would help all of us, twice.")
    drain()
    heard = [line for line in words(proposer) if "invites" not in line]
    assert sorted(heard) == [
        "Ada accepted a part of the change you proposed",
        "Ada did not accept the change you proposed",
        "The text has moved on where you proposed a change: write it anew",
    ]
    assert outdated.id in {one.subject_id for one in told(proposer)}
    refusal = next(one for one in told(proposer) if one.subject_id == refused.id)
    assert refusal.subject is not None
    assert refusal.subject.words == "It asks for something else."


def test_only_who_has_to_say_yes_hears_of_an_invitation_and_who_began_hears_the_answer(
    idea: Idea, author: Member, drain: Drain
) -> None:
    invited, asker, bystander = make_member("Nils"), make_member("Rosa"), make_member()
    make_support(idea, by=bystander)
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        first = invite(actor_of(author), current, session().get_one(Member, invited.id), note="You wrote half of it.")
        second = ask(actor_of(asker), current, note="I know the tables.")
    drain()
    assert (words(invited), words(author)) == (
        ["Ada invites you to be named as an author"],
        ["Rosa asks to be named as an author"],
    )
    assert told(invited)[0].reason is ToldReason.INVITED
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        accept_request(actor_of(invited), current, first.public_id)
        decline(actor_of(author), current, second.public_id)
    drain()
    assert words(author)[-1] == "Nils said yes: you write this together now"
    assert words(asker) == ["Ada said no to writing this together"]
    assert kinds(bystander) == []
    with transaction():
        remove_author(get_idea_by_id(ROOT, idea.id, lock=True), invited.id)
    drain()
    assert words(author)[-1] == "Nils is no longer named as an author"


@pytest.fixture
def target(board: Board) -> Idea:
    """The idea that the other one is merged into."""
    return make_idea(board, title="Draw tides along the way")


def test_whoever_supports_what_was_merged_hears_of_it_and_of_the_undoing(
    idea: Idea, target: Idea, manager: Member, author: Member, drain: Drain
) -> None:
    supporter, of_target, muted = make_member(), make_member(), make_member()
    make_support(idea, by=supporter)
    make_support(target, by=of_target)
    make_support(idea, by=muted)
    with transaction():
        unfollow(actor_of(muted), get_idea_by_id(ROOT, idea.id))
    merge = make_merge(idea, target, by=manager, reason="Both want the tide.")
    drain()
    assert (words(supporter), words(author)) == (["Mo merged it into another idea"],) * 2
    [news] = told(supporter)
    assert news.subject is not None
    assert (news.subject.page, news.subject.public_id, news.subject.words) == (
        Page.MERGE,
        merge.public_id,
        "Both want the tide.",
    )
    assert (kinds(of_target), kinds(muted)) == ([], [])
    with transaction():
        undo_merge(actor_of(manager), session().get_one(Merge, merge.id), reason="Not the same.")
    drain()
    assert kinds(supporter) == [NotificationKind.MERGED, NotificationKind.MERGE_UNDONE]


def test_followers_of_what_was_merged_hear_of_the_target_until_it_is_undone(
    idea: Idea, target: Idea, manager: Member, drain: Drain
) -> None:
    supporter, quiet = make_member(), make_member()
    make_support(idea, by=supporter)
    make_support(idea, by=quiet)
    merge = make_merge(idea, target, by=manager)
    with transaction():
        unfollow(actor_of(quiet), get_idea_by_id(ROOT, target.id))
    make_comment(target, body="The tables came today.")
    drain()
    assert [(one.kind, one.reason) for one in told(supporter)][1:] == [(NotificationKind.COMMENT, ToldReason.SUPPORT)]
    assert kinds(quiet) == [NotificationKind.MERGED]
    with transaction():
        undo_merge(actor_of(manager), session().get_one(Merge, merge.id), reason="Not the same.")
    make_comment(target, body="And the last ones too.")
    drain()
    assert kinds(supporter).count(NotificationKind.COMMENT) == 1


def test_the_reason_of_a_merge_is_not_quoted_to_those_for_whom_the_target_does_not_exist(
    idea: Idea, manager: Member, drain: Drain
) -> None:
    supporter = make_member()
    make_support(idea, by=supporter)
    hidden = make_idea(make_board(audience=Audience.STAFF, owner=manager), author=manager, title="Kestrelquill plans")
    with transaction() as current:
        # As it stands where the board was made narrower after the merge.
        board = update(Board).where(Board.id == hidden.board_id)
        current.execute(board.values(audience=Audience.PUBLIC).execution_options(synchronize_session=False))
    make_merge(idea, hidden, by=manager, reason="As Kestrelquill plans say.")
    with transaction() as current:
        current.execute(board.values(audience=Audience.STAFF).execution_options(synchronize_session=False))
    drain()
    [news] = told(supporter)
    assert "Kestrelquill" not in str(news)
    assert news.idea_title == idea.title


def test_a_split_is_told_to_its_supporters(idea: Idea, author: Member, manager: Member, drain: Drain) -> None:
    supporter, noise = make_member(), make_member()
    make_support(idea, by=supporter)
    part = make_idea(session().get_one(Board, idea.board_id), author=author)
    make_support(part, by=noise)
    with transaction():
        ends = (get_idea_by_id(ROOT, one.id) for one in (part, idea))
        link = link_ideas(actor_of(manager), *ends, kind=LinkKind.PART_OF)
        publish(IdeaSplit(actor_id=author.id, idea_id=idea.id, part_id=part.id, link_id=link.id))
    drain()
    assert (words(supporter), kinds(noise)) == (["Ada made a part of it an idea of its own"], [])


def test_supporters_and_whoever_gave_it_up_hear_that_it_was_taken_over(
    idea: Idea, author: Member, drain: Drain
) -> None:
    supporter, new = make_member(), make_member("Nils")
    make_support(idea, by=supporter)
    make_adoption(idea, by=new)
    drain()
    assert kinds(supporter) == [NotificationKind.WITHDRAWN, NotificationKind.ADOPTED]
    assert words(author) == ["Nils took over what its author had given up"]
    assert NotificationKind.ADOPTED not in kinds(new)


def test_a_suggestion_is_told_to_those_who_keep_the_board_and_its_end_to_who_made_it(
    idea: Idea, target: Idea, manager: Member, drain: Drain
) -> None:
    member, noise = make_member("Rosa"), make_staff()
    with transaction():
        ends = (get_idea_by_id(ROOT, one.id) for one in (idea, target))
        suggest(actor_of(member), *ends, wanted=SuggestedKind.MERGE, text="The very same.")
    drain()
    assert words(manager) == ["Rosa thinks that it belongs together with another idea"]
    assert kinds(noise) == []
    make_merge(idea, target, by=manager)
    drain()
    assert words(member) == ["Mo took up what you suggested"]


def test_a_co_author_who_sees_a_hidden_idea_never_stands_for_others(idea: Idea, manager: Member, drain: Drain) -> None:
    other, strangers = make_co_author(idea), [make_member() for _ in range(2)]
    with transaction():
        hide_idea(actor_of(manager), get_idea_by_id(ROOT, idea.id, lock=True), reason="It names a customer.")
    people = [find_receiver(member.id) for member in (strangers[0], other, strangers[1])]
    seeing = who_sees([person for person in people if person], idea_id=idea.id)
    assert [person.id for person in seeing] == [other.id]


def test_the_mails_lead_to_where_something_can_be_done(
    idea: Idea, target: Idea, author: Member, manager: Member, settings: Settings, drain: Drain
) -> None:
    supporter, proposer = make_member(), make_member("Nils")
    make_support(idea, by=supporter)
    amendment = make_amendment(idea, by=proposer)
    with transaction():
        current = get_idea_by_id(ROOT, idea.id, lock=True)
        invite(actor_of(author), current, session().get_one(Member, proposer.id), note="Join us.")
    merge = make_merge(idea, target, by=manager, reason="Both want the tide.")
    mailbox = Mailbox.empty(settings)
    drain()
    assert f"/amendments/{amendment.public_id}" in sent(mailbox, author, "proposed a change")
    assert f"/ideas/{idea.public_id}/authors" in sent(mailbox, proposer, "invites you")
    mail = sent(mailbox, supporter, "merged it")
    assert f"/merges/{merge.public_id}" in mail
    assert "Both want the tide." in mail


def sent(mailbox: Mailbox, member: Member, about: str) -> str:
    """Return the plain form of the one mail to a member that says what happened."""
    forms = [form_of(mail, "plain") for mail in mailbox.to(member)]
    [found] = [form for form in forms if about in form]
    return found


def test_the_same_happening_tells_a_member_once(idea: Idea, target: Idea, manager: Member, drain: Drain) -> None:
    both = make_member()
    make_support(idea, by=both)
    make_support(target, by=both)
    make_merge(idea, target, by=manager)
    make_comment(target)
    drain()
    rows = session().scalars(select(Notification.kind).where(Notification.member_id == both.id)).all()
    assert sorted(rows) == sorted([NotificationKind.MERGED, NotificationKind.COMMENT])
    assert reload(both).unread_count == 2


def test_who_held_their_voice_back_hears_of_the_target_no_more(
    idea: Idea, target: Idea, manager: Member, drain: Drain
) -> None:
    stays, declines = make_member(), make_member()
    for member in (stays, declines):
        make_support(idea, by=member)
    merge = make_merge(idea, target, by=manager)
    with transaction():
        hold_voice_back(actor_of(declines), session().get_one(Merge, merge.id))
    make_comment(target)
    drain()
    assert kinds(stays) == [NotificationKind.MERGED, NotificationKind.COMMENT]
    assert kinds(declines) == [NotificationKind.MERGED]


def test_a_suggestion_is_not_told_to_who_may_not_see_the_other_idea(idea: Idea, board: Board, drain: Drain) -> None:
    keeper, insider = make_member("Kai"), make_staff("Ines")
    with transaction() as current:
        for member in (keeper, insider):
            current.add(BoardRole(board_id=board.id, member_id=member.id, role=Role.MODERATOR))
    rosa = make_staff("Rosa")
    hidden = make_idea(make_board(audience=Audience.STAFF), author=insider, title="Kestrelquill plans")
    with transaction():
        ends = (get_idea_by_id(ROOT, one.id) for one in (idea, hidden))
        suggest(actor_of(rosa), *ends, wanted=SuggestedKind.RELATED, text="As Kestrelquill says.")
    drain()
    assert kinds(keeper) == []
    assert words(insider) == ["Rosa thinks that it belongs together with another idea"]
    [news] = told(insider)
    # Which boards they see may change; the words are read in the queue, which asks for both.
    assert "Kestrelquill" not in str(news)


def test_whom_a_merged_problem_hit_is_asked_whether_it_is_fixed(board: Board, manager: Member, drain: Drain) -> None:
    author, hit, muted, declined = (make_member() for _ in range(4))
    origin, delivered = make_problem(board, author=author), make_problem(board)
    for member in (hit, muted, declined):
        make_hit(origin, member)
    merge = make_merge(origin, delivered, by=manager)
    with transaction():
        unfollow(actor_of(muted), get_idea_by_id(ROOT, delivered.id))
        hold_voice_back(actor_of(declined), session().get_one(Merge, merge.id))
    make_response(delivered, by=manager, status="delivered")
    drain()
    assert kinds(hit) == kinds(author) == [NotificationKind.MERGED, NotificationKind.PLEASE_CONFIRM]
    assert kinds(muted) == kinds(declined) == [NotificationKind.MERGED]
