"""The records of the interchange format, version 2, as docs/interchange.md describes them.

Fields stand in the order in which they are written. No database, no import logic here.
"""

# `held` makes a dataclass field, which is the one call that belongs there.
# ruff: noqa: RUF009

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _

from ideas.transfer.groups import Organisation, Segment
from ideas.transfer.rules import (
    choice,
    day,
    external_id,
    flag,
    held,
    line,
    many,
    moment,
    pattern,
    reference,
    text,
    whole_number,
    word_set,
)
from ideas.transfer.shapes import nested, slug_rule, source_rule
from ideas.transfer.ties import Link, Merge
from ideas.transfer.words import (
    Audience,
    Category,
    Channel,
    CommentAudience,
    ContributionKind,
    DeclineReason,
    Degree,
    FollowReason,
    Hue,
    IdeaKind,
    MemberKind,
    ReactionKind,
    RevisionKind,
    Strength,
    Verdict,
)

FORMAT = "ideas-interchange"
VERSION = 2
#: Files of these versions are read.
VERSIONS = range(1, VERSION + 1)

BODY_LENGTH = 20_000
TITLE_LENGTH = 300
NAME_LENGTH = 80
PARAGRAPH_LENGTH = 2_000
LABEL_LENGTH = 120
NOTE_LENGTH = 300
MOST_ENTRIES = 1_000
MOST_TAGS = 30
HIGHEST_COUNT = 1_000_000_000
HIGHEST_POINTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: what this file is and whose ids it speaks of."""

    format: str = held(line(most=40))
    version: int = held(whole_number(least=1, most=1_000_000))
    source: str | None = held(source_rule(), default=None)
    note: str | None = held(line(most=NOTE_LENGTH), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A place where an idea can stand."""

    slug: str = held(slug_rule())
    name: str = held(line(most=40))
    category: Category = held(choice(Category))
    meaning: str = held(text(least=0, most=NOTE_LENGTH), default="")
    owes_answer: bool = held(flag(), default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A product area."""

    external_id: str = held(external_id())
    source: str | None = held(source_rule(), default=None)
    slug: str = held(slug_rule(most=60))
    name: str = held(line(most=NAME_LENGTH))
    purpose: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")
    hue: Hue = held(choice(Hue), default=Hue.PETROL)
    audience: Audience = held(choice(Audience), default=Audience.PUBLIC)
    promise_days: int = held(whole_number(least=1, most=60), default=5)
    degree: Degree = held(choice(Degree), default=Degree.CONSULT)
    cannot: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person, or what is left of one."""

    external_id: str = held(external_id())
    source: str | None = held(source_rule(), default=None)
    name: str = held(line(most=NAME_LENGTH))
    handle: str | None = held(
        pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]*", _("must consist of letters, digits, “.”, “_” and “-”"), most=32),
        default=None,
    )
    email: str | None = held(pattern(r"[^@\s]+@[^@\s]+", _("must be a mail address"), most=254), default=None)
    kind: MemberKind = held(choice(MemberKind), default=MemberKind.CUSTOMER)
    organisation: str | None = held(line(most=LABEL_LENGTH), default=None)
    created_at: datetime = held(moment())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Staff entered it for the customer in whose name it stands."""

    by: str | None = held(reference("member"), default=None)
    via: Channel = held(choice(Channel))
    where: str = held(line(least=0, most=NOTE_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedSupports:
    """Supports known only as a number, and where the number comes from."""

    count: int = held(whole_number(least=0, most=HIGHEST_COUNT))
    source: str = held(line(most=LABEL_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Something was withdrawn by its author or hidden by a moderator."""

    at: datetime = held(moment())
    reason: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One stored version of an idea's text."""

    number: int = held(whole_number(least=1, most=1_000_000))
    title: str = held(line(most=TITLE_LENGTH))
    body: str = held(text(least=0, most=BODY_LENGTH), default="")
    author: str | None = held(reference("member"), default=None)
    at: datetime = held(moment())
    note: str = held(text(least=0, most=NOTE_LENGTH), default="")
    kind: RevisionKind = held(choice(RevisionKind), default=RevisionKind.EDITED)
    support_count: int = held(whole_number(least=0, most=HIGHEST_COUNT), default=0)
    changes_meaning: bool = held(flag(), default=False)
    accepted_by: str | None = held(reference("member"), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """An idea, a problem or a fix, with its present text."""

    external_id: str = held(external_id())
    source: str | None = held(source_rule(), default=None)
    board: str = held(reference("board"))
    kind: IdeaKind = held(choice(IdeaKind), default=IdeaKind.IDEA)
    problem: str | None = held(reference("idea"), default=None)
    temporary: bool = held(flag(), default=False)
    title: str = held(line(most=TITLE_LENGTH))
    body: str = held(text(least=0, most=BODY_LENGTH), default="")
    author: str | None = held(reference("member"), default=None)
    status: str = held(slug_rule(), default=Category.OPEN.value)
    tags: tuple[str, ...] = held(word_set(line(most=40), most=MOST_TAGS), default=())
    created_at: datetime = held(moment())
    edited_at: datetime | None = held(moment(), default=None)
    carried_supports: CarriedSupports | None = held(nested(CarriedSupports), default=None)
    withdrawn: SetAside | None = held(nested(SetAside), default=None)
    hidden: SetAside | None = held(nested(SetAside), default=None)
    locked_at: datetime | None = held(moment(), default=None)
    entered: Entered | None = held(nested(Entered), default=None)
    revisions: tuple[Revision, ...] = held(
        many(nested(Revision), most=MOST_ENTRIES, order=lambda revision: revision.number), default=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Where a problem hits."""

    version: str | None = held(line(most=LABEL_LENGTH), default=None)
    environment: str | None = held(line(most=LABEL_LENGTH), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """One person's vote for an idea; on a problem, "this hits me too"."""

    idea: str = held(reference("idea"))
    member: str = held(reference("member"))
    at: datetime = held(moment())
    strength: Strength | None = held(choice(Strength), default=None)
    need: str | None = held(text(most=PARAGRAPH_LENGTH), default=None)
    circumstances: Circumstances | None = held(nested(Circumstances), default=None)
    entered: Entered | None = held(nested(Entered), default=None)
    own: bool = held(flag(), default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One member's reaction to a comment."""

    member: str = held(reference("member"))
    kind: ReactionKind = held(choice(ReactionKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A post in the thread of an idea."""

    external_id: str = held(external_id())
    source: str | None = held(source_rule(), default=None)
    idea: str = held(reference("idea"))
    parent: str | None = held(reference("comment"), default=None)
    author: str | None = held(reference("member"), default=None)
    body: str = held(text(most=BODY_LENGTH))
    at: datetime = held(moment())
    audience: CommentAudience = held(choice(CommentAudience), default=CommentAudience.PUBLIC)
    official: bool = held(flag(), default=False)
    edited_at: datetime | None = held(moment(), default=None)
    hidden: SetAside | None = held(nested(SetAside), default=None)
    reactions: tuple[Reaction, ...] = held(
        many(nested(Reaction), most=MOST_ENTRIES * 100, order=lambda reaction: (reaction.member, reaction.kind)),
        default=(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """What belongs to a no."""

    reason_kind: DeclineReason = held(choice(DeclineReason))
    would_change: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An official answer."""

    external_id: str = held(external_id())
    source: str | None = held(source_rule(), default=None)
    idea: str = held(reference("idea"))
    author: str | None = held(reference("member"), default=None)
    body: str = held(text(most=BODY_LENGTH))
    at: datetime = held(moment())
    status_to: str | None = held(slug_rule(), default=None)
    status_from: str | None = held(slug_rule(), default=None)
    decline: Decline | None = held(nested(Decline), default=None)
    review_on: date | None = held(day(), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A fix was chosen for its problem."""

    fix: str = held(reference("idea"))
    by: str | None = held(reference("member"), default=None)
    at: datetime = held(moment())
    note: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A member said whether it is fixed for them."""

    idea: str = held(reference("idea"))
    member: str = held(reference("member"))
    verdict: Verdict = held(choice(Verdict))
    note: str = held(text(least=0, most=PARAGRAPH_LENGTH), default="")
    at: datetime = held(moment())


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A member wants to hear of an idea, or (muted) does not any more."""

    idea: str = held(reference("idea"))
    member: str = held(reference("member"))
    at: datetime = held(moment())
    reason: FollowReason = held(choice(FollowReason), default=FollowReason.CHOSEN)
    muted_at: datetime | None = held(moment(), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Points given to a member for a contribution to a delivered idea."""

    idea: str = held(reference("idea"))
    member: str = held(reference("member"))
    kind: ContributionKind = held(choice(ContributionKind))
    points: int = held(whole_number(least=0, most=HIGHEST_POINTS))
    note: str = held(text(least=0, most=NOTE_LENGTH), default="")
    at: datetime = held(moment())
    by: str | None = held(reference("member"), default=None)


Record = (
    Header
    | Status
    | Board
    | Organisation
    | Member
    | Segment
    | Idea
    | Merge
    | Link
    | Support
    | Comment
    | Response
    | Choice
    | Confirmation
    | Follow
    | Credit
)

#: The word in "type" -> the class, in the order in which the types are written.
RECORD_TYPES: dict[str, type] = {
    "header": Header,
    "status": Status,
    "board": Board,
    "organisation": Organisation,
    "member": Member,
    "segment": Segment,
    "idea": Idea,
    "merge": Merge,
    "link": Link,
    "support": Support,
    "comment": Comment,
    "response": Response,
    "choice": Choice,
    "confirmation": Confirmation,
    "follow": Follow,
    "credit": Credit,
}
TYPE_WORDS: dict[type, str] = {cls: word for word, cls in RECORD_TYPES.items()}


#: Version in which a type came, or a field of an older type.
SINCE: dict[type, int] = {Organisation: 2, Segment: 2, Merge: 2, Link: 2}
FIELDS_SINCE: dict[tuple[type, str], int] = {(Idea, "entered"): 2, (Support, "entered"): 2, (Support, "own"): 2}


def new_header(*, source: str | None = None, note: str | None = None) -> Header:
    """Return the header of a file in the version that this program writes."""
    return Header(format=FORMAT, version=VERSION, source=source, note=note)
