"""Who may bring somebody in as an author, ask to be one, and leave."""

from flask_babel import lazy_gettext as _

from ideas.accounts.models import Member
from ideas.boards.policy import Permission, may_take_part
from ideas.boards.queries import actor_on, board_by_id
from ideas.core.errors import SignInNeeded
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.authorship import has_remaining_author
from ideas.ideation.models import CoAuthor, Idea
from ideas.ideation.queries import is_author, visible_ids


def can_invite(actor: Actor, idea: Idea) -> Decision:
    """The authors, while the idea is open."""
    if not actor.is_member:
        return no(SignInNeeded.default)
    if not is_author(actor, idea):
        return no(_("Only the authors decide who writes with them."))
    return _while_open(idea)


def can_ask(actor: Actor, idea: Idea) -> Decision:
    """Whoever may take part in the discussion, while the idea is open and one of its authors is here."""
    if not actor.is_member:
        return no(SignInNeeded.default)
    if is_author(actor, idea):
        return no(_("You are an author already."))
    decision = _while_open(idea) and may_take_part(actor, Permission.COMMENT, board_by_id(idea.board_id))
    if decision and not has_remaining_author(idea):
        return no(_("None of the authors is here any more, so nobody could say yes."))
    return decision


def can_join(member: Member, idea: Idea) -> Decision:
    """Whoever is here, sees the idea and may take part in its discussion."""
    if not member.active:
        return no(_("%(name)s is not here any more.", name=member.name))
    actor = actor_on(member, idea.board_id)
    if not visible_ids(actor, [idea.id]):
        return no(_("%(name)s does not see this board.", name=member.name))
    if not may_take_part(actor, Permission.COMMENT, board_by_id(idea.board_id)):
        return no(_("%(name)s may not take part on this board.", name=member.name))
    return YES


def can_leave(actor: Actor, idea: Idea, named: CoAuthor | None) -> Decision:
    """Co-authors, at any time; the originator stays who began it."""
    if not actor.is_member:
        return no(SignInNeeded.default)
    if idea.author_id == actor.member_id:
        return no(_("You began this idea, and that stays so. You can withdraw it."))
    return YES if named is not None else no(_("You are not among the authors."))


def _while_open(idea: Idea) -> Decision:
    return YES if idea.is_open else no(_("It is not open any more, so its authors stay who they are."))
