"""Who looks at the page: the actor for the services, and the words about them for the templates."""

from dataclasses import dataclass

from flask import Flask, g, request
from flask_security import current_user
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ideas.accounts.models import Member
from ideas.accounts.queries import initials_of
from ideas.boards.models import Role
from ideas.boards.queries import NEUTRAL_FRAME, Frame, SessionFrame, find_member_frame, load_frame
from ideas.core.policy import VISITOR, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """What templates may know of whoever looks."""

    is_member: bool = False
    name: str = ""
    handle: str = ""
    initials: str = ""
    is_staff: bool = False
    is_admin: bool = False
    can_moderate: bool = False
    can_use_desk: bool = False
    unread: int = 0


@dataclass(frozen=True, slots=True)
class SiteWords:
    """What the place is called and what it says of itself."""

    name: str
    suffix: str
    tagline: str
    footer: str
    hue: str

    @property
    def full_name(self) -> str:
        """The name with what follows it."""
        return f"{self.name} {self.suffix}".strip()


#: Requests that need to know nobody: they ask the database nothing about the viewer.
ANONYMOUS_ENDPOINTS = {
    "feeds.board",
    "feeds.idea",
    "feeds.search",
    "feeds.site",
    "home.health",
    "own_feed.show",
    "preferences.theme",
}


def init_viewer(app: Flask) -> None:
    """Find out who looks before each request, in one query."""

    @app.before_request
    def load() -> None:
        if request.endpoint not in ANONYMOUS_ENDPOINTS:
            load_viewer()


def load_viewer() -> None:
    """Set `g.frame`, `g.actor` and `g.viewer` for the request under way."""
    member: Member | None = current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 - werkzeug's own name for it
    g.frame = _frame_of(member)
    g.actor = actor_for(member, g.frame) if member else VISITOR
    g.viewer = _viewer(member, g.actor) if member else Viewer()
    g.language = member.language if member else None


def find_member(uniquifier: str) -> Member | None:
    """Return the member whom the session names, and keep what comes with the same query for `load_viewer`."""
    opened: SessionFrame | None = g.get("session_frame")
    if opened is not None and opened.member.fs_uniquifier == uniquifier:
        g.member_frame = (opened.member, opened.frame)
        return opened.member
    found = find_member_frame(uniquifier)
    if found is not None:
        g.member_frame = found
    return found[0] if found else None


def _frame_of(member: Member | None) -> Frame:
    found: tuple[Member, Frame] | None = g.pop("member_frame", None)
    if found is not None and found[0] is member:
        return found[1]
    return load_frame(member.id if member else None)


def actor() -> Actor:
    """Return the actor of the request under way; a visitor where nobody is signed in."""
    found: Actor = g.get("actor", VISITOR)
    return found


def current() -> Viewer:
    """Return the viewer of the request under way."""
    found: Viewer = g.get("viewer") or Viewer()
    return found


def site_words() -> SiteWords:
    """Return the words of the site for the page under way."""
    frame: Frame | None = g.get("frame")
    if frame is None:
        frame = _frame_of_visitors()
    return SiteWords(frame.name, frame.suffix, frame.tagline, frame.footer, frame.hue)


def _frame_of_visitors() -> Frame:
    try:
        return load_frame(None)
    except (OperationalError, PoolTimeout):
        # The page that says so must be drawn even where the database is what is missing.
        return NEUTRAL_FRAME


def actor_for(member: Member, frame: Frame) -> Actor:
    """Return the actor that a member is with the rights of the frame."""
    return Actor(
        member_id=member.id,
        is_staff=member.is_staff or member.is_admin,
        is_admin=member.is_admin,
        grants=frame.grants,
    )


def _viewer(member: Member, actor: Actor) -> Viewer:
    manages = bool(actor.is_admin or actor.places(Role.PRODUCT_MANAGER))
    return Viewer(
        is_member=True,
        name=member.name,
        handle=member.handle,
        initials=initials_of(member.name),
        is_staff=actor.is_staff,
        is_admin=actor.is_admin,
        can_moderate=manages or bool(actor.places(Role.MODERATOR)),
        can_use_desk=manages,
        unread=member.unread_count,
    )
