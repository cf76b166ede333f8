"""How Flask-Security is configured for this site."""

import base64
import hmac
from datetime import timedelta
from typing import Any

from ideas.core.settings import Settings
from ideas.web.signing_in.sign_in_words import MESSAGES, SUBJECTS

#: Seconds for which an e-mailed code is good. Three codes are right at any moment.
CODE_SECONDS = 600
CODE_TEMPLATE = "security/mail/code"
RESET_WITHIN = timedelta(hours=4)
PASSWORD_MIN = 10
#: By so many seconds the clock of a phone may be wrong.
APP_WINDOW = 30
RECOVERY_CODES = 10
#: A sensitive act asks who one is where that was not shown for so long.
FRESH_FOR = timedelta(minutes=15)


def security_config(settings: Settings) -> dict[str, Any]:
    """Return the library's configuration."""
    return {
        # Would only note that the network address has changed, which telephones do all day; nothing here asks for it.
        "SESSION_PROTECTION": None,
        **{f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()},
        **SUBJECTS,
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_MIN,
        "SECURITY_PASSWORD_CHECK_BREACHED": None,
        "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
        "SECURITY_FRESHNESS": FRESH_FOR,
        # Every sensitive act is measured by itself.
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
        "SECURITY_CHANGEABLE": True,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_key_of(settings, b"ideas: recovery codes")],
        "SECURITY_POST_VERIFY_VIEW": "/me/security",
        "SECURITY_POST_CHANGE_VIEW": "/me/security",
        # No look-up of the domain: a form must not wait for, or tell, a name server.
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": RESET_WITHIN,
        "SECURITY_UNIFIED_SIGNIN": True,
        "SECURITY_US_ENABLED_METHODS": ["email"],
        "SECURITY_US_TOKEN_VALIDITY": CODE_SECONDS,
        "SECURITY_TOTP_SECRETS": {"1": settings.secret_key},
        "SECURITY_TOTP_ISSUER": "Ideas",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_LOGIN_USER_TEMPLATE": "security/sign_in.html",
        "SECURITY_RESET_PASSWORD_TEMPLATE": "security/reset.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "security/change_password.html",
        "SECURITY_VERIFY_TEMPLATE": "security/verify.html",
        "SECURITY_US_VERIFY_TEMPLATE": "security/verify_code.html",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "security/mail/changed",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "security/mail/changed",
        "SECURITY_US_EMAIL_TEMPLATE": CODE_TEMPLATE,
    }


def _key_of(settings: Settings, purpose: bytes) -> bytes:
    # A key of its own for each purpose: what is sealed for one can't be read by another.
    return base64.urlsafe_b64encode(hmac.digest(settings.secret_key.encode(), purpose, "sha256"))
