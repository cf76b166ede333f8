"""Passkeys: keys on people's devices with which they sign in without a password. Their checks are py_webauthn's.

Each one was made, and is used, only after the device has looked who holds it: so it counts as both factors.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ideas.accounts.audit import note
from ideas.accounts.models import PASSKEY_NAME_MAX, Identity, Member, Passkey, SpentToken
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_skip

#: So long somebody may take between asking and showing.
GOOD_FOR = timedelta(minutes=5)
PASSKEYS_MAX = 20
#: An honest answer of a device has a tenth of that.
ANSWER_MAX = 20_000
CREDENTIAL_MAX = 1_023
#: Under which name used questions stand among the spent tokens; no app can take it.
SPENT_BY = "passkey"
#: What reading a hostile answer can raise, beside what the library has names for.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError)


class PasskeyRefused(Invalid):
    """What a device answered is not good. The person gets one text for all reasons; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__({"credential": _("That did not work with this passkey. Try again, or use another way.")})
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What passkeys are bound to: the domain, and the one address that pages come from."""

    domain: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyLine:
    """A passkey as its owner sees it."""

    id: int
    name: str
    added_at: datetime
    #: None: never yet.
    used_at: datetime | None


def place_of(base_url: str) -> Place | None:
    """Return what passkeys of a site with this address are bound to; None where browsers would take none.

    They want a name instead of a number, and https, but for this very machine.
    """
    parts = urlsplit(base_url)
    domain = (parts.hostname or "").encode("idna").decode()
    try:
        ip_address(domain)
    except ValueError:
        is_local = domain == "localhost" or domain.endswith(".localhost")
        if parts.scheme != "https" and not is_local:
            return None
        usual = {"https": 443, "http": 80}[parts.scheme]
        port = f":{parts.port}" if parts.port not in (None, usual) else ""
        return Place(domain=domain, origin=f"{parts.scheme}://{domain}{port}")
    return None


def list_passkeys(actor: Actor) -> Sequence[PasskeyLine]:
    """Return the actor's passkeys, oldest first. Raises SignInNeeded."""
    query = select(Passkey).where(Passkey.user_id == actor.require_member()).order_by(Passkey.id)
    return [
        PasskeyLine(id=row.id, name=row.name, added_at=row.created_at, used_at=row.used_at)
        for row in session().scalars(query)
    ]


def has_passkey(member_id: int) -> bool:
    """Tell whether the member has any."""
    return session().scalar(select(Passkey.id).where(Passkey.user_id == member_id).limit(1)) is not None


def has_other_way_in(member: Member) -> bool:
    """Tell whether the member comes in without a passkey: codes and links go to an address, so one is a way in."""
    if member.email is not None:
        return True
    return session().scalar(select(Identity.id).where(Identity.member_id == member.id).limit(1)) is not None


def ask_to_add(actor: Actor, place: Place, *, site_name: str, question: bytes) -> str:
    """Return, as JSON, what the browser must know to make a passkey. Raises SignInNeeded.

    The device is told a random handle instead of who somebody is; the first time one is made for them.
    """
    member = _held(actor)
    if member.fs_webauthn_user_handle is None:
        member.fs_webauthn_user_handle = secrets.token_urlsafe(32)
    known = session().scalars(select(Passkey.credential_id).where(Passkey.user_id == member.id))
    options = generate_registration_options(
        rp_id=place.domain,
        rp_name=site_name,
        user_id=member.fs_webauthn_user_handle.encode(),
        user_name=member.email or member.handle,
        user_display_name=member.name,
        challenge=question,
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def add_passkey(actor: Actor, place: Place, *, name: str, question: bytes, answer: str) -> str:
    """Add the passkey with which a device answers, and return its name as it is kept.

    Raises SignInNeeded, Invalid (name), PasskeyRefused, Conflict where somebody has it.
    """
    member = _held(actor)
    fields = Fields()
    kept_name = fields.line("name", name, most=PASSKEY_NAME_MAX)
    own = list(session().scalars(select(Passkey.name).where(Passkey.user_id == member.id)))
    if kept_name in own:
        fields.refuse("name", _("You have a passkey with this name."))
    if len(own) >= PASSKEYS_MAX:
        fields.refuse("name", _("You have very many passkeys. Remove one that you do not use."))
    fields.done()
    try:
        credential = parse_registration_credential_json(_short(answer))
        made = verify_registration_response(
            credential=credential,
            expected_challenge=question,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused(_reason(error)) from None
    if len(made.credential_id) > CREDENTIAL_MAX:
        raise PasskeyRefused("credential too long")
    values = {
        "user_id": member.id,
        "credential_id": made.credential_id,
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
        "transports": [one.value for one in credential.response.transports or ()],
        "is_backed_up": made.credential_backed_up,
        "name": kept_name,
        "created_at": clock.now(),
    }
    if not insert_or_skip(Passkey, values, unique=["credential_id"]):
        raise Conflict(_("This passkey is known here already."))
    note(actor, "passkey.added", member_id=member.id)
    return kept_name


def ask_for_passkey(place: Place, *, question: bytes, of: int | None = None) -> str:
    """Return, as JSON, what the browser must know to show a passkey: any, or one of the member `of`."""
    known: Iterable[bytes] = ()
    if of is not None:
        known = session().scalars(select(Passkey.credential_id).where(Passkey.user_id == of))
    options = generate_authentication_options(
        rp_id=place.domain,
        challenge=question,
        timeout=_milliseconds(),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def use_passkey(place: Place, *, question: bytes, answer: str, of: int | None = None) -> Member:
    """Return whose passkey answered, and note that it was used. Raises PasskeyRefused.

    `of`: the only member whose passkey will do. Without it the device must also name the handle of its owner.
    The passkey is locked: of two answers with one count the second is refused.
    """
    try:
        credential = parse_authentication_credential_json(_short(answer))
    except _UNREADABLE as error:
        raise PasskeyRefused(_reason(error)) from None
    passkey = session().scalar(
        select(Passkey)
        .where(Passkey.credential_id == credential.raw_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    member = session().get(Member, passkey.user_id) if passkey is not None else None
    if passkey is None or member is None or not member.active or of not in (None, member.id):
        raise PasskeyRefused("unknown")
    _require_handle(credential, member, is_named=of is not None)
    try:
        shown = verify_authentication_response(
            credential=credential,
            expected_challenge=question,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused(_reason(error)) from None
    passkey.sign_count, passkey.is_backed_up = shown.new_sign_count, shown.credential_backed_up
    passkey.used_at = clock.now()
    session().flush()
    return member


def remove_passkey(actor: Actor, passkey_id: int) -> str:
    """Remove one of the actor's passkeys and return its name.

    Raises SignInNeeded, NotFound, Conflict where it is the only way in that they have.
    """
    member = _held(actor)
    own = Passkey.user_id == member.id
    name = session().scalar(select(Passkey.name).where(Passkey.id == passkey_id, own))
    if name is None:
        raise NotFound
    others = session().scalar(select(func.count()).select_from(Passkey).where(own, Passkey.id != passkey_id))
    if not others and not has_other_way_in(member):
        raise Conflict(_("This is your only way in. Add another passkey or a mail address first."))
    session().execute(delete(Passkey).where(Passkey.id == passkey_id, own))
    note(actor, "passkey.removed", member_id=member.id)
    return name


def spend_question(question: bytes) -> None:
    """Use a question up in the transaction under way. Raises PasskeyRefused where it was: the table decides a race."""
    values = {"issuer": SPENT_BY, "jti": bytes_to_base64url(question), "expires_at": clock.now() + 2 * GOOD_FOR}
    if not insert_or_skip(SpentToken, values, unique=["issuer", "jti"]):
        raise PasskeyRefused("spent")


def _held(actor: Actor) -> Member:
    """Return the actor's member, so that nobody else changes them or their passkeys until the transaction ends."""
    return session().get_one(Member, actor.require_member(), with_for_update=True, populate_existing=True)


def _require_handle(credential: AuthenticationCredential, member: Member, *, is_named: bool) -> None:
    handle = credential.response.user_handle
    if handle is None and is_named:
        return
    if handle is None or handle != (member.fs_webauthn_user_handle or "").encode():
        raise PasskeyRefused("handle")


def _short(answer: str) -> str:
    if len(answer) > ANSWER_MAX:
        raise PasskeyRefused("too long")
    return answer


def _reason(error: Exception) -> str:
    # The library's words may repeat what was sent; its first words do not.
    return f"{type(error).__name__}: {error}"[:80]


def _milliseconds() -> int:
    return int(GOOD_FOR.total_seconds() * 1_000)
