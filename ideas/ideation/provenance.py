"""Where staff heard what they enter for a customer, and for whom they may enter something on a board."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.boards.policy import Permission, may
from ideas.boards.queries import actor_on, get_board
from ideas.core.errors import Invalid, NotFound
from ideas.core.fields import Fields
from ideas.core.policy import Actor, Decision, require
from ideas.ideation.models import HEARD_MAX, Channel

CHANNEL_WORDS: Mapping[Channel, LazyString] = {
    Channel.INTERVIEW: _("interview"),
    Channel.TICKET: _("support ticket"),
    Channel.CALL: _("sales call"),
    Channel.MAIL: _("mail"),
    Channel.EVENT: _("event"),
    Channel.OTHER: _("another conversation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """By which way staff heard it, and where: a link, a number, a day; empty where that was not said."""

    via: Channel
    where: str = ""


def check_heard(*, via: str, where: str) -> Heard:
    """Return what was typed about the source, cleaned. Raises Invalid (via, where)."""
    fields = Fields()
    clean = fields.line("where", where, least=0, most=HEARD_MAX)
    if via not in list(Channel):
        fields.refuse("via", _("Say where you heard it."))
    fields.done()
    return Heard(via=Channel(via), where=clean)


def can_enter(actor: Actor, board_id: int) -> Decision:
    """Of the staff whoever looks after the board or keeps order there, and who runs the site."""
    return may(actor, Permission.ENTER_FOR_CUSTOMERS, board_id)


def speak_for(actor: Actor, customer: Member, board: Board) -> Actor:
    """Return the customer as an actor on the board, in whose name something is to be entered.

    Whoever may not see the board would learn of it by being told, so nothing is entered for them. Raises Forbidden,
    Invalid (customer).
    """
    require(can_enter(actor, board.id))
    if not customer.active or customer.erased_at is not None or customer.is_staff or customer.is_admin:
        raise Invalid({"customer": _("Only for customers whose account is open can something be entered.")})
    spoken_for = actor_on(customer, board.id)
    try:
        get_board(spoken_for, board.slug)
    except NotFound:
        raise Invalid({"customer": refusal_to_see(customer)}) from None
    return spoken_for


def refusal_to_see(customer: Member) -> LazyString:
    """Return why nothing is entered for somebody who may not see it."""
    return _("%(name)s may not see it. Open the board to them first.", name=customer.name)
