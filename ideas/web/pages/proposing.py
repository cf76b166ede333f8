"""What the pages for writing an idea need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from markupsafe import Markup

from ideas.boards.models import Board
from ideas.boards.policy import enters_for_customers
from ideas.boards.queries import list_boards
from ideas.core import markup
from ideas.core.columns import new_public_id
from ideas.core.policy import Actor
from ideas.ideation.intake import Given
from ideas.ideation.latest import find_just_published
from ideas.ideation.models import BODY_MAX, TITLE_MAX, TITLE_MIN, Kind
from ideas.ideation.policy import can_propose
from ideas.ideation.provenance import can_enter
from ideas.ideation.services import Words
from ideas.web.forms.drafts import read_seen
from ideas.web.once import new_nonce
from ideas.web.pages.customers import WhoDraft, WhoPart, who_part
from ideas.web.pages.drafting import KeptPart, kept_part
from ideas.web.pages.own_fields import IntakePart, intake_part
from ideas.web.pages.search import SimilarPart, similar_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed into the form of a new idea."""

    title: str = ""
    body: str = ""
    kind: str = Kind.IDEA
    board: str = ""
    tags: str = ""
    #: Under which name it is kept as a draft, and which number of it the writer began from.
    draft: str = field(default_factory=new_public_id)
    seen: str = ""
    #: What was answered beside the text.
    given: Given = field(default_factory=Given)
    nonce: str = field(default_factory=new_nonce)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An idea as it would be published."""

    title: str
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePage:
    """The page for a new idea."""

    draft: Draft
    #: Those on which the actor may propose.
    boards: Sequence[tuple[str, str]]
    board: Board | None
    #: Whether `board` is among them.
    is_offered: bool
    guidance: Sequence[str]
    wait: str | None
    closed_reason: LazyString | str | None
    similar: SimilarPart
    #: What is asked beside the text; None where it is written for a customer.
    intake: IntakePart | None
    preview: Preview | None
    #: Title and address of what the member published a moment ago: on the way back it looks as if it were gone.
    published: tuple[str, str] | None
    errors: Mapping[str, LazyString | str]
    #: Where it is sent.
    action: str
    #: Where the same is written for a customer; None for all who may not.
    for_customer_url: str | None
    #: For which customer, where it is written for one.
    who: WhoPart | None
    #: What is kept of it as a draft; None where it is written for a customer.
    kept: KeptPart | None
    title_min: int = TITLE_MIN
    title_max: int = TITLE_MAX
    body_max: int = BODY_MAX


def propose_page(
    actor: Actor,
    draft: Draft,
    *,
    words: Words | None = None,
    errors: Mapping[str, LazyString | str] | None = None,
    who: WhoDraft | None = None,
    is_conflict: bool = False,
) -> ProposePage:
    """Return the page with what was typed; `words` given: with its preview; `who`: it is written for a customer.

    `is_conflict`: somebody else was faster with the draft, so what stands there is shown too.
    """
    seen = list_boards(actor)
    # For a customer it is their rights that count in the end, and they are not chosen yet.
    boards = [one for one in seen if (can_propose(actor, one) if who is None else can_enter(actor, one.id))]
    # A board that takes nothing from the actor is not offered; whoever names it is told why.
    board = next((one for one in seen if one.slug == draft.board), boards[0] if len(boards) == 1 else None)
    return ProposePage(
        draft=draft,
        boards=[(one.slug, one.name) for one in boards],
        is_offered=board in boards,
        board=board,
        guidance=board.guidance.splitlines() if board else [],
        wait=_wait(board) if board else None,
        closed_reason=_closed_reason(actor, board, boards) if who is None else None,
        similar=similar_part(actor, draft.title, draft.board or None),
        intake=intake_part(board, draft.kind, draft.given, errors=errors) if who is None else None,
        preview=Preview(title=words.title, html=markup.stored(words.body_html)) if words else None,
        published=_published(actor) if not draft.body else None,
        errors=errors or {},
        action=url_for("ideation.publish" if who is None else "customers.propose"),
        for_customer_url=_for_customer_url(actor, draft) if who is None else None,
        who=who_part(who, errors={name: str(text) for name, text in (errors or {}).items()}) if who else None,
        kept=_kept(actor, draft, is_conflict=is_conflict) if who is None else None,
    )


def _kept(actor: Actor, draft: Draft, *, is_conflict: bool) -> KeptPart:
    seen = read_seen(draft.seen)
    return kept_part(actor, draft.draft, seen=seen, title=draft.title, body=draft.body, is_conflict=is_conflict)


def _for_customer_url(actor: Actor, draft: Draft) -> str | None:
    if not enters_for_customers(actor):
        return None
    kind = None if draft.kind == Kind.IDEA else draft.kind
    return url_for("customers.propose", board=draft.board or None, kind=kind, title=draft.title or None)


def _closed_reason(actor: Actor, board: Board | None, boards: Sequence[Board]) -> LazyString | str | None:
    if board is not None:
        return can_propose(actor, board).reason
    return None if boards else _("No board takes ideas from you at the moment.")


def _published(actor: Actor) -> tuple[str, str] | None:
    found = find_just_published(actor)
    return (found.title, url_for("ideation.show", public_id=found.public_id)) if found else None


def _wait(board: Board) -> str:
    return str(
        _(
            "%(name)s promises a first answer within %(days)s working days.",
            name=board.name,
            days=board.promise_days,
        )
    )
