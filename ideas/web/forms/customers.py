"""Reading for whom staff enter something, and where they heard it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.accounts.customers import enter_customer, get_customer
from ideas.accounts.models import Member
from ideas.core.errors import Invalid
from ideas.core.policy import Actor
from ideas.ideation.provenance import Heard, check_heard
from ideas.web.pages.customers import WHO_FIELDS, WhoDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The customer, and where staff heard it."""

    customer: Member
    heard: Heard


def who_draft(sent: Mapping[str, str]) -> WhoDraft:
    """Return what was sent about the customer."""
    return WhoDraft(**{name: sent[name] for name in WHO_FIELDS})


def read_who(actor: Actor, draft: WhoDraft) -> Who:
    """Return the customer, with a new account where they have none, in the transaction under way.

    Whoever calls has asked whether the actor may enter anything. Raises Invalid with all that is wrong.
    """
    errors: dict[str, LazyString | str] = {}
    heard = customer = None
    try:
        heard = check_heard(via=draft.via, where=draft.where)
    except Invalid as refused:
        errors.update(refused.errors)
    try:
        customer = _customer(actor, draft)
    except Invalid as refused:
        errors.update(refused.errors)
    if heard is None or customer is None:
        raise Invalid(errors)
    return Who(customer=customer, heard=heard)


def _customer(actor: Actor, draft: WhoDraft) -> Member:
    if draft.customer and (draft.new_name.strip() or draft.new_email.strip()):
        raise Invalid({"customer": _("Choose one of these, or enter somebody new, not both.")})
    if draft.is_new:
        return enter_customer(actor, name=draft.new_name, email=draft.new_email)
    return get_customer(draft.customer)
