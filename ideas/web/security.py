"""Signing up, in and out: Flask-Security with our members, pages and mails.

Passwords, codes, tokens and their checks are the library's; nothing of that kind is written here.
"""

import secrets
from typing import Any

from flask import Flask, request
from flask_security import MailUtil, RegisterFormV2, RoleMixin, Security, SQLAlchemyUserDatastore
from wtforms import StringField

from ideas.accounts.models import NAME_MAX, Member
from ideas.accounts.services import new_handle
from ideas.core import mail
from ideas.core.db import begin_writing, commit_writing, db
from ideas.core.settings import Settings
from ideas.core.text import Refused, clean_line

#: Seconds for which an e-mailed code is good; ten tries of six digits within it are hopeless.
CODE_SECONDS = 600


class NoRole(RoleMixin):
    """Stands where Flask-Security wants a role; rights come from boards.policy alone."""

    name = ""


class Datastore(SQLAlchemyUserDatastore):
    """Members as Flask-Security sees them."""

    def __init__(self) -> None:
        super().__init__(db, Member, NoRole)

    def create_user(self, **kwargs: Any) -> Member:
        """Add a member with a handle made from the name, and codes by mail set up."""
        name = kwargs.pop("name", None) or str(kwargs["email"]).split("@")[0]
        member = Member(
            name=name[:NAME_MAX],
            handle=new_handle(name),
            email=str(kwargs["email"]).lower(),
            password=kwargs.get("password"),
        )
        self.put(member)
        self.us_setup_email(member)
        return member

    def commit(self) -> None:
        """Commit the writing transaction of the request, and send what was queued in it."""
        commit_writing()


class QueuedMail(MailUtil):
    """Mails of the library go through the outbox like all others."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str,
        sender: Any,
        body: str,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Queue the mail in the transaction of the request."""
        mail.queue_mail(to=recipient, subject=subject, text=body, html=html)


class RegisterForm(RegisterFormV2):
    """E-mail and password as the library asks them, and the name shown to others."""

    name = StringField()

    def validate(self, **kwargs: Any) -> bool:
        """Check the name by the site's own rule, beside the library's checks."""
        is_valid = bool(super().validate(**kwargs))
        try:
            self.name.data = clean_line(self.name.data or "", least=2, most=NAME_MAX)
        except Refused as refused:
            self.name.errors = [refused.message]
            return False
        return is_valid


def init_security(app: Flask, settings: Settings) -> None:
    """Set the library up, and open a writing transaction for each of its forms."""
    app.config.update(security_config(settings))
    Security(app, Datastore(), register_form=RegisterForm, mail_util_cls=QueuedMail)

    @app.before_request
    def begin() -> None:
        if request.method == "POST" and request.blueprint == "security":
            begin_writing()


def security_config(settings: Settings) -> dict[str, Any]:
    """Return the library's configuration."""
    return {
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": 10,
        "SECURITY_PASSWORD_CHECK_BREACHED": None,
        "SECURITY_REGISTERABLE": True,
        "SECURITY_USE_REGISTER_V2": True,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_UNIFIED_SIGNIN": True,
        "SECURITY_US_ENABLED_METHODS": ["email"],
        "SECURITY_US_EMAIL_SUBJECT": "Your sign-in code",
        "SECURITY_US_TOKEN_VALIDITY": CODE_SECONDS,
        "SECURITY_US_SIGNIN_REPLACES_LOGIN": False,
        "SECURITY_TOTP_SECRETS": {"1": secrets_for_codes(settings)},
        "SECURITY_TOTP_ISSUER": "Ideas",
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_REGISTER_URL": "/register",
        "SECURITY_RESET_URL": "/password",
        "SECURITY_US_SIGNIN_URL": "/sign-in/code",
        "SECURITY_US_SIGNIN_SEND_CODE_URL": "/sign-in/code/send",
        "SECURITY_US_VERIFY_LINK_URL": "/sign-in/link",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REDIRECT_VALIDATE_MODE": ["absolute", "regex"],
        "SECURITY_REDIRECT_VALIDATE_RE": r"^/{4,}|\\{3,}|[\s\000-\037][/\\]{2,}(?![/\\])|^//|\\",
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_EMAIL_SENDER": None,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_REGISTER_VIEW": "/",
        "SECURITY_LOGIN_USER_TEMPLATE": "security/sign_in.html",
        "SECURITY_REGISTER_USER_TEMPLATE": "security/register.html",
        "SECURITY_US_SIGNIN_TEMPLATE": "security/code.html",
        "SECURITY_FORGOT_PASSWORD_TEMPLATE": "security/forgot.html",
        "SECURITY_RESET_PASSWORD_TEMPLATE": "security/reset.html",
        "REMEMBER_COOKIE_SECURE": settings.base_url.startswith("https://"),
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }


def secrets_for_codes(settings: Settings) -> str:
    """Return the key under which the seeds of codes are encrypted at rest."""
    return settings.secret_key


def fresh_password() -> str:
    """Return a password for accounts made by the program; shown once."""
    return secrets.token_urlsafe(12)
