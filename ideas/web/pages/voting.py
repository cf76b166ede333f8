"""What the support key, the support box and the page of needs need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _

from ideas.boards.fields import list_fields
from ideas.boards.models import BoardField, FieldUse
from ideas.boards.queries import board_by_id
from ideas.core.policy import Actor
from ideas.following.queries import find_stance
from ideas.ideation.models import CIRCUMSTANCE_MAX, Idea, Kind
from ideas.ideation.provenance import CHANNEL_WORDS
from ideas.ideation.queries import get_idea
from ideas.voting.models import NEED_MAX, Strength, Support, SupportSource
from ideas.voting.policy import can_support, takes_support
from ideas.voting.queries import Need, list_needs
from ideas.web.formats import number
from ideas.web.pages.following import FollowPart, follow_part
from ideas.web.pages.own_fields import FieldInput, answer_rows, field_inputs
from ideas.web.pages.problems import Facts, circumstance_rows
from ideas.web.pages.rows import support_url, takes_key


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportKey:
    """The support key of one idea, as it stands in a list."""

    public_id: str
    title: str
    label: str
    url: str
    count: int
    is_supported: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a supporter told, or typed, beside the support."""

    need: str = ""
    strength: str = ""
    version: str = ""
    environment: str = ""
    since: str = ""
    #: To the board's own fields, by their keys.
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        words = (self.need, self.strength, self.version, self.environment, self.since, *self.answers.values())
        return any(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxWords:
    """The words of the box, which differ by the kind of the idea."""

    heading: str
    label: str
    pressed_label: str
    need: str
    hint: str
    strengths: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportBox:
    """The support box of an idea's page, in each of its states."""

    public_id: str
    words: BoxWords
    count: int
    count_words: str
    #: Where a number that came along from elsewhere is from; empty where none did.
    carried_words: str
    is_member: bool
    is_supported: bool
    #: Whether they count by what they support that was merged into it, alone.
    is_carried: bool
    is_problem: bool
    #: Where staff heard what they entered for the viewer, who has not said yet that it is theirs; empty else.
    entered_words: str
    #: Why supports may not change; None while they may.
    closed_words: LazyString | str | None
    #: Casting or taking back; for visitors signing in.
    action_url: str
    #: Saying that what staff entered is the viewer's own.
    own_url: str
    need_url: str
    needs_url: str
    idea_url: str
    is_beside_needs: bool
    #: Whether a supporter may tell more; not where the board's level admits them no longer.
    may_tell: bool
    told: Told
    #: The board's own fields, for those whom a problem hits.
    own_fields: Sequence[FieldInput]
    #: Whether the viewer has told something before.
    has_told: bool
    #: Whether what was typed has just been kept.
    is_kept: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    need_max: int = NEED_MAX
    circumstance_max: int = CIRCUMSTANCE_MAX

    @property
    def opens_circumstances(self) -> bool:
        """Whether the circumstances are unfolded: some were told, or something is wrong with them."""
        told = (self.told.since, self.told.version, self.told.environment, *self.told.answers.values())
        return any(told) or any(name not in {"need", "strength", ""} for name in self.errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedView:
    """One need as it is shown."""

    need: Need
    #: How much, in words; empty where not told.
    strength: str
    #: The circumstances, as (label, words).
    facts: Facts
    person_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPage:
    """All that the page of needs shows."""

    idea: Idea
    idea_url: str
    needs: Sequence[NeedView]
    more_url: str | None
    box: SupportBox
    follow: FollowPart


def support_key(actor: Actor, idea: Idea, *, is_supported: bool) -> SupportKey:
    """Return the key of an idea in a list, without a query."""
    return SupportKey(
        public_id=idea.public_id,
        title=idea.title,
        label=_("Me too") if idea.kind is Kind.PROBLEM else _("Support"),
        url=support_url(actor, idea.public_id, is_supported=is_supported),
        count=idea.support_count,
        is_supported=is_supported,
        is_open=idea.is_open and takes_key(actor, board_by_id(idea.board_id), is_supported=is_supported),
    )


def support_part(
    actor: Actor,
    idea: Idea,
    support: Support | None,
    *,
    is_carried: bool = False,
    typed: Told | None = None,
    errors: Mapping[str, str] | None = None,
    is_kept: bool = False,
    is_beside_needs: bool = False,
) -> SupportBox:
    """Return the box for `find_stance(actor, idea.id).support`; one query for whom a problem can hit, else none.

    `is_carried`: the stance says that they count by what was merged into it.
    `typed`, `errors`: what was refused, to be shown again. `is_kept`: say that it was saved.
    `is_beside_needs`: it stands on the page of needs, so it leads to the idea and its forms come back.
    """
    kept = _told(support)
    told = typed or kept
    asks = idea.kind is Kind.PROBLEM and actor.is_member and idea.is_open
    asked = list_fields(idea.board_id, use=FieldUse.PROBLEMS) if asks else []
    # What waits for a yes to a new author is not given: pressing says yes.
    is_given = support is not None and support.adoption_id is None
    is_supported = is_given or is_carried
    return SupportBox(
        public_id=idea.public_id,
        words=words_of(idea.kind),
        count=idea.support_count,
        count_words=_count_words(idea),
        carried_words=_carried_words(idea),
        is_member=actor.is_member,
        is_supported=is_supported,
        is_carried=is_carried and not is_given,
        is_problem=idea.kind is Kind.PROBLEM,
        entered_words=_entered_words(support),
        closed_words=_closed_words(actor, idea, is_supported=is_supported),
        action_url=support_url(actor, idea.public_id, is_supported=is_supported),
        own_url=url_for("voting.support", public_id=idea.public_id),
        need_url=url_for("voting.need", public_id=idea.public_id),
        needs_url=needs_url(idea.public_id),
        idea_url=url_for("ideation.show", public_id=idea.public_id),
        is_beside_needs=is_beside_needs,
        may_tell=bool(can_support(actor, idea)),
        told=told,
        own_fields=field_inputs(asked, told.answers, needs_required=False),
        has_told=kept.is_any,
        is_kept=is_kept,
        errors=errors or {},
    )


def needs_page(
    actor: Actor,
    public_id: str,
    *,
    after: str | None = None,
    typed: Told | None = None,
    errors: Mapping[str, str] | None = None,
    is_beside_needs: bool = True,
) -> NeedsPage:
    """Return a page of needs with the box beside it, in five queries at most. Raises NotFound, Invalid (cursor).

    `is_beside_needs`: false where the box is drawn for the idea's own page.
    """
    idea = get_idea(actor, public_id)
    page = list_needs(actor, idea, after=after)
    stance = find_stance(actor, idea.id, has_origins=idea.origin_count > 0)
    strengths = dict(words_of(idea.kind).strengths)
    fields = list_fields(idea.board_id, with_retired=True) if idea.kind is Kind.PROBLEM else []
    return NeedsPage(
        idea=idea,
        idea_url=url_for("ideation.show", public_id=public_id),
        needs=[
            NeedView(
                need=need,
                strength=strengths[need.strength] if need.strength else "",
                facts=_facts(need, fields),
                person_url=url_for("people.show", handle=need.person.handle),
            )
            for need in page.items
        ],
        more_url=needs_url(public_id, after=page.next_cursor) if page.next_cursor else None,
        box=support_part(
            actor,
            idea,
            stance.support,
            is_carried=stance.is_carried,
            typed=typed,
            errors=errors,
            is_beside_needs=is_beside_needs,
        ),
        follow=follow_part(actor, idea, stance.follow, hears_by_origin=stance.hears_by_origin),
    )


def _facts(need: Need, fields: Sequence[BoardField]) -> Facts:
    rows = circumstance_rows(since=need.since, version=need.version, environment=need.environment)
    return [*rows, *answer_rows(fields, need.answers)]


def needs_url(public_id: str, *, after: str | None = None) -> str:
    """Return where it stands what people need an idea for."""
    return url_for("voting.needs", public_id=public_id, after=after)


def _closed_words(actor: Actor, idea: Idea, *, is_supported: bool) -> LazyString | str | None:
    """Return why there is nothing to press, or None. Visitors are led to sign in; what was given can be taken back."""
    may_press = not actor.is_member or is_supported
    return (takes_support(idea) if may_press else can_support(actor, idea)).reason


def _told(support: Support | None) -> Told:
    if support is None:
        return Told()
    return Told(
        need=support.need or "",
        strength=support.strength or "",
        version=support.version or "",
        environment=support.environment or "",
        since=support.since.isoformat() if support.since else "",
        answers=support.answers,
    )


def words_of(kind: Kind) -> BoxWords:
    """Return the words of the box for an idea of this kind."""
    if kind is Kind.PROBLEM:
        return BoxWords(
            heading=_("This hits me too"),
            label=_("This hits me too"),
            pressed_label=_("This hits me too"),
            need=_("What does it keep you from?"),
            hint=_("Optional. Where and how it happens helps to find the cause."),
            strengths=[
                (Strength.NICE, _("A little")),
                (Strength.IMPORTANT, _("Much")),
                (Strength.CRITICAL, _("It stops me")),
            ],
        )
    return BoxWords(
        heading=_("Support"),
        label=_("Support this fix") if kind is Kind.FIX else _("Support this idea"),
        pressed_label=_("Supported"),
        need=_("What do you need it for?"),
        hint=_("Optional. Your own words help more than a vote."),
        strengths=[
            (Strength.NICE, _("Nice")),
            (Strength.IMPORTANT, _("Important")),
            (Strength.CRITICAL, _("Critical")),
        ],
    )


def _count_words(idea: Idea) -> str:
    count = idea.support_count
    if idea.kind is Kind.PROBLEM:
        return str(ngettext("person is hit by this", "people are hit by this", count))
    return str(ngettext("person supports this", "people support this", count))


def _entered_words(support: Support | None) -> str:
    if support is None or support.source is not SupportSource.STAFF or support.entered_via is None:
        return ""
    return str(_("Entered for you by our team (%(via)s).", via=CHANNEL_WORDS[support.entered_via]))


def _carried_words(idea: Idea) -> str:
    if not idea.carried_count:
        return ""
    amount = number(idea.carried_count)
    if not idea.carried_source:
        return str(_("%(amount)s of them came along as a number.", amount=amount))
    return str(_("%(amount)s of them came along from %(source)s.", amount=amount, source=idea.carried_source))
