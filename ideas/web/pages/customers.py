"""What pages need on which staff enter something for customers, and see who stands behind an idea."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _

from ideas.accounts.customers import Candidate, find_customers
from ideas.core.policy import Actor
from ideas.ideation.models import HEARD_MAX, Channel, Idea, Kind
from ideas.ideation.provenance import CHANNEL_WORDS, can_enter
from ideas.voting.models import NEED_MAX, Strength, SupportSource
from ideas.voting.policy import takes_support
from ideas.voting.voices import Voice, Weight, can_see_voices, list_voices, weight_of
from ideas.web.formats import money
from ideas.web.once import new_nonce
from ideas.web.pages.voting import words_of

#: The fields that say for whom something is entered and where it was heard.
WHO_FIELDS = ("search", "customer", "new_name", "new_email", "via", "where")
SUPPORT_FIELDS = (*WHO_FIELDS, "need", "strength")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoDraft:
    """What was typed about a customer and where staff heard it."""

    search: str = ""
    #: Handle of the chosen one; empty: somebody new.
    customer: str = ""
    new_name: str = ""
    new_email: str = ""
    via: str = ""
    where: str = ""

    @property
    def is_new(self) -> bool:
        """Whether somebody is meant who has no account yet."""
        return not self.customer and bool(self.new_name.strip() or self.new_email.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoPart:
    """The fields about a customer, with those who may be meant."""

    draft: WhoDraft
    candidates: Sequence[Candidate]
    channels: Sequence[tuple[str, str | LazyString]]
    errors: Mapping[str, str] = field(default_factory=dict)
    where_max: int = HEARD_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPage:
    """The page on which a support is entered for a customer."""

    idea: Idea
    idea_url: str
    action: str
    next: str
    nonce: str
    who: WhoPart
    need: str
    strength: str
    need_words: str
    strengths: Sequence[tuple[str, str]]
    errors: Mapping[str, str]
    need_max: int = NEED_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An organisation behind an idea."""

    name: str
    plan: str
    people: int
    #: Annual value in words; empty where it is not known.
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightPart:
    """People, organisations and value behind an idea, as staff see them beside it."""

    rows: Sequence[AccountRow]
    organisations: int
    #: People of organisations, and people of none that is known.
    people: int
    alone: int
    #: How many organisations are not named.
    others: int
    #: One sum a currency.
    values: Sequence[str]
    voices_url: str
    #: None where nothing can be entered: by this actor, or because it is closed.
    enter_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWords:
    """Where staff heard something, ready to draw."""

    #: Who entered it; None where they are gone.
    who: str | None
    via: str | LazyString
    where: str
    #: Set where `where` is an address that can be opened.
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRow:
    """One support as staff see it."""

    name: str
    handle: str
    person_url: str
    organisation: str | None
    plan: str | None
    value: str
    given_at: datetime
    strength: str
    need: str | None
    #: None where the person gave it by themselves.
    source: SourceWords | None
    #: Whether they have said since that it is theirs.
    is_own: bool
    can_take_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicesPage:
    """Who supports an idea."""

    idea: Idea
    idea_url: str
    rows: Sequence[VoiceRow]
    more_url: str | None
    take_back_url: str
    weight: WeightPart


def who_part(draft: WhoDraft, *, errors: Mapping[str, str] | None = None) -> WhoPart:
    """Return the fields with who may be meant, in one query. The caller has seen that the actor may enter."""
    return WhoPart(
        draft=draft,
        candidates=find_customers(draft.search or draft.customer),
        channels=[("", _("Choose one")), *((channel.value, words) for channel, words in CHANNEL_WORDS.items())],
        errors=errors or {},
    )


def enter_page(
    idea: Idea,
    draft: WhoDraft,
    *,
    need: str = "",
    strength: str = "",
    nonce: str = "",
    back: str = "",
    errors: Mapping[str, str] | None = None,
) -> EnterPage:
    """Return the page with what was typed and what is wrong with it, in one query."""
    words = words_of(idea.kind)
    return EnterPage(
        idea=idea,
        idea_url=idea_url(idea),
        action=url_for("customers.enter", public_id=idea.public_id),
        next=back,
        nonce=nonce or new_nonce(),
        who=who_part(draft, errors=errors),
        need=need,
        strength=strength,
        need_words=_("What does it keep them from?") if idea.kind is Kind.PROBLEM else _("What do they need it for?"),
        strengths=words.strengths,
        errors=errors or {},
    )


def weight_part(actor: Actor, idea: Idea, *, back: str | None = None) -> WeightPart | None:
    """Return what stands behind an idea, in one query; None, without a query, for all but staff.

    `back`: where to go when a support was entered, if not to the idea.
    """
    if not can_see_voices(actor, idea.board_id):
        return None
    weight = weight_of(idea.id, has_origins=idea.origin_count > 0)
    may_enter = can_enter(actor, idea.board_id) and takes_support(idea)
    return WeightPart(
        rows=[
            AccountRow(
                name=one.name, plan=one.plan, people=one.people, value=value_words(one.annual_value, one.currency)
            )
            for one in weight.accounts
        ],
        organisations=weight.organisations,
        people=weight.people,
        alone=weight.alone,
        others=weight.organisations - len(weight.accounts),
        values=values_of(weight),
        voices_url=url_for("customers.voices", public_id=idea.public_id),
        enter_url=url_for("customers.enter", public_id=idea.public_id, next=back) if may_enter else None,
    )


def voices_page(actor: Actor, idea: Idea, weight: WeightPart, *, after: str | None) -> VoicesPage:
    """Return a page of who supports an idea, newest first, in one query. Raises Invalid (cursor)."""
    page = list_voices(idea, after=after)
    may_take_back = bool(can_enter(actor, idea.board_id) and takes_support(idea))
    strengths = dict(words_of(idea.kind).strengths)
    following = None
    if page.next_cursor:
        following = url_for("customers.voices", public_id=idea.public_id, after=page.next_cursor)
    return VoicesPage(
        idea=idea,
        idea_url=idea_url(idea),
        rows=[
            _voice(voice, strengths, may_take_back=may_take_back and voice.idea_id == idea.id) for voice in page.items
        ],
        more_url=following,
        take_back_url=url_for("customers.take_back", public_id=idea.public_id),
        weight=weight,
    )


def source_words(*, via: Channel, where: str | None, who: str | None) -> SourceWords:
    """Return where staff heard something; only addresses of the web can be opened."""
    is_address = (where or "").startswith(("https://", "http://"))
    return SourceWords(who=who, via=CHANNEL_WORDS[via], where=where or "", url=where if is_address else None)


def values_of(weight: Weight) -> list[str]:
    """Return the sums, one a currency, by the letters of the currency."""
    return [money(value, currency) for currency, value in sorted(weight.values.items())]


def value_words(minor: int | None, currency: str | None) -> str:
    """Return an annual value in words; empty where it is not known."""
    return "" if minor is None or currency is None else money(minor, currency)


def idea_url(idea: Idea) -> str:
    """Return the address of an idea's page."""
    return url_for("ideation.show", public_id=idea.public_id)


def _voice(voice: Voice, strengths: Mapping[str, str], *, may_take_back: bool) -> VoiceRow:
    return VoiceRow(
        name=voice.name,
        handle=voice.handle,
        person_url=url_for("people.show", handle=voice.handle),
        organisation=voice.organisation,
        plan=voice.plan,
        value=value_words(voice.annual_value, voice.currency),
        given_at=voice.given_at,
        strength=strengths[Strength(voice.strength)] if voice.strength else "",
        need=voice.need,
        source=source_words(via=voice.via, where=voice.where, who=voice.entered_by) if voice.via else None,
        is_own=voice.source is not SupportSource.STAFF,
        can_take_back=may_take_back and voice.source is SupportSource.STAFF,
    )
