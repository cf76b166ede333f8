"""What can happen to an idea."""

from dataclasses import dataclass

from ideas.core.events import Event
from ideas.ideation.models import LinkKind, StatusCause


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaPublished(Event):
    """A new idea, problem or fix stands on its board."""

    idea_id: int
    #: In whose name; the actor is somebody else where staff entered it for a customer, or took it out of another idea.
    #: None: of a part of an idea whose author is not known.
    author_id: int | None
    #: For a fix: the problem it remedies.
    problem_id: int | None
    #: Whom the text mentions, but for those who wrote it.
    mentioned_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaEntered(Event):
    """Somebody of the staff has published it for a customer, who is its author."""

    idea_id: int
    #: The author.
    member_id: int
    #: Of the audit record's entry: names this one act.
    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaEdited(Event):
    """The text has a new revision."""

    idea_id: int
    revision_number: int
    #: Supporters are told, so that they can take their support back.
    changes_meaning: bool = False
    #: Where it came in by an amendment.
    amendment_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaWithdrawn(Event):
    """The author took it back, with a reason."""

    idea_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaHidden(Event):
    """A moderator took it out of sight."""

    idea_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRestored(Event):
    """A moderator brought it back."""

    idea_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaTagged(Event):
    """Its tags changed."""

    idea_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Event):
    """It stands elsewhere now."""

    idea_id: int
    change_id: int
    from_status_id: int
    to_status_id: int
    cause: StatusCause


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMentioned(Event):
    """A text that was changed mentions people whom it did not mention before."""

    idea_id: int
    #: Where it is the text of a comment.
    comment_id: int | None
    #: The first row of this one act.
    mention_id: int
    #: Never who changed it.
    member_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeasMerged(Event):
    """An idea became an origin of another."""

    merge_id: int
    origin_id: int
    target_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone(Event):
    """An origin is an idea of its own again."""

    merge_id: int
    origin_id: int
    target_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeasLinked(Event):
    """It is shown on two ideas how the first stands to the second."""

    link_id: int
    from_id: int
    to_id: int
    kind: LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeasUnlinked(Event):
    """A link between two ideas was taken away."""

    from_id: int
    to_id: int
    kind: LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaSplit(Event):
    """A part of an idea was made an idea of its own; its IdeaPublished came before."""

    idea_id: int
    part_id: int
    link_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaAdopted(Event):
    """Somebody took over an idea that its author had withdrawn; its supporters are asked."""

    idea_id: int
    #: The new author.
    member_id: int
    former_author_id: int | None
    #: Of the adoption: names this one act.
    adoption_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAuthorJoined(Event):
    """A member said yes to being named as an author."""

    idea_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoAuthorLeft(Event):
    """A member is named as an author no more, because they wanted it so."""

    idea_id: int
    member_id: int
