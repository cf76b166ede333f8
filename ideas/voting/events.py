"""What can happen to a support."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportCast(Event):
    """One more person supports an idea, or says that a problem hits them too."""

    idea_id: int
    #: The supporter.
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportEntered(Event):
    """Somebody of the staff has entered a support for a customer; comes after SupportCast."""

    idea_id: int
    #: The customer.
    member_id: int
    #: Of the audit record's entry: names this one act.
    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportTakenBack(Event):
    """Somebody does not support an idea any more."""

    idea_id: int
    #: Who supported it.
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportSetAside(Event):
    """A moderator quarantined a support; it does not count for now."""

    idea_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRestored(Event):
    """A quarantined support counts again, as of the moment it was given."""

    idea_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceHeldBack(Event):
    """A member does not want their voice carried over a merge any more."""

    merge_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceLetThrough(Event):
    """A member wants their voice carried over a merge after all."""

    merge_id: int
    member_id: int
