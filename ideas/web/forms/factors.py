"""The library's forms for whoever is signed in: show again that it is you, change what you sign in with."""

from typing import Any

from flask_security import ChangePasswordForm, UnifiedVerifyForm, current_user
from flask_security import VerifyForm as LibraryVerifyForm
from flask_security.forms import IsStringOrInt
from flask_security.proxies import _datastore
from wtforms import HiddenField, StringField

from ideas.web.forms.sign_in import SafeNext, note_try, refuse_worn_out


class VerifyForm(SafeNext, LibraryVerifyForm):
    """The password once more."""


class VerifyCodeForm(SafeNext, UnifiedVerifyForm):
    """A code from a mail, for those without a password."""

    passcode = StringField(validators=[IsStringOrInt()])
    chosen_method = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_method.data = "email"

    def validate(self, **kwargs: Any) -> bool:
        """Check as the library does; a code is good once."""
        member = current_user._get_current_object()  # noqa: SLF001 - werkzeug's own name for it
        _datastore.hold(member)
        if self.submit.data:
            refuse_worn_out(member)
        else:
            _datastore.us_setup_email(member)
        is_valid = bool(super().validate(**kwargs))
        if self.submit.data:
            note_try(member, is_right=is_valid)
        return is_valid


class ChangeForm(ChangePasswordForm):
    """The old password and the new one, typed once: browsers show it, and it can be set again by mail."""

    new_password_confirm = None
