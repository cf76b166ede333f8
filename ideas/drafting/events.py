"""What can happen to a draft. Only its writers, and who is named as one, are ever told."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftShared(Event):
    """A writer named a member, who is asked to write along and has to say yes first."""

    draft_id: int
    member_id: int
    #: Of the naming: names this one act.
    writer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftJoined(Event):
    """A member said yes to writing along."""

    draft_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPublished(Event):
    """A draft became an idea; its IdeaPublished and a CoAuthorJoined for each other writer came before."""

    draft_id: int
    idea_id: int
    #: Who wrote along, without the originator, in the order in which they joined.
    writer_ids: tuple[int, ...]
