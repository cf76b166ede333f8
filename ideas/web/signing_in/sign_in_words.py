"""What signing in says to people: the library's messages in the site's manner of speaking."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

MESSAGES: Mapping[str, tuple[LazyString, str]] = {
    "API_ERROR": (_("This could not be read. Please try again."), "error"),
    "GENERIC_AUTHN_FAILED": (
        _("What you typed does not belong together. The address is kept; please try again."),
        "error",
    ),
    "CODE_HAS_BEEN_SENT": (
        _("If there is an account with this address, a code is on its way to it. It works for ten minutes."),
        "info",
    ),
    "FAILED_TO_SEND_CODE": (_("The code could not be sent. Please try again in a minute."), "error"),
    "PASSWORD_RESET_EXPIRED": (_("This link is too old. Ask for a new one below."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _("This link has been used or is not complete. Ask for a new one below."),
        "error",
    ),
    "PASSWORD_RESET_NO_LOGIN": (_("Your new password is set. Sign in with it now."), "success"),
    "EMAIL_NOT_PROVIDED": (_("Write your mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (_("This is not a mail address. It looks like name@example.org."), "error"),
    "EMAIL_ALREADY_ASSOCIATED": (_("There is an account with this address."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Write a password."), "error"),
    "PASSWORD_INVALID_LENGTH": (_("Use at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (_("This is your old password. Choose another one."), "error"),
    "INVALID_PASSWORD": (_("The password is not right."), "error"),
    "INVALID_PASSWORD_CODE": (_("The code is not right, or too old."), "error"),
    "INVALID_CODE": (_("The code is not right, or too old."), "error"),
    "USER_DOES_NOT_EXIST": (_("There is no account with this address."), "error"),
    "US_SPECIFY_IDENTITY": (_("There is no account with this address."), "error"),
    "US_METHOD_NOT_AVAILABLE": (_("Codes can't be sent to this account."), "error"),
    "DISABLED_ACCOUNT": (_("This account is closed."), "error"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. You can go on."), "info"),
    "REAUTHENTICATION_REQUIRED": (_("Please show once more that it is you."), "info"),
    "PASSWORD_CHANGE": (_("Your password is changed. You are signed out everywhere else."), "success"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "info"),
    "FORGOT_PASSWORD": (_("Forgotten the password?"), "info"),
}

SUBJECTS: Mapping[str, LazyString] = {
    "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": _("Your password was changed"),
    "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": _("Your password was changed"),
    "SECURITY_US_EMAIL_SUBJECT": _("Your sign-in code"),
}

ACCOUNT_KNOWN = _("There is an account with this address. Sign in, then you can go on.")
CODE_SENT = _("If there is an account with this address, a code is on its way to it. It works for ten minutes.")
LINK_SENT = _("If there is an account with this address, a link to set a new password is on its way to it.")


class OwnTexts:
    """Stands where the library looks for its translations: our texts come translated."""

    def gettext(self, text: LazyString | str, **variables: object) -> str:
        """Return the text in the language of the page."""
        return str(text) % variables if variables else str(text)
