"""What can go wrong in the domain. Each delivery shell maps these to its answers in one place."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


class DomainError(Exception):
    """An expected refusal, with a text for the person who asked."""

    default: LazyString = _("This did not work.")

    def __init__(self, message: LazyString | str | None = None) -> None:
        self.message = message or self.default
        super().__init__(str(type(self).__name__))


class NotFound(DomainError):
    """It does not exist, or the actor may not know that it does."""

    default = _("There is nothing at this address.")


class Forbidden(DomainError):
    """The actor may see it but not do this."""

    default = _("You may not do this.")


class SignInNeeded(Forbidden):
    """A visitor asked for what only members may do."""

    default = _("Sign in first, then you can do this.")


class Conflict(DomainError):
    """The thing has changed or is closed; nothing was saved."""

    default = _("Somebody changed this in the meantime. Nothing was saved.")


class Invalid(DomainError):
    """Input was refused. `errors` maps the name of a field to the text shown beside it; never empty."""

    default = _("Something needs another look. Nothing was saved.")

    def __init__(self, errors: Mapping[str, LazyString | str]) -> None:
        self.errors = dict(errors)
        super().__init__()
