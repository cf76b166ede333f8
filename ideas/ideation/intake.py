"""What is asked beside the text of a proposal: the circumstances of a problem, and a board's own fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ideas.boards.fields import check_answers, list_fields
from ideas.boards.models import FieldUse
from ideas.core import clock
from ideas.core.db import Base, session
from ideas.core.fields import Fields
from ideas.ideation.models import CIRCUMSTANCE_MAX, Idea, Kind

#: Nobody remembers longer, and most such dates are typed wrong.
SINCE_FIRST = date(1970, 1, 1)


class Intake(Base):
    """What was asked beside the text of a proposal; a row only where something was answered."""

    __tablename__ = "intake"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    #: Of a problem: since which day, with which version, and in which environment.
    since: Mapped[date | None] = mapped_column(default=None)
    version: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")
    environment: Mapped[str] = mapped_column(String(CIRCUMSTANCE_MAX), default="")
    #: What was answered to the board's own fields, by the key of the field.
    answers: Mapped[dict[str, str]] = mapped_column(JSON, insert_default=dict, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was typed beside the text of a proposal."""

    since: str = ""
    version: str = ""
    environment: str = ""
    #: By the key of the board's own field.
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The same, checked; None and "" where nothing was said."""

    since: date | None = None
    version: str = ""
    environment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """Whether anything was said."""
        return bool(self.since or self.version or self.environment or self.answers)


def use_of(kind: Kind) -> FieldUse:
    """Return which own fields of a board are asked with proposals of this kind."""
    return FieldUse.PROBLEMS if kind is Kind.PROBLEM else FieldUse.IDEAS


def check_given(board_id: int, kind: Kind, given: Given, *, is_proposed: bool) -> Circumstances:
    """Return what was typed, cleaned.

    `is_proposed`: a proposal, which needs the answers that the board requires; who only supports is not kept back.
    Raises Invalid (since, version, environment, and `field_` with the key of a field). One query at most.
    """
    fields = Fields()
    since = check_since(fields, given.since)
    version = fields.line("version", given.version, least=0, most=CIRCUMSTANCE_MAX)
    environment = fields.line("environment", given.environment, least=0, most=CIRCUMSTANCE_MAX)
    if kind is not Kind.PROBLEM:
        _refuse_circumstances(fields, given)
    # Whom a problem hits is asked what its reporter was; who supports anything else is asked nothing.
    is_asked = is_proposed or (kind is Kind.PROBLEM and bool(given.answers))
    asked = list_fields(board_id, use=use_of(kind)) if is_asked else []
    answers = check_answers(fields, asked, given.answers, needs_required=is_proposed)
    fields.done()
    return Circumstances(since=since, version=version, environment=environment, answers=answers)


def keep_intake(idea_id: int, circumstances: Circumstances) -> None:
    """Keep what was said with a proposal that was just published; nothing where nothing was."""
    if not circumstances.is_any:
        return
    session().add(
        Intake(
            idea_id=idea_id,
            since=circumstances.since,
            version=circumstances.version,
            environment=circumstances.environment,
            answers=dict(circumstances.answers),
        )
    )
    session().flush()


def find_intake(idea: Idea) -> Intake | None:
    """Return what was asked beside the text, or None where nothing was answered. One query."""
    return session().get(Intake, idea.id)


def check_since(fields: Fields, typed: str) -> date | None:
    """Return the day; None where none was typed. On refusal note the error beside `since`."""
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        fields.refuse("since", _("Write the day as year-month-day, such as 2026-03-15."))
        return None
    # The day has begun already in the east of here.
    if day < SINCE_FIRST or (day - clock.now().date()).days > 1:
        fields.refuse("since", _("Choose a day that has been."))
        return None
    return day


def _refuse_circumstances(fields: Fields, given: Given) -> None:
    for name in ("since", "version", "environment"):
        if getattr(given, name).strip():
            fields.refuse(name, _("Only problems have circumstances."))
