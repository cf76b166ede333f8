"""What happened, in words: the same in the list and in the mail."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.ideation.provenance import CHANNEL_WORDS, Heard
from ideas.moderation.models import ModerationAction
from ideas.moderation.queries import Decided
from ideas.notifications.models import NotificationKind

#: Told because it is about the member, whether they follow the idea or not.
PERSONAL = frozenset({NotificationKind.CREDIT, NotificationKind.MODERATED})
#: Told because it was done in the member's name.
IN_THEIR_NAME = frozenset({NotificationKind.SUPPORT_ENTERED, NotificationKind.IDEA_ENTERED})


def what_happened(kind: NotificationKind, *, who: str | None, decision: Decided | None = None) -> LazyString:
    """Return a sentence about the event; `who` is the name of whoever did it, None where nobody knows.

    `decision`: what a moderator did, so that several acts can be told apart.
    """
    name = who or _("Somebody")
    if decision is not None:
        return _what_was_decided(decision, name)
    return {
        NotificationKind.RESPONSE: _("%(who)s answered", who=name),
        NotificationKind.STATUS: _("%(who)s changed where it stands", who=name),
        NotificationKind.COMMENT: _("%(who)s commented", who=name),
        NotificationKind.FIX_PROPOSED: _("%(who)s proposed a fix for a problem you follow", who=name),
        NotificationKind.FIX_CHOSEN: _("%(who)s chose this fix", who=name),
        NotificationKind.PLEASE_CONFIRM: _("%(who)s says it is fixed. Is it, for you?", who=name),
        NotificationKind.REOPENED: _("It is not fixed for %(who)s and stands open again", who=name),
        NotificationKind.CREDIT: _("%(who)s credited your help", who=name),
        NotificationKind.WITHDRAWN: _("%(who)s took it back", who=name),
        NotificationKind.MODERATED: _("%(who)s moderated something you wrote", who=name),
        NotificationKind.SUPPORT_ENTERED: _("%(who)s entered in your name that you support this", who=name),
        NotificationKind.IDEA_ENTERED: _("%(who)s published this in your name", who=name),
    }[kind]


def how_to_object(kind: NotificationKind, heard: Heard | None) -> list[LazyString]:
    """Return sentences on where staff heard what they entered, and what to do where it is wrong; empty for the rest.

    `heard` is None where it was taken back since.
    """
    if kind not in IN_THEIR_NAME:
        return []
    if heard is None:
        return [_("It was taken back since.")]
    source = CHANNEL_WORDS[heard.via]
    found = [
        _("Where it was heard: %(source)s, %(where)s.", source=source, where=heard.where)
        if heard.where
        else _("Where it was heard: %(source)s.", source=source)
    ]
    if kind is NotificationKind.SUPPORT_ENTERED:
        found.append(_("If it is not what you said, take it back on its page: press the key of support there."))
    else:
        found.append(_("It is yours: change it or withdraw it on its page. Report it there if you never said so."))
    return found


def _what_was_decided(decision: Decided, name: str | LazyString) -> LazyString:
    if decision.is_about_comment:
        found = {
            ModerationAction.HIDE: _("%(who)s hid your comment", who=name),
            ModerationAction.RESTORE: _("%(who)s brought your comment back", who=name),
        }
    else:
        found = {
            ModerationAction.HIDE: _("%(who)s hid what you wrote", who=name),
            ModerationAction.RESTORE: _("%(who)s brought back what you wrote", who=name),
            ModerationAction.RETITLE: _("%(who)s changed the title of what you wrote", who=name),
            ModerationAction.TAG: _("%(who)s changed the tags of what you wrote", who=name),
            ModerationAction.LOCK: _("%(who)s locked what you wrote", who=name),
            ModerationAction.UNLOCK: _("%(who)s unlocked what you wrote", who=name),
        }
    return found.get(decision.action) or _("%(who)s moderated something you wrote", who=name)


def next_step(kind: NotificationKind) -> LazyString:
    """Return what the link of a mail says."""
    if kind is NotificationKind.PLEASE_CONFIRM:
        return _("Say whether it is fixed for you")
    if kind is NotificationKind.COMMENT:
        return _("Read and reply")
    return _("Read it there")


def why_told(kind: NotificationKind) -> LazyString:
    """Return why this member was told."""
    if kind in PERSONAL:
        return _("You get this because it is about something you wrote or helped with.")
    if kind in IN_THEIR_NAME:
        return _("You get this because it was entered in your name.")
    if kind is NotificationKind.PLEASE_CONFIRM:
        return _("You get this because you said that this problem hits you.")
    return _("You get this because you follow it. Its page has a button to stop that.")
