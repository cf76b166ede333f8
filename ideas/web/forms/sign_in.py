"""The library's forms, brought to the site's rules: one address, one name, no second guessing of `next`."""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import request
from flask_security import LoginForm, ResetPasswordForm, UnifiedSigninForm, hash_password, verify_password
from flask_security.forms import Form as LibraryForm
from flask_security.forms import IsString, IsStringOrInt, RequiredLocalize
from flask_security.mail_util import EmailValidateException
from flask_security.proxies import _datastore, _security
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, select
from wtforms import Field, HiddenField, PasswordField, StringField

from ideas.accounts.models import NAME_MAX, Member
from ideas.accounts.names import normal_name, refuse_look_alikes
from ideas.boards.invitations import admits
from ideas.boards.registration import registration_rule
from ideas.core.attempts import count_attempt
from ideas.core.db import session as database
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import guard
from ideas.web.forms.refusals import texts_of
from ideas.web.redirects import safe_next
from ideas.web.signing_in.security_config import CODE_SECONDS
from ideas.web.signing_in.sign_in_words import MESSAGES

#: So often somebody may mistype a code; then it is worth nothing any more.
CODE_TRIES = 5
#: By then a code has run out.
TRIES_SECONDS = 2 * CODE_SECONDS
#: Under this name stands, beside the secret of mailed codes, when it was made.
ISSUED_AT = "email_at"


class SafeNext:
    """A hostile `next` is dropped in silence: it's not the fault of whoever signs in."""

    next: HiddenField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = safe_next(self.next.data or request.args.get("next"), default="")

    def validate_next(self, field: Field) -> None:
        """Keep a path of this site, else nothing."""
        field.data = safe_next(field.data, default="")


class SignInForm(SafeNext, LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The library puts a link here; the page has its own.
        self.password.description = ""

    def validate(self, **kwargs: Any) -> bool:
        """Check the password; where nobody has the address, one that nobody has. The work is the same."""
        if not LibraryForm.validate(self, **kwargs):
            return False
        decoy, address = _decoy_hash(), str(self.email.data).strip().lower()
        stored = database().scalar(_PASSWORD_OF, {"address": address})
        password = _security.password_util.normalize(self.password.data)
        if not verify_password(password, stored or decoy) or not stored:
            self.password.errors = [str(MESSAGES["GENERIC_AUTHN_FAILED"][0])]
            return False
        self.user = _datastore.find_user(email=address)
        if _security.pwd_context.needs_update(stored):
            self.user.password = hash_password(password)
            _datastore.put(self.user)
        return True


class AddressForm(SafeNext, FlaskForm):
    """A mail address, and where to go on."""

    email = StringField()
    next = HiddenField()


class ForgotForm(AddressForm):
    """The address to which a new password may be sent."""


class RegisterForm(AddressForm):
    """The address for which somebody wants an account. Name and password are asked for when it is known to be theirs:
    so nobody prepares an account for the address of somebody else."""

    #: Nobody sees it; programs fill it in.
    website = StringField()
    begun = HiddenField()
    ticket = HiddenField()
    proof = HiddenField()
    #: What the guard said of what was sent; None before.
    verdict: guard.Verdict | None = None

    def begun_at(self) -> str:
        """Return when the form was shown first, so that sending it again is not too quick."""
        begun = str(self.begun.data or "")
        return guard.begun_now() if guard.moment_of(begun) is None else begun

    def validate(self, **kwargs: Any) -> bool:
        """Check who may register by the site's own rules. Whether somebody has the address plays no part."""
        self.verdict = guard.judge(
            begun=self.begun.data or "",
            trap=self.website.data or "",
            ticket=self.ticket.data or "",
            proof=self.proof.data or "",
            domain=(self.email.data or "").rpartition("@")[2],
        )
        if self.verdict.words is not None:
            self.form_errors.append(str(self.verdict.words))
            return False
        refused = registration_rule().refusal(self.email.data or "")
        if refused is not None and not self.is_invited():
            self.email.errors = [str(refused)]
            return False
        return bool(super().validate(**kwargs)) and read_address(self.email) is not None

    def asked(self) -> guard.Verdict:
        """Return what the form asks of the browser when it is shown."""
        return guard.expect() if self.verdict is None else self.verdict

    def least_seconds(self) -> float:
        """Return how long whoever fills the form in takes at least."""
        return guard.least_seconds()

    def is_invited(self) -> bool:
        """Tell whether they come from the link of an invitation to this very address."""
        begin, _slash, token = (self.next.data or "").rpartition("/")
        return begin == "/invitations" and admits(token, self.email.data or "")


class OpenForm(SafeNext, FlaskForm):
    """The name shown to others, and the password."""

    name = StringField()
    password = PasswordField()
    next = HiddenField()

    def validate(self, *, email: str, **kwargs: Any) -> bool:
        """Check name and password by the site's own rules."""
        super().validate(**kwargs)
        fields = Fields()
        self.name.data = fields.line("name", normal_name(self.name.data or ""), least=2, most=NAME_MAX)
        refuse_look_alikes(fields, str(self.name.data))
        known = {"email": email, "name": str(self.name.data)}
        problems, password = _security.password_util.validate(self.password.data or "", True, **known)
        if problems:
            fields.refuse("password", str(problems[0]))
        self.password.data = password
        try:
            fields.done()
        except Invalid as refused:
            for name, text in texts_of(refused).items():
                self[name].errors = [text]
            return False
        return True


class NewPasswordForm(ResetPasswordForm):
    """The new password, typed once: browsers show it, and it can be set again by mail."""

    password_confirm = None


class CodeForm(SafeNext, UnifiedSigninForm):
    """The address, and the code that was mailed to it."""

    identity = StringField(validators=[IsString(), RequiredLocalize(message="EMAIL_NOT_PROVIDED")])
    #: Shown while it is typed: it is good once, and for minutes.
    passcode = StringField(validators=[IsStringOrInt()])
    #: There is one way to send a code, so nobody is asked to choose.
    chosen_method = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen_method.data = "email"

    def validate(self, **kwargs: Any) -> bool:
        """Check the code, with the same work where nobody has the address; each try counts."""
        if not LibraryForm.validate(self, **kwargs):
            return False
        address = str(self.identity.data).strip().lower()
        kept = database().scalar(_CODES_OF, {"address": address})
        is_right = _security.totp_factory.check_mailed(_mail_secret(kept), str(self.passcode.data or ""))
        # A new code has a new secret, and so tries of its own.
        tries = count_attempt(f"code {address} {kept}", seconds=TRIES_SECONDS)
        if tries > CODE_TRIES or not is_right or not self._use_up(address, kept):
            self.passcode.errors = [str(MESSAGES["INVALID_CODE"][0])]
            return False
        return True

    def _use_up(self, address: str, kept: str | None) -> bool:
        """Make the code worthless and note whose it was; False where somebody was faster with it."""
        member = _datastore.find_user(email=address)
        if member is None:
            return False
        _datastore.hold(member)
        if member.us_totp_secrets != kept or not member.is_active:
            return False
        _datastore.us_setup_email(member)
        self.user, self.authn_via = member, "email"
        return True


def _mail_secret(kept: str | None) -> str | None:
    """Return the secret of the mailed code, where it was made lately enough."""
    secrets: dict[str, str] = json.loads(kept) if kept else {}
    return secrets.get("email") if is_recent(secrets) else None


def is_recent(secrets: Mapping[str, str]) -> bool:
    """Tell whether the mailed code may still be good; the library alone would take it for up to twice as long."""
    return 0 <= time.time() - int(secrets.get(ISSUED_AT, 0)) <= CODE_SECONDS


@cache
def _decoy_hash() -> str:
    return str(hash_password("nobody has this password"))


_HAS_ADDRESS = (Member.email == bindparam("address"), Member.active.is_(True))
#: Columns alone: to make a member of a row takes time that tells that there is one.
_PASSWORD_OF = select(Member.password).where(*_HAS_ADDRESS)
_CODES_OF = select(Member.us_totp_secrets).where(*_HAS_ADDRESS)


def refuse_worn_out(member: Member) -> None:
    """Make the mailed code worthless where it is too old or was guessed at too often; another one must be asked for."""
    if member.code_tries >= CODE_TRIES or not is_recent(_datastore.us_get_totp_secrets(member)):
        _datastore.us_setup_email(member)


def note_try(member: Member, *, is_right: bool) -> None:
    """Count a wrong try of the mailed code; a right one uses it up. The member is held by whoever calls."""
    if is_right:
        _datastore.us_setup_email(member)
    else:
        member.code_tries += 1
        _datastore.put(member)


def read_address(field: Field) -> str | None:
    """Return the address in its normal form, which the field holds from now on; None, and an error, for others."""
    try:
        field.data = str(_security.mail_util.validate(str(field.data or "").strip())).lower()
    except EmailValidateException as refused:
        field.errors = [str(refused.msg)]
        return None
    return str(field.data)
