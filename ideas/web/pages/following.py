"""What the follow control of an idea needs."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from ideas.core.policy import Actor
from ideas.following.models import Follow, FollowReason
from ideas.ideation.models import Idea, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPart:
    """The control: where its button leads, and why the viewer follows; for visitors a link to sign in."""

    is_member: bool
    is_following: bool
    action_url: str
    words: str
    #: Sent beside an answer about something else, to take the place of the control on the page.
    is_beside: bool = False


def follow_part(
    actor: Actor, idea: Idea, follow: Follow | None, *, hears_by_origin: bool = False, is_beside: bool = False
) -> FollowPart:
    """Return the control for `find_stance(actor, idea.id).follow`, without a query.

    `hears_by_origin`: the stance says that they follow something that was merged into it.
    """
    is_following = hears_by_origin if follow is None else follow.muted_at is None
    return FollowPart(
        is_member=actor.is_member,
        is_following=is_following,
        action_url=_action_url(actor, idea, is_following=is_following),
        words=_origin_words() if follow is None and hears_by_origin else _words(actor, idea, follow),
        is_beside=is_beside,
    )


def _words(actor: Actor, idea: Idea, follow: Follow | None) -> str:
    if follow is None:
        return _idle_words(actor)
    if follow.muted_at is not None:
        return str(_("Muted: you hear nothing of it, also where somebody mentions you."))
    return reason_words(follow.reason, idea.kind)


def _origin_words() -> str:
    return str(_("You follow this because of what was merged into it."))


def reason_words(reason: FollowReason, kind: Kind) -> str:
    """Return why somebody follows, as it is told to them."""
    if reason is FollowReason.SUPPORT and kind is Kind.PROBLEM:
        return str(_("You follow this because it hits you too."))
    return str(
        {
            FollowReason.AUTHOR: _("You follow this because you wrote it."),
            FollowReason.SUPPORT: _("You follow this because you support it."),
            FollowReason.COMMENT: _("You follow this because you commented."),
            FollowReason.FIX: _("You follow this because you proposed a fix."),
            FollowReason.CHOSEN: pgettext("reason", "You follow this because you chose to."),
        }[reason]
    )


def _idle_words(actor: Actor) -> str:
    if actor.is_member:
        return str(_("Hear of answers, comments and what becomes of it."))
    return str(_("Sign in to hear of answers and what becomes of it."))


def _action_url(actor: Actor, idea: Idea, *, is_following: bool) -> str:
    if not actor.is_member:
        return url_for("security.login", next=url_for("ideation.show", public_id=idea.public_id))
    return url_for("following.unfollow" if is_following else "following.follow", public_id=idea.public_id)
