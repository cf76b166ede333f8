"""Finding and mending totals that differ from the rows they count."""

from flask import Flask
from sqlalchemy import update

from ideas.commenting.models import Comment, ReactionKind
from ideas.commenting.recount import repair, wrong_totals
from ideas.commenting.services import hide_comment, react
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from tests.factories import actor_of, make_admin, make_comment, make_idea, make_member, make_staff, reload


def test_totals_kept_by_the_verbs_need_no_mending(app: Flask) -> None:
    idea = make_idea()
    make_comment(idea, author=make_staff(), is_internal=True)
    hidden, shown = make_comment(idea), make_comment(idea)
    reader, admin = actor_of(make_member()), actor_of(make_admin())
    with transaction():
        react(reader, shown, kind=ReactionKind.THANKS)
        hide_comment(admin, hidden, reason="Too loud.")
    assert wrong_totals() == []


def test_wrong_totals_are_named_and_mended(app: Flask) -> None:
    comment, reader = make_comment(), actor_of(make_member())
    with transaction():
        react(reader, comment, kind=ReactionKind.HELPFUL)
    with transaction():
        session().execute(update(Idea).where(Idea.id == comment.idea_id).values(comment_count=7))
        session().execute(update(Comment).where(Comment.id == comment.id).values(helpful_count=5, thanks_count=1))
    named = {(found.total, found.stored, found.counted) for found in wrong_totals()}
    assert named == {
        ("idea.comment_count", 7, 1),
        ("comment.helpful_count", 5, 1),
        ("comment.thanks_count", 1, 0),
    }
    with transaction():
        repair()
    assert wrong_totals() == []
    assert reload(comment).helpful_count == 1


def test_only_the_ideas_named_are_mended(app: Flask) -> None:
    first, second = make_comment(), make_comment()
    with transaction():
        session().execute(update(Comment).values(same_here_count=3))
        session().execute(update(Idea).values(comment_count=9))
    with transaction():
        repair(idea_ids=[first.idea_id])
    assert {found.subject for found in wrong_totals()} == {str(second.id), str(second.idea_id)}
    assert reload(first).same_here_count == 0
