"""The permission table of the site, and the levels at which boards let people take part."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.boards.models import Board, Level, Role
from ideas.core.errors import SignInNeeded
from ideas.core.policy import YES, Actor, Decision, no


class Permission(StrEnum):
    """What can be done on a board, beyond seeing it."""

    PROPOSE = "propose"
    SUPPORT = "support"
    COMMENT = "comment"
    REPORT = "report"
    FOLLOW = "follow"
    READ_INTERNAL = "read_internal"
    WRITE_INTERNAL = "write_internal"
    SPEAK_OFFICIALLY = "speak_officially"
    RESPOND = "respond"
    ASSIGN = "assign"
    CHOOSE_FIX = "choose_fix"
    SETTLE_CREDIT = "settle_credit"
    MODERATE = "moderate"
    INVITE = "invite"
    ENTER_FOR_CUSTOMERS = "enter_for_customers"
    SEE_ORGANISATIONS = "see_organisations"
    ADMINISTER = "administer"


Predicate = Callable[[Actor, int], bool]


def member(actor: Actor, board_id: int) -> bool:
    """Anybody signed in."""
    return actor.is_member


def guest(actor: Actor, board_id: int) -> bool:
    """Whoever was invited to this board or belongs to one of its segments."""
    return actor.holds(Role.GUEST, board_id)


def staff(actor: Actor, board_id: int) -> bool:
    """Anybody who works for the company."""
    return actor.is_staff or actor.is_admin


def product_manager(actor: Actor, board_id: int) -> bool:
    """Whoever looks after this board."""
    return actor.holds(Role.PRODUCT_MANAGER, board_id)


def moderator(actor: Actor, board_id: int) -> bool:
    """Whoever keeps order on this board."""
    return actor.holds(Role.MODERATOR, board_id)


def staff_keeper(actor: Actor, board_id: int) -> bool:
    """Whoever of the staff looks after this board or keeps order on it."""
    return actor.is_staff and (product_manager(actor, board_id) or moderator(actor, board_id))


def admin(actor: Actor, board_id: int) -> bool:
    """Whoever runs the site."""
    return actor.is_admin


#: Who may do what: one of the predicates must hold. Absent means nobody.
TABLE: Mapping[Permission, tuple[Predicate, ...]] = {
    Permission.PROPOSE: (member,),
    Permission.SUPPORT: (member,),
    Permission.COMMENT: (member,),
    Permission.REPORT: (member,),
    Permission.FOLLOW: (member,),
    Permission.READ_INTERNAL: (staff,),
    Permission.WRITE_INTERNAL: (staff,),
    Permission.SPEAK_OFFICIALLY: (product_manager,),
    Permission.RESPOND: (product_manager,),
    Permission.ASSIGN: (product_manager,),
    Permission.CHOOSE_FIX: (product_manager,),
    Permission.SETTLE_CREDIT: (product_manager,),
    Permission.MODERATE: (moderator, product_manager),
    Permission.INVITE: (product_manager,),
    Permission.ENTER_FOR_CUSTOMERS: (staff_keeper, admin),
    Permission.SEE_ORGANISATIONS: (staff,),
    Permission.ADMINISTER: (admin,),
}

#: Who takes part at each level of a board: one of the predicates must hold, beside what the table says.
LEVELS: Mapping[Level, tuple[Predicate, ...]] = {
    Level.MEMBERS: (member,),
    Level.SEGMENT: (guest, moderator, product_manager, staff),
    Level.STAFF: (moderator, product_manager, staff),
}

#: What boards have a level for.
LEVEL_OF: Mapping[Permission, Callable[[Board], Level]] = {
    Permission.PROPOSE: lambda board: board.propose_level,
    Permission.SUPPORT: lambda board: board.support_level,
    Permission.COMMENT: lambda board: board.comment_level,
}

TOO_FAR: Mapping[tuple[Permission, Level], LazyString] = {
    (Permission.PROPOSE, Level.SEGMENT): _("On this board only invited people may propose."),
    (Permission.PROPOSE, Level.STAFF): _("On this board only the staff may propose."),
    (Permission.SUPPORT, Level.SEGMENT): _("On this board only invited people may support."),
    (Permission.SUPPORT, Level.STAFF): _("On this board only the staff may support."),
    (Permission.COMMENT, Level.SEGMENT): _("On this board only invited people may comment."),
    (Permission.COMMENT, Level.STAFF): _("On this board only the staff may comment."),
}


def may_take_part(actor: Actor, permission: Permission, board: Board) -> Decision:
    """Tell whether the table and the board's own level let the actor propose, support or comment there."""
    decision = may(actor, permission, board.id)
    level = LEVEL_OF[permission](board)
    if not decision or any(holds(actor, board.id) for holds in LEVELS[level]):
        return decision
    return no(TOO_FAR[permission, level])


def enters_for_customers(actor: Actor) -> bool:
    """Tell whether there is any board on which the actor may enter something for a customer."""
    return actor.is_admin or (actor.is_staff and bool(actor.places(Role.MODERATOR, Role.PRODUCT_MANAGER)))


def may(actor: Actor, permission: Permission, board_id: int) -> Decision:
    """Tell whether the table allows it on this board. That the actor sees the board is checked before."""
    if any(holds(actor, board_id) for holds in TABLE[permission]):
        return YES
    return no(SignInNeeded.default if not actor.is_member else _("This is for those who look after the board."))
