"""Signing up, in and out: Flask-Security with our members, pages and mails.

Passwords, codes, tokens and their checks are the library's; nothing of that kind is written here. Its own
blueprint stays unregistered: it has addresses that this site does not offer, such as links that sign in by GET.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Blueprint, Flask, abort, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import (
    MailUtil,
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    current_user,
    login_user,
    user_authenticated,
)
from flask_security import views as library
from flask_security.proxies import _security
from flask_security.tf_plugin import tf_clean_session
from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from ideas.accounts.links import REGISTER_FOR, issue_link
from ideas.accounts.models import LinkPurpose, Member
from ideas.accounts.services import create_member
from ideas.core import clock, mail
from ideas.core.db import abandon_writing, begin_writing, commit_writing, db, is_writing, transaction
from ideas.core.db import session as database
from ideas.core.settings import Settings
from ideas.web import viewer
from ideas.web.forms.factors import ChangeForm, VerifyCodeForm, VerifyForm
from ideas.web.forms.fields import typed
from ideas.web.forms.sign_in import (
    ISSUED_AT,
    CodeForm,
    ForgotForm,
    NewPasswordForm,
    RegisterForm,
    SignInForm,
    read_address,
)
from ideas.web.limits import limited
from ideas.web.redirects import drop_hostile_next, safe_next
from ideas.web.signing_in.codes import Codes
from ideas.web.signing_in.entering import Wish, note_wish
from ideas.web.signing_in.passwords import Passwords
from ideas.web.signing_in.security_config import CODE_SECONDS, CODE_TEMPLATE, security_config
from ideas.web.signing_in.sessions import LASTING, VIA
from ideas.web.signing_in.sign_in_words import ACCOUNT_KNOWN, CODE_SENT, LINK_SENT, OwnTexts

#: What the library keeps in the session of whoever has signed in.
SIGN_IN_KEYS = ("_user_id", "_fresh", "_id", "fs_cc", "fs_paa", VIA)

bp = Blueprint("security", __name__)


class AddressTaken(Exception):
    """Somebody else registered the address (or the handle) in the same moment."""


class NoRole(RoleMixin):
    """Stands where Flask-Security wants a role; rights come from boards.policy alone."""

    name = ""


class Datastore(SQLAlchemyUserDatastore):
    """Members as Flask-Security sees them; what it writes, it writes in a writing transaction."""

    def __init__(self) -> None:
        super().__init__(db, Member, NoRole)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Member | None:  # noqa: FBT001, FBT002
        """Return the member with this one attribute, through an index; addresses are stored in lower case."""
        ((name, value),) = kwargs.items()
        if name == "fs_uniquifier":
            return viewer.find_member(str(value))
        if name == "email":
            value = str(value).strip().lower()
        found: Member | None = database().scalar(_member_by(name), {"value": value})  # type: ignore[assignment]
        return found

    def create_user(self, **kwargs: Any) -> Member:
        """Add a member with a handle made from the name, and codes by mail set up. Raises AddressTaken."""
        start_writing()
        try:
            member = create_member(
                name=str(kwargs["name"]),
                email=str(kwargs["email"]),
                password_hash=kwargs.get("password"),
                is_self_named=True,
            )
        except IntegrityError:
            raise AddressTaken from None
        self.us_setup_email(member)
        return member

    def put(self, model: Member) -> Member:
        """Keep what the library changed on a member."""
        start_writing(model)
        database().add(model)
        return model

    def us_setup_email(self, user: Member) -> bool:
        """Give the member a new secret for mailed codes, good from now: all codes from before are worth nothing."""
        kept = self.us_get_totp_secrets(user)
        secret = {"email": _security.totp_factory.generate_mail_secret(), ISSUED_AT: str(int(time.time()))}
        self.us_put_totp_secrets(user, {**kept, **secret})
        user.code_tries = 0
        return True

    def hold(self, member: Member) -> None:
        """Let nobody else change the member until the transaction ends, and see them as they are now."""
        start_writing(member)
        database().refresh(member, with_for_update=True)

    def commit(self) -> None:
        """Do nothing: `offer` has committed before the library asks for it."""


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
        """Queue the mail in the transaction of the request; a code is dropped rather than sent late."""
        start_writing()
        is_code = template == CODE_TEMPLATE
        mail.queue_mail(
            to=recipient,
            subject=subject,
            text=body,
            html=html,
            sender_name=viewer.site_words().full_name,
            expires_at=clock.now() + timedelta(seconds=CODE_SECONDS) if is_code else None,
            asked_for=is_code,
        )


def init_security(app: Flask, settings: Settings) -> None:
    """Set the library up and register the addresses that the site offers."""
    app.config.update(security_config(settings))
    security = Security(
        app,
        Datastore(),
        register_blueprint=False,
        login_form=SignInForm,
        reset_password_form=NewPasswordForm,
        change_password_form=ChangeForm,
        verify_form=VerifyForm,
        us_verify_form=VerifyCodeForm,
        password_util_cls=Passwords,
        mail_util_cls=QueuedMail,
        totp_cls=Codes,
        render_template=render,
    )
    security.i18n_domain = OwnTexts()
    security.want_json(lambda _request: False)
    security.mail_context_processor(lambda: {"base_url": settings.base_url})
    # Nobody signs in by a token in a header or an address.
    security.login_manager.request_loader(lambda _request: None)
    user_authenticated.connect(renew_session, app)
    app.register_blueprint(bp)


def start_writing(member: Member | None = None) -> None:
    """Go over to a writing transaction where the request only read so far; pending changes of `member` come along.

    The library hashes passwords before it writes: taking the write lock only now keeps others from waiting.
    """
    if is_writing():
        return
    changed: dict[str, Any] = {}
    state: Any = inspect(member) if member is not None else None
    if state is not None and state.persistent:
        changed = {item.key: item.value for item in state.attrs if item.history.has_changes()}
    begin_writing()
    for name, value in changed.items():
        setattr(member, name, value)


def offer(view: Callable[..., Any], **kwargs: Any) -> Response:
    """Return the answer of a view of the library; commit what it wrote, or forget it where it failed."""
    try:
        response = make_response(view(**kwargs))
    except BaseException:
        if is_writing():
            abandon_writing()
        raise
    if is_writing():
        commit_writing()
    return response


def lead_on(response: Response) -> Response:
    """Send whoever is signed in now to where they wanted to go; other answers stay as they are."""
    if not 300 <= response.status_code < 400:
        return response
    if current_user.is_authenticated:
        return redirect(wanted(), 303)
    response.status_code = 303
    return response


def wanted() -> str:
    """Return the path to which the person wanted to go, if it is one of ours."""
    return safe_next(request.form.get("next") or request.args.get("next"))


def check_sent(*names: str) -> None:
    """Refuse bodies that are no form, and unknown or repeated fields. Raises Invalid."""
    drop_hostile_next()
    if request.method == "POST":
        if request.is_json:
            abort(415)
        typed(request.form, *names, "csrf_token", "next")


by_address = limited("signing_in")
by_account = limited("account")


@cache
def _member_by(name: str) -> Select[tuple[Member]]:
    # Every request of a member asks this: putting a statement together costs more than running it.
    return select(Member).where(getattr(Member, name) == bindparam("value"))


@bp.route("/sign-in", methods=["GET", "POST"])
@by_address
@by_account
def login() -> Response:
    """Sign in with a password."""
    check_sent("email", "password", "remember")
    return lead_on(offer(library.login))


@bp.route("/sign-in/code", methods=["GET", "POST"])
@by_address
@by_account
def us_signin() -> Response:
    """Sign in with a code from a mail."""
    check_sent("identity", "passcode", "remember")
    return lead_on(offer(take_code))


def take_code() -> Any:
    """Sign in with the code, or ask for the second factor; else show the form again."""
    if current_user.is_authenticated:
        return redirect(wanted(), 303)
    tf_clean_session()
    form = CodeForm()
    if request.method != "POST" or not form.validate():
        form.passcode.data = None
        return render("security/code.html", us_signin_form=form)
    second = _security.two_factor_plugins.tf_enter(form.user, form.remember.data, "email", next_loc=wanted())
    if second is None:
        login_user(form.user, remember=form.remember.data, authn_via=["email"])
    return second or redirect(wanted(), 303)


@bp.post("/sign-in/code/send")
@by_address
@by_account
def us_signin_send_code() -> Response:
    """Mail a code and ask for it."""
    check_sent("identity", "remember")
    form = CodeForm()
    if read_address(form.identity) is not None:
        with transaction():
            note_wish(Wish.CODE, address=str(form.identity.data))
        flash(CODE_SENT, "info")
    return make_response(render("security/code.html", us_signin_form=form))


@bp.route("/register", methods=["GET", "POST"])
@by_address
@by_account
def register() -> Response:
    """Mail a link with which an account is opened; an address that has one gets a mail about it instead."""
    check_sent("email", "website", "begun", "ticket", "proof")
    if current_user.is_authenticated:
        return redirect(wanted(), 303)
    form = RegisterForm()
    if request.method != "POST" or not form.validate():
        return make_response(render("security/register.html", register_user_form=form))
    address = str(form.email.data)
    if form.is_invited():
        return open_to_guest(address)
    with transaction():
        note_wish(Wish.ACCOUNT, address=address, go_to=wanted() if form.next.data else "")
    return make_response(render("security/registered.html", address=address))


def open_to_guest(address: str) -> Response:
    """Let a guest go on at once: whoever holds an invitation has read a mail to its address."""
    if _security.datastore.find_user(email=address) is not None:
        flash(str(ACCOUNT_KNOWN), "info")
        return redirect(url_for("security.login", next=wanted()), 303)
    with transaction():
        token = issue_link(LinkPurpose.REGISTER, email=address, good_for=REGISTER_FOR)
    return redirect(url_for("registering.open_account", token=token, next=wanted()), 303)


@bp.route("/password", methods=["GET", "POST"])
@by_address
@by_account
def forgot_password() -> Response:
    """Mail a link with which a new password can be set."""
    check_sent("email")
    form = ForgotForm()
    if request.method != "POST" and current_user.is_authenticated:
        form.email.data = current_user.email
    if request.method == "POST" and read_address(form.email) is not None:
        with transaction():
            note_wish(Wish.NEW_PASSWORD, address=str(form.email.data))
        flash(LINK_SENT, "info")
    return make_response(render("security/forgot.html", forgot_password_form=form))


@bp.route("/password/<token>", methods=["GET", "POST"])
@by_address
def reset_password(token: str) -> Response:
    """Set a new password; looking at the page uses nothing up."""
    check_sent("password")
    response = offer(library.reset_password, token=token)
    if response.status_code == 302:
        response.status_code = 303
    return response


@bp.post("/sign-out")
def logout() -> Response:
    """Sign out and end the session."""
    check_sent()
    offer(library.logout)
    session.clear()
    flash(_("You are signed out."))
    return redirect("/", 303)


@bp.after_request
def keep_nowhere(response: Response) -> Response:
    """No cache may keep a page about signing in."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def renew_session(app: Flask, **_rest: object) -> None:
    """Drop what the session held before signing in, the form token too: somebody else may have planted it."""
    kept = {name: session[name] for name in SIGN_IN_KEYS if name in session}
    is_lasting = session.get("_remember") == "set"
    session.clear()
    session.update(kept)
    if is_lasting:
        session[LASTING] = True
    g.pop("csrf_token", None)


def render(template: str, **context: Any) -> Any:
    """Return the rendered page or mail; with status 422 where the form on it has errors."""
    text = render_template(template, **context)
    form = next((value for name, value in context.items() if name.endswith("_form")), None)
    return make_response(text, 422) if form is not None and form.errors else text
