"""What the page of an idea's authors needs, and the box that names them beside the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import LazyString

from ideas.accounts.queries import Person, people_of
from ideas.boards.models import Hue
from ideas.cocreation.coauthor_policy import can_ask, can_invite
from ideas.cocreation.coauthor_queries import (
    CoAuthorView,
    RequestView,
    WaitingView,
    list_co_authors,
    list_open_requests,
    list_waiting_for,
)
from ideas.cocreation.joining import REQUEST_NOTE_MAX, Direction
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, is_author


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorsPart:
    """Who wrote an idea, beside its text."""

    #: None: not known, or not told.
    originator: Person | None
    others: Sequence[CoAuthorView]
    url: str
    #: Whether the actor is invited and has not answered.
    is_invited: bool
    #: How many ask the actor, who is an author, to be one too.
    asking: int
    can_invite: bool
    can_ask: bool

    @property
    def is_shown(self) -> bool:
        """Whether it stands on the page of the idea: somebody is named beside the originator, or is waited for."""
        return bool(self.others or self.is_invited or self.asking)


def authors_part(actor: Actor, idea: Idea, *, originator: Person | None) -> AuthorsPart:
    """Return who is named, in one query where there are co-authors, and for members what waits, in a few more.

    Visitors read no more than the names.
    """
    others = list_co_authors(idea.id) if idea.co_author_count else []
    waiting = list_open_requests(actor, idea)
    mine = [one for one in waiting if one.person.id == actor.member_id]
    return AuthorsPart(
        originator=originator,
        others=others,
        url=url_for("authors.show", public_id=idea.public_id),
        is_invited=any(one.direction is Direction.INVITED for one in mine),
        asking=sum(one.direction is Direction.ASKED for one in waiting if one.person.id != actor.member_id),
        can_invite=actor.is_member and bool(can_invite(actor, idea)),
        can_ask=actor.is_member and not mine and bool(can_ask(actor, idea)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorsPage:
    """All authors of an idea, and what waits between them and others."""

    idea: Idea
    url: str
    originator: Person | None
    others: Sequence[CoAuthorView]
    #: Where the actor says yes or no: an invitation to them, or questions to them as an author.
    to_decide: Sequence[RequestView]
    #: What the actor's own side has begun.
    begun: Sequence[RequestView]
    is_author: bool
    can_invite: bool
    #: Whether the actor may ask, and why not where a member may not.
    can_ask: bool
    ask_refusal: LazyString | str | None
    can_leave: bool
    #: Leads visitors to sign in and back; None for members.
    sign_in_url: str | None
    handle: str
    note: str
    errors: Mapping[str, str]
    note_max: int = REQUEST_NOTE_MAX

    @property
    def hue(self) -> Hue:
        """The colour of the board."""
        return self.idea.board.hue


def authors_page(
    actor: Actor, public_id: str, *, handle: str = "", note: str = "", errors: Mapping[str, str] | None = None
) -> AuthorsPage:
    """Return the page. Raises NotFound where the idea is not for the actor."""
    idea = get_idea(actor, public_id)
    others = list_co_authors(idea.id)
    waiting = list_open_requests(actor, idea)
    begun = [one for one in waiting if _began(actor, one)]
    asking = can_ask(actor, idea)
    has_waiting = any(one.person.id == actor.member_id for one in waiting)
    here = url_for("authors.show", public_id=public_id)
    return AuthorsPage(
        idea=idea,
        url=url_for("ideation.show", public_id=public_id),
        originator=people_of([idea.author_id]).get(idea.author_id) if idea.author_id else None,
        others=others,
        to_decide=[one for one in waiting if one not in begun],
        begun=begun,
        is_author=is_author(actor, idea),
        can_invite=bool(can_invite(actor, idea)),
        can_ask=bool(asking) and not has_waiting,
        ask_refusal=asking.reason if actor.is_member and not has_waiting else None,
        can_leave=any(one.person.id == actor.member_id for one in others),
        sign_in_url=None if actor.is_member else url_for("security.login", next=here),
        handle=handle,
        note=note,
        errors=errors or {},
    )


def _began(actor: Actor, request: RequestView) -> bool:
    is_own = request.person.id == actor.member_id
    return is_own if request.direction is Direction.ASKED else not is_own


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorQuestion:
    """An invitation or a question that waits for the member's yes or no, in their corner."""

    #: Who began; None: has left.
    by_name: str | None
    is_invitation: bool
    title: str
    url: str
    asked_at: datetime


def author_questions(actor: Actor) -> list[AuthorQuestion]:
    """Return what waits for the actor's own yes or no, oldest first, in one query. Raises SignInNeeded."""
    return [_question(one) for one in list_waiting_for(actor)]


def _question(waiting: WaitingView) -> AuthorQuestion:
    return AuthorQuestion(
        by_name=waiting.by_name,
        is_invitation=waiting.direction is Direction.INVITED,
        title=waiting.idea_title,
        url=url_for("authors.show", public_id=waiting.idea_public_id),
        asked_at=waiting.asked_at,
    )
