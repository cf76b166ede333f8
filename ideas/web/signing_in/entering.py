"""What is done for whoever wants to come in, after the page has answered: only here is looked who has an address.

The pages write down what was asked, for known and unknown addresses alike, and the worker does the rest; so neither
an answer nor the time it takes tells who has an account.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_security.proxies import _datastore, _security
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select

from ideas.accounts.addresses import request_change
from ideas.accounts.links import CHANGE_FOR, REGISTER_FOR, SIGN_IN_FOR, issue_link
from ideas.accounts.models import LinkPurpose, Member
from ideas.core import clock, mail, outbox
from ideas.core.db import session
from ideas.core.mail_counts import Outcome, count_mail
from ideas.notifications.letters import sender_name
from ideas.web.signing_in.security_config import CODE_SECONDS, RESET_WITHIN

JOB = "entering.tell"
LANGUAGE = "en"
CODE_FOR = timedelta(seconds=CODE_SECONDS)
#: Nobody who asked to come in looks for the mail after this.
WAITED_FOR = timedelta(hours=1)


class Wish(StrEnum):
    """What somebody asked for, naming an address."""

    CODE = "code"
    LINK = "link"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a wish
    ACCOUNT = "account"
    OTHER_ADDRESS = "other_address"


def note_wish(wish: Wish, *, address: str, member_id: int | None = None, go_to: str = "") -> None:
    """Write down, in the transaction under way, what somebody asked for. `go_to`: a path to go on to."""
    values = {"address": address, "member_id": member_id, "go_to": go_to, "noted_at": clock.now().isoformat()}
    outbox.put(JOB, {"wish": str(wish), **values})


def grant(payload: Mapping[str, Any]) -> None:
    """Do what was asked for, in the transaction of the worker: make codes and links, and queue the mails.

    Where the worker was away for long, whoever waited has gone: what they asked for is dropped, and counted.
    """
    if datetime.fromisoformat(payload["noted_at"]) < clock.now() - WAITED_FOR:
        count_mail(Outcome.EXPIRED)
        return
    with current_app.test_request_context(base_url=_base_url()):
        _GRANTS[Wish(payload["wish"])](payload)


def send(template: str, *, to: str, subject: str, good_for: timedelta | None = None, **words: object) -> None:
    """Queue a mail about signing in, drawn from the template in both forms.

    `good_for`: for how long what it brings, which somebody has just asked for, is worth something; later it is dropped
    rather than sent. None: it only tells what has happened.
    """
    text, html = (render_template(f"security/mail/{template}.{form}", **words) for form in ("txt", "html"))
    mail.queue_mail(
        to=to,
        subject=subject,
        text=text,
        html=html,
        sender_name=sender_name(),
        expires_at=clock.now() + good_for if good_for else None,
        asked_for=good_for is not None,
    )


def external(endpoint: str, *, token: str, go_to: str = "") -> str:
    """Return the address of a link under the configured one, whatever the request called us."""
    values = {"token": token, **({"next": go_to} if go_to else {})}
    return _base_url() + url_for(endpoint, **values)  # type: ignore[arg-type]


def _base_url() -> str:
    return str(current_app.extensions["settings"].base_url)


def _find(address: str) -> Member | None:
    """Return the member with the address who may come in, held until the end."""
    found = select(Member).where(Member.email == address, Member.active.is_(True)).with_for_update()
    return session().scalars(found.execution_options(populate_existing=True)).first()


def _mail_code(payload: Mapping[str, Any]) -> None:
    member = _find(payload["address"])
    if member is None:
        return
    _datastore.us_setup_email(member)
    secret = _datastore.us_get_totp_secrets(member)["email"]
    code = _security.totp_factory.generate_totp_password(secret)
    with force_locale(member.language or LANGUAGE):
        send("code", to=payload["address"], subject=_("Your sign-in code"), good_for=CODE_FOR, login_token=code)


def _mail_link(payload: Mapping[str, Any]) -> None:
    member = _find(payload["address"])
    if member is None:
        return
    token = issue_link(LinkPurpose.SIGN_IN, member_id=member.id, good_for=SIGN_IN_FOR)
    link = external("sign_in_link.show", token=token, go_to=payload["go_to"])
    with force_locale(member.language or LANGUAGE):
        send("link", to=payload["address"], subject=_("Your link to sign in"), good_for=SIGN_IN_FOR, link=link)


def _mail_new_password(payload: Mapping[str, Any]) -> None:
    member = _find(payload["address"])
    if member is None:
        return
    token = generate_reset_password_token(member)
    with force_locale(member.language or LANGUAGE):
        send("reset", to=payload["address"], subject=_("Set a new password"), good_for=RESET_WITHIN, reset_token=token)


def _mail_account(payload: Mapping[str, Any]) -> None:
    """Mail how an account is opened; whoever has one is told so instead, and to nobody else."""
    address = payload["address"]
    member = _find(address)
    if member is not None:
        token = generate_reset_password_token(member)
        with force_locale(member.language or LANGUAGE):
            send("account_exists", to=address, subject=_("Your account"), good_for=RESET_WITHIN, reset_token=token)
        return
    if session().scalar(select(Member.id).where(Member.email == address)) is not None:
        # Closed by an admin: nobody opens it again by themselves.
        return
    token = issue_link(LinkPurpose.REGISTER, email=address, good_for=REGISTER_FOR)
    link = external("registering.open_account", token=token, go_to=payload["go_to"])
    with force_locale(LANGUAGE):
        send("register", to=address, subject=_("Your account"), good_for=REGISTER_FOR, link=link)


def _mail_both(payload: Mapping[str, Any]) -> None:
    """Mail to the old and the new address; whoever has the new one already is told so, and to nobody else."""
    found = select(Member).where(Member.id == payload["member_id"], Member.active.is_(True)).with_for_update()
    member = session().scalars(found.execution_options(populate_existing=True)).first()
    if member is None:
        return
    new = payload["address"]
    request = request_change(member, email=new)
    with force_locale(member.language or LANGUAGE):
        subject = _("Your new mail address")
        if request.old is not None and request.old_token is not None:
            link = external("addresses.show", token=request.old_token)
            send("address_old", to=request.old, subject=subject, good_for=CHANGE_FOR, link=link, new=new)
        if request.new_token is not None:
            link = external("addresses.show", token=request.new_token)
            send("address_new", to=new, subject=subject, good_for=CHANGE_FOR, link=link)
        else:
            send("address_taken", to=new, subject=_("Your account"), good_for=CHANGE_FOR)


_GRANTS: Mapping[Wish, Callable[[Mapping[str, Any]], None]] = {
    Wish.CODE: _mail_code,
    Wish.LINK: _mail_link,
    Wish.NEW_PASSWORD: _mail_new_password,
    Wish.ACCOUNT: _mail_account,
    Wish.OTHER_ADDRESS: _mail_both,
}
