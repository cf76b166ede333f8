"""Reading how somebody wants to hear of things: one field for each kind of news."""

from collections.abc import Mapping
from contextlib import suppress

from flask_babel import lazy_gettext as _

from ideas.core.errors import Invalid
from ideas.core.policy import Actor
from ideas.notifications.choices import kinds_for
from ideas.notifications.models import Channel, NotificationKind

#: The switch for all mail about the community.
WANTS_MAIL = "wants_mail"


def fields_for(actor: Actor) -> list[str]:
    """Return the names of the fields that the actor's form has."""
    return [kind.value for kind in kinds_for(actor)]


def read_choices(actor: Actor, sent: Mapping[str, str]) -> dict[NotificationKind, Channel]:
    """Return the channel sent for each kind. Raises Invalid where one is missing or is none."""
    found = known_choices(actor, sent)
    missing = [kind for kind in kinds_for(actor) if kind not in found]
    if missing:
        raise Invalid({kind.value: _("Choose one of these.") for kind in missing})
    return found


def known_choices(actor: Actor, sent: Mapping[str, str]) -> dict[NotificationKind, Channel]:
    """Return what was sent as far as it says something, to be shown again."""
    found = {}
    for kind in kinds_for(actor):
        with suppress(ValueError):
            found[kind] = Channel(sent.get(kind.value, ""))
    return found
