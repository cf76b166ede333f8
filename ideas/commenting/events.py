"""What happens in a discussion."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPosted(Event):
    """A comment stands in the thread of an idea."""

    idea_id: int
    comment_id: int
    #: For the staff's eyes only: nobody else may be told.
    is_internal: bool
    #: Whom it mentions, but for its author.
    mentioned_ids: tuple[int, ...] = ()
    #: Where it stands in the discussion of an amendment.
    amendment_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentEdited(Event):
    """Its text was changed by its author."""

    idea_id: int
    comment_id: int
    is_internal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHidden(Event):
    """A moderator took it out of sight."""

    idea_id: int
    comment_id: int
    is_internal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRestored(Event):
    """A moderator brought it back."""

    idea_id: int
    comment_id: int
    is_internal: bool
