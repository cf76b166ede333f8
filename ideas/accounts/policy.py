"""Who runs the site."""

from ideas.core.errors import Forbidden
from ideas.core.policy import Actor


def require_admin(actor: Actor) -> None:
    """Raise SignInNeeded or Forbidden unless the actor runs the site."""
    actor.require_member()
    if not actor.is_admin:
        raise Forbidden
