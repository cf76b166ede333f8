"""What happens in moderation."""

from dataclasses import dataclass

from ideas.core.events import Event
from ideas.moderation.models import ModerationAction, SuggestedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiled(Event):
    """A member complained about an idea, or about a comment on it."""

    report_id: int
    idea_id: int
    #: None: the complaint is about the idea itself.
    comment_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDecided(Event):
    """A report was upheld or dismissed; published once for each report on the thing."""

    report_id: int
    idea_id: int
    comment_id: int | None
    is_upheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentModerated(Event):
    """A moderator changed content. Its author is to be told the reason (see the decision)."""

    idea_id: int
    #: None: the idea itself was changed.
    comment_id: int | None
    action: ModerationAction
    decision_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionMade(Event):
    """A member thinks that two ideas belong together; those who keep the board of the first are to look."""

    suggestion_id: int
    idea_id: int
    other_id: int
    wanted: SuggestedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionDecided(Event):
    """A suggestion was taken up or declined; the reason of declining stands in its `decision_note`."""

    suggestion_id: int
    idea_id: int
    other_id: int
    #: Who suggested it.
    member_id: int
    is_taken: bool
