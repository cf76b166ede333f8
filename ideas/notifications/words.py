"""What happened, in words: the same in the list and in the mail."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.notifications.models import NotificationKind

#: Told because it is about the member, whether they follow the idea or not.
PERSONAL = frozenset({NotificationKind.CREDIT, NotificationKind.MODERATED})


def what_happened(kind: NotificationKind, *, who: str | None) -> LazyString:
    """Return a sentence about the event; `who` is the name of whoever did it, None where nobody knows."""
    name = who or _("Somebody")
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
    }[kind]


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
    if kind is NotificationKind.PLEASE_CONFIRM:
        return _("You get this because you said that this problem hits you.")
    return _("You get this because you follow it. Its page has a button to stop that.")
