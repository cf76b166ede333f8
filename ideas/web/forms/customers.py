"""Reading for whom staff enter something, and where they heard it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.accounts.customers import enter_customer, get_customer
from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.errors import Invalid
from ideas.core.policy import Actor
from ideas.ideation.provenance import Heard, can_enter, check_heard
from ideas.ideation.services import check_words
from ideas.web.forms.ideas import read_board
from ideas.web.pages.customers import WHO_FIELDS, WhoDraft
from ideas.web.pages.proposing import Draft

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The customer, and where staff heard it."""

    customer: Member
    heard: Heard


def who_draft(sent: Mapping[str, str]) -> WhoDraft:
    """Return what was sent about the customer."""
    return WhoDraft(**{name: sent[name] for name in WHO_FIELDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where an idea goes that is published for a customer."""

    board: Board
    who: Who


def read_who(actor: Actor, draft: WhoDraft) -> Who:
    """Return the customer, with a new account where they have none, in the transaction under way.

    Whoever calls has asked whether the actor may enter anything. Raises Invalid with all that is wrong.
    """
    found = Gathered()
    heard = found.take(lambda: check_heard(via=draft.via, where=draft.where))
    customer = found.take(lambda: _customer(actor, draft))
    if heard is None or customer is None:
        raise Invalid(found.errors)
    return Who(customer=customer, heard=heard)


def read_entry(actor: Actor, draft: Draft, who: WhoDraft) -> Entry:
    """Return board and customer of an idea, as `read_who`. Raises Invalid with all that is wrong, its words too."""
    found = Gathered()
    found.take(lambda: check_words(title=draft.title, body=draft.body))
    board = found.take(lambda: _board(actor, draft.board))
    chosen = found.take(lambda: read_who(actor, who))
    if board is None or chosen is None or found.errors:
        raise Invalid(found.errors)
    return Entry(board=board, who=chosen)


class Gathered:
    """Takes what several checks give, and keeps what they refuse, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self.errors: dict[str, LazyString | str] = {}

    def take(self, check: Callable[[], T]) -> T | None:
        """Return what the check gives; None where it refused."""
        try:
            return check()
        except Invalid as refused:
            self.errors.update(refused.errors)
            return None


def _board(actor: Actor, slug: str) -> Board:
    board = read_board(actor, slug)
    if not can_enter(actor, board.id):
        raise Invalid({"board": _("You can enter ideas for customers on boards that you look after.")})
    return board


def _customer(actor: Actor, draft: WhoDraft) -> Member:
    if draft.customer and (draft.new_name.strip() or draft.new_email.strip()):
        raise Invalid({"customer": _("Choose one of these, or enter somebody new, not both.")})
    if draft.is_new:
        return enter_customer(actor, name=draft.new_name, email=draft.new_email)
    return get_customer(draft.customer)
