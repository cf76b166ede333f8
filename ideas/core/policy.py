"""Who asks, and the shape of an answer to "may they?"."""

from dataclasses import dataclass, field

from flask_babel import LazyString

from ideas.core.errors import Forbidden, SignInNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person on whose behalf something is asked or done; a visitor has no `member_id`."""

    member_id: int | None = None
    is_staff: bool = False
    is_admin: bool = False
    #: Roles held for one place, as (role, id of the place).
    grants: frozenset[tuple[str, int]] = field(default_factory=frozenset)

    @property
    def is_member(self) -> bool:
        """Whether somebody is signed in."""
        return self.member_id is not None

    def holds(self, role: str, place_id: int) -> bool:
        """Tell whether the actor holds `role` for the place; admins hold every role."""
        return self.is_admin or (role, place_id) in self.grants

    def places(self, *roles: str) -> frozenset[int]:
        """Return the ids of the places for which one of `roles` is held by grant."""
        return frozenset(place for role, place in self.grants if role in roles)

    @property
    def standing(self) -> "Actor":
        """The rights without the person: equal for all who hold the same, so what depends on them can be kept."""
        if not self.is_member:
            return self
        if not (self.is_staff or self.is_admin or self.grants):
            return SOME_MEMBER
        return Actor(member_id=NOBODY, is_staff=self.is_staff, is_admin=self.is_admin, grants=self.grants)

    def require_member(self) -> int:
        """Return the member's id. Raises SignInNeeded for a visitor."""
        if self.member_id is None:
            raise SignInNeeded
        return self.member_id


VISITOR = Actor()
#: A key that no member has; stands for one member or another.
NOBODY = 0
#: What all members are who hold nothing besides.
SOME_MEMBER = Actor(member_id=NOBODY)


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason (shown to the person) where it is no."""

    allowed: bool
    reason: LazyString | str | None = None

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: LazyString | str | None = None) -> Decision:
    """Return a refusal."""
    return Decision(False, reason)


def require(decision: Decision) -> None:
    """Raise Forbidden with the reason where the decision is no."""
    if not decision:
        raise Forbidden(decision.reason)
