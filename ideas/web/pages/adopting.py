"""What the pages and the part about taking over a withdrawn idea need."""

from dataclasses import dataclass

from flask import url_for

from ideas.cocreation.adopting import AdoptionView, can_adopt, find_adoption
from ideas.core.policy import Actor
from ideas.ideation.models import REASON_MAX, Idea
from ideas.voting.adopting import is_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionPart:
    """What the page of an idea says about taking it over."""

    #: Where it is taken over; None where that is not possible.
    adopt_url: str | None
    #: How it came to its present author; None where nobody took it over.
    view: AdoptionView | None
    #: Where the reader, who supported it before, is asked; None for everybody else.
    question_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPage:
    """The page on which a withdrawn idea is taken over."""

    idea: Idea
    reason: str = ""
    error: str | None = None
    reason_max: int = REASON_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class StillWantedPage:
    """The question whether somebody still supports an idea that was taken over."""

    idea: Idea
    view: AdoptionView | None


def adoption_part(actor: Actor, idea: Idea) -> AdoptionPart | None:
    """Return what the page of an idea says about taking it over; None where that is nothing.

    One query; one more for members where somebody took it over.
    """
    view = find_adoption(idea)
    asked = view is not None and idea.is_open and is_asked(actor, idea)
    adopt_url = url_for("adopting.show", public_id=idea.public_id) if _may_adopt(actor, idea) else None
    if view is None and adopt_url is None:
        return None
    question_url = url_for("adopting.ask", public_id=idea.public_id) if asked else None
    return AdoptionPart(adopt_url=adopt_url, view=view, question_url=question_url)


def _may_adopt(actor: Actor, idea: Idea) -> bool:
    return idea.withdrawn_at is not None and actor.is_member and bool(can_adopt(actor, idea))
