"""Organisations: the customer accounts, what is known of them, and who belongs to them."""

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, or_, select, update

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged, OrganisationChanged
from ideas.accounts.models import ORGANISATION_MAX, Member, Organisation
from ideas.accounts.money import from_minor, read_currency, read_number, to_minor
from ideas.accounts.policy import require_admin
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, NotFound
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.pages import PAGE_SIZE, Page, after_name, page_of
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_skip
from ideas.core.text import Refused, clean_line
from ideas.core.versions import SITE, touch

#: Under this source stands the company's own key of an organisation.
SOURCE = "company"
PLAN_MAX = 40
KEY_MAX = 128
SEARCH_MAX = 100
WORDS_MAX = 30
WORD_MAX = 40
VALUE_MAX = 200
_WORDS_TEXT_MAX = 10_000
#: The largest key of a row; a longer number in an address names nothing.
_ID_MAX = 2**31
_WORD = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
#: Words that segments read from columns.
TAKEN_WORDS = frozenset({"name", "plan", "annual_value", "currency"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDraft:
    """What was typed about an organisation."""

    name: str
    plan: str = ""
    annual_value: str = ""
    currency: str = ""
    external_id: str = ""
    #: "name = value", one a line.
    attributes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRow:
    """An organisation in a list."""

    id: int
    name: str
    plan: str
    annual_value: int | None
    currency: str | None
    member_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """A member of an organisation."""

    id: int
    name: str
    handle: str
    email: str | None


def get_organisation(actor: Actor, number: str) -> Organisation:
    """Return the organisation with this number. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    is_number = number.isascii() and number.isdigit() and len(number) <= len(str(_ID_MAX)) and int(number) < _ID_MAX
    found = session().get(Organisation, int(number), populate_existing=True) if is_number else None
    if found is None:
        raise NotFound
    return found


def list_organisations(
    actor: Actor, *, holds: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> Page[OrganisationRow]:
    """Return a page of organisations by name. `holds`: a part of the name; empty: all of them.

    Raises SignInNeeded, Forbidden, Invalid for a cursor that is not ours.
    """
    require_admin(actor)
    count = select(func.count()).where(Member.organisation_id == Organisation.id).scalar_subquery()
    query = (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.plan,
            Organisation.annual_value,
            Organisation.currency,
            count.label("member_count"),
        )
        .order_by(Organisation.name, Organisation.id)
        .limit(size + 1)
    )
    wanted = clean_line(holds[:SEARCH_MAX], least=0, most=SEARCH_MAX)
    if wanted:
        # One engine folds the case of ASCII only; so the text is looked for as typed, too.
        folded = func.lower(Organisation.name).contains(wanted.lower(), autoescape=True)
        query = query.where(or_(folded, Organisation.name.contains(wanted, autoescape=True)))
    if after:
        query = query.where(after_name(Organisation.name, Organisation.id, after))
    rows = [OrganisationRow(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public
    return page_of(rows, size=size, key=lambda row: (row.name, row.id))


def list_belonging(
    actor: Actor, organisation: Organisation, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[Belonging]:
    """Return a page of the members of an organisation, by name. Raises as `list_organisations`."""
    require_admin(actor)
    query = (
        select(Member.id, Member.name, Member.handle, Member.email)
        .where(Member.organisation_id == organisation.id)
        .order_by(Member.name, Member.id)
        .limit(size + 1)
    )
    if after:
        query = query.where(after_name(Member.name, Member.id, after))
    rows = [Belonging(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public
    return page_of(rows, size=size, key=lambda row: (row.name, row.id))


def open_organisation(actor: Actor, draft: OrganisationDraft) -> Organisation:
    """Add an organisation and return it.

    Raises SignInNeeded, Forbidden, Invalid (the fields of the draft), Conflict where somebody adds the same now.
    """
    require_admin(actor)
    values = _checked(draft, None)
    if not insert_or_skip(Organisation, {**values, "created_at": clock.now()}, unique=["name"]):
        raise Conflict(_("Somebody has added an organisation of this name just now."))
    made = session().scalars(select(Organisation).where(Organisation.name == values["name"])).one()
    note(actor, "organisation.opened", subject="organisation", subject_id=made.id)
    return made


def change_organisation(actor: Actor, organisation: Organisation, draft: OrganisationDraft) -> None:
    """Change what is known of an organisation; the segments of its members follow. Raises as `open_organisation`."""
    require_admin(actor)
    for field, value in _checked(draft, organisation).items():
        setattr(organisation, field, value)
    session().flush()
    touch(SITE)
    note(actor, "organisation.changed", subject="organisation", subject_id=organisation.id)
    publish(OrganisationChanged(actor_id=actor.member_id, organisation_id=organisation.id))


def put_into_organisation(actor: Actor, member: Member, organisation: Organisation | None) -> bool:
    """Say where a member belongs, None for nowhere. Returns whether that is new. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    locked = select(Member.organisation_id).where(Member.id == member.id).with_for_update()
    before, now = session().scalar(locked), organisation.id if organisation else None
    if before == now:
        return False
    session().execute(update(Member).where(Member.id == member.id).values(organisation_id=now))
    touch(SITE)
    note(
        actor,
        "organisation.member_moved",
        member_id=member.id,
        subject="organisation",
        subject_id=now or before,
        before={"organisation": before},
        after={"organisation": now},
    )
    publish(MemberChanged(actor_id=actor.member_id, member_id=member.id))
    return True


def is_word(text: str) -> bool:
    """Tell whether a text can name one of the further words about an organisation."""
    return _WORD.fullmatch(text) is not None


def draft_of(organisation: Organisation) -> OrganisationDraft:
    """Return an organisation as it would be typed."""
    value, currency = organisation.annual_value, organisation.currency
    return OrganisationDraft(
        name=organisation.name,
        plan=organisation.plan,
        annual_value=str(from_minor(value, currency)) if value is not None and currency else "",
        currency=currency or "",
        external_id=organisation.external_id or "",
        attributes="\n".join(f"{name} = {text}" for name, text in sorted(organisation.attributes.items())),
    )


def _checked(draft: OrganisationDraft, organisation: Organisation | None) -> dict[str, Any]:
    fields = Fields()
    name = fields.line("name", draft.name, least=2, most=ORGANISATION_MAX)
    external_id = fields.line("external_id", draft.external_id, least=0, most=KEY_MAX) or None
    plan = fields.line("plan", draft.plan, least=0, most=PLAN_MAX)
    value, currency = _money(fields, draft)
    attributes = _attributes(fields, draft.attributes)
    own_id = organisation.id if organisation else 0
    source = organisation.source if organisation and organisation.source else SOURCE
    if _is_taken(own_id, func.lower(Organisation.name) == name.lower()):
        fields.refuse("name", _("Another organisation has this name."))
    known = and_(Organisation.source == source, Organisation.external_id == external_id)
    if external_id and _is_taken(own_id, known):
        fields.refuse("external_id", _("Another organisation has this key."))
    fields.done()
    return {
        "name": name,
        "plan": plan,
        "annual_value": value,
        "currency": currency,
        "source": source if external_id else None,
        "external_id": external_id,
        "attributes": attributes,
    }


def _money(fields: Fields, draft: OrganisationDraft) -> tuple[int | None, str | None]:
    """Return minor units and currency, both None where no value was typed."""
    if not draft.annual_value.strip():
        return None, None
    field = "annual_value"
    try:
        amount = read_number(draft.annual_value)
        field = "currency"
        currency = read_currency(draft.currency)
        field = "annual_value"
        return to_minor(amount, currency), currency
    except Refused as refused:
        fields.refuse(field, refused.message)
        return None, None


def _attributes(fields: Fields, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in fields.text("attributes", text, least=0, most=_WORDS_TEXT_MAX).splitlines():
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        word = name.lower()
        if not sign or not is_word(word) or len(word) > WORD_MAX:
            fields.refuse("attributes", _("Write name = value on each line; names of letters, digits, - and _."))
        elif word in TAKEN_WORDS:
            fields.refuse("attributes", _("“%(name)s” has a field of its own.", name=word))
        elif word in found:
            fields.refuse("attributes", _("“%(name)s” stands here twice.", name=word))
        found[word] = fields.line("attributes", value, least=1, most=VALUE_MAX)
    if len(found) > WORDS_MAX:
        fields.refuse("attributes", _("%(most)d lines fit.", most=WORDS_MAX))
    return found


def _is_taken(own_id: int, condition: Any) -> bool:
    query = select(Organisation.id).where(condition, Organisation.id != own_id)
    return session().scalar(query.limit(1)) is not None
