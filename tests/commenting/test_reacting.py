"""Reactions and their totals."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ideas.commenting.models import Comment, Reaction, ReactionKind
from ideas.commenting.queries import REACTION_TOTALS, reaction_count, reactions_of
from ideas.commenting.recount import wrong_totals
from ideas.commenting.services import hide_comment, react, unreact
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import lock_idea
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload

ACTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(ReactionKind), st.booleans()), max_size=25
)


def test_a_repeated_reaction_counts_once(app: Flask) -> None:
    comment, reader = make_comment(), actor_of(make_member())
    with transaction():
        assert react(reader, comment, kind=ReactionKind.HELPFUL) is True
        assert react(reader, comment, kind=ReactionKind.HELPFUL) is False
        assert react(reader, comment, kind=ReactionKind.THANKS) is True
    now = reload(comment)
    assert (now.helpful_count, now.thanks_count, now.same_here_count) == (1, 1, 0)


def test_taking_back_what_was_not_said_changes_nothing(app: Flask) -> None:
    comment, reader = make_comment(), actor_of(make_member())
    with transaction():
        assert unreact(reader, comment, kind=ReactionKind.THANKS) is False
    assert reload(comment).thanks_count == 0


def test_nobody_reacts_to_their_own_comment(app: Flask) -> None:
    author = make_member()
    comment = make_comment(author=author)
    with pytest.raises(Forbidden), transaction():
        react(actor_of(author), comment, kind=ReactionKind.HELPFUL)
    assert reload(comment).helpful_count == 0


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    comment = make_comment()
    with pytest.raises(SignInNeeded), transaction():
        react(VISITOR, comment, kind=ReactionKind.HELPFUL)


def test_hidden_comments_take_no_reactions(app: Flask) -> None:
    comment, admin = make_comment(), actor_of(make_admin())
    with transaction():
        hide_comment(admin, comment, reason="Too loud.")
    with pytest.raises(Forbidden), transaction():
        react(admin, comment, kind=ReactionKind.HELPFUL)


def test_a_locked_discussion_takes_no_reactions_of_members(app: Flask) -> None:
    moderator = make_member()
    idea = make_idea(make_board(moderator=moderator))
    comment = make_comment(idea)
    with transaction():
        lock_idea(actor_of(moderator), idea, is_locked=True)
    reader = actor_of(make_member())
    with pytest.raises(Forbidden), transaction():
        react(reader, comment, kind=ReactionKind.HELPFUL)


def test_own_reactions_are_told_for_every_comment_asked(app: Flask) -> None:
    first, second = make_comment(), make_comment()
    reader, stranger = actor_of(make_member()), actor_of(make_member())
    with transaction():
        react(reader, first, kind=ReactionKind.SAME_HERE)
        react(stranger, second, kind=ReactionKind.THANKS)
    ids = [first.id, second.id]
    assert reactions_of(reader, ids) == {first.id: {ReactionKind.SAME_HERE}, second.id: frozenset()}
    assert reactions_of(VISITOR, ids) == {first.id: frozenset(), second.id: frozenset()}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_totals_of_reactions_are_what_the_rows_say(app: Flask, acts: list[tuple[int, int, ReactionKind, bool]]) -> None:
    readers = [actor_of(make_member()) for _ in range(3)]
    comments = [make_comment(), make_comment()]
    for reader, comment, kind, is_taken_back in acts:
        with transaction():
            (unreact if is_taken_back else react)(readers[reader], comments[comment], kind=kind)
    for now in map(reload, comments):
        assert {kind: reaction_count(now, kind) for kind in ReactionKind} == counted(now)
    assert wrong_totals() == []


def counted(comment: Comment) -> dict[ReactionKind, int]:
    """Count the reactions of a comment by kind."""
    rows = session().execute(
        select(Reaction.kind, func.count()).where(Reaction.comment_id == comment.id).group_by(Reaction.kind)
    )
    return {**dict.fromkeys(REACTION_TOTALS, 0), **{row[0]: row[1] for row in rows}}
