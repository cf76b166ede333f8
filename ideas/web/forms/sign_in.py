"""The library's forms, brought to the site's rules: one address, one name, no second guessing of `next`."""

from typing import Any

from flask import request
from flask_security import ForgotPasswordForm, LoginForm, RegisterFormV2, ResetPasswordForm, UnifiedSigninForm
from flask_security.forms import IsString, IsStringOrInt, RequiredLocalize
from flask_security.mail_util import EmailValidateException
from flask_security.proxies import _datastore, _security
from flask_security.utils import lookup_identity
from wtforms import Field, HiddenField, StringField

from ideas.accounts.models import NAME_MAX, Member
from ideas.accounts.names import normal_name, refuse_look_alikes
from ideas.boards.invitations import admits
from ideas.boards.registration import registration_rule
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.core.text import Refused, clean_line
from ideas.web import guard
from ideas.web.redirects import safe_next

#: So often somebody may mistype a code; then it is worth nothing any more.
CODE_TRIES = 5


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


class RegisterForm(SafeNext, RegisterFormV2):
    """E-mail and password as the library asks them, and the name shown to others."""

    name = StringField()
    #: Nobody sees it; programs fill it in.
    website = StringField()
    begun = HiddenField()

    def begun_at(self) -> str:
        """Return when the form was shown first, so that sending it again is not too quick."""
        begun = str(self.begun.data or "")
        return guard.begun_now() if guard.moment_of(begun) is None else begun

    def validate(self, **kwargs: Any) -> bool:
        """Check who may register and the name by the site's own rules, beside the library's checks.

        The rule looks at the domain alone and comes first, so it tells nothing of who has an account.
        """
        doubt = guard.refusal(begun=self.begun.data or "", trap=self.website.data or "")
        if doubt is not None:
            self.form_errors.append(str(doubt))
            return False
        refused_address = registration_rule().refusal(self.email.data or "")
        if refused_address is not None and not self._is_invited():
            self.email.errors = [str(refused_address)]
            return False
        is_valid = bool(super().validate(**kwargs))
        try:
            self.name.data = clean_line(normal_name(self.name.data or ""), least=2, most=NAME_MAX)
        except Refused as refused:
            self.name.errors = [str(refused.message)]
            return False
        fields = Fields()
        refuse_look_alikes(fields, self.name.data)
        try:
            fields.done()
        except Invalid as refused_name:
            self.name.errors = [str(refused_name.errors["name"])]
            return False
        return is_valid

    def _is_invited(self) -> bool:
        """Tell whether they come from the link of an invitation to this very address."""
        begin, _slash, token = (self.next.data or "").rpartition("/")
        return begin == "/invitations" and admits(token, self.email.data or "")


class ForgotForm(ForgotPasswordForm):
    """The address to which a new password may be sent."""

    def validate(self, **kwargs: Any) -> bool:
        """Say what is wrong with a text that is no address; of real ones say nothing."""
        is_valid = bool(super().validate(**kwargs))
        if not is_valid:
            refuse_non_address(self, self.email)
        return is_valid


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
        """Check as the library does, with the same work for addresses it doesn't know."""
        member = lookup_identity(self.identity.data) if self.identity.data else None
        if member is not None and member.is_active:
            self._prepare(member)
        is_valid = bool(super().validate(**kwargs))
        if member is not None and member.is_active and self.submit.data:
            note_try(member, is_right=is_valid)
        if member is None:
            _security.totp_factory.check_decoy()
            if self.submit_send_code.data:
                refuse_non_address(self, self.identity)
        return is_valid

    def _prepare(self, member: Member) -> None:
        """Give members who never had codes a secret for them; look at a code only while nobody else can use it."""
        _datastore.hold(member)
        if self.submit.data:
            refuse_worn_out(member)
        else:
            _datastore.us_setup_email(member)


def refuse_worn_out(member: Member) -> None:
    """Make the mailed code worthless where it was guessed at too often; another one must be asked for."""
    if member.code_tries >= CODE_TRIES:
        _datastore.us_setup_email(member)


def note_try(member: Member, *, is_right: bool) -> None:
    """Count a wrong try of the mailed code; a right one uses it up. The member is held by whoever calls."""
    if is_right:
        _datastore.us_setup_email(member)
    else:
        member.code_tries += 1
        _datastore.put(member)


def refuse_non_address(form: Any, field: Field) -> None:
    """Note an error for a text that can't be an address, in the form's own list, which generic answers keep."""
    try:
        _security.mail_util.validate(str(field.data or ""))
    except EmailValidateException as refused:
        form.form_errors.append(str(refused.msg))
