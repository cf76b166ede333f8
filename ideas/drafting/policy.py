"""Who may do what with a draft, beyond writing it, which all do who have joined."""

from flask_babel import lazy_gettext as _

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.boards.queries import actor_on, get_board
from ideas.core.errors import NotFound
from ideas.core.policy import YES, Actor, Decision, no
from ideas.drafting.models import Draft
from ideas.ideation.policy import can_propose


def can_publish(actor: Actor, draft: Draft) -> Decision:
    """Who began it, while it is not published."""
    if draft.published_at is not None:
        return no(_("It is published already."))
    if draft.owner_id != actor.member_id:
        return no(_("Who began the draft publishes it."))
    return YES


def can_discard(actor: Actor, draft: Draft) -> Decision:
    """Who began it, while nobody else writes it."""
    decision = can_publish(actor, draft)
    if decision and draft.writer_count > 1:
        return no(_("Others write it too. You can leave it to them."))
    return decision


def can_be_author(member: Member, board: Board) -> Decision:
    """Whoever sees the board and may propose there."""
    there = actor_on(member, board.id)
    try:
        get_board(there, board.slug)
    except NotFound:
        return no(_("%(name)s does not see this board, so the draft cannot be published there.", name=member.name))
    if not can_propose(there, board):
        return no(
            _("%(name)s may not propose on this board, so the draft cannot be published there.", name=member.name)
        )
    return YES
