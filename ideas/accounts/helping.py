"""What admins do for somebody who has lost what they sign in with, or whose session somebody else has."""

import secrets

from flask_babel import lazy_gettext as _
from sqlalchemy import delete

from ideas.accounts.audit import note
from ideas.accounts.feed_keys import drop_key
from ideas.accounts.models import Member, Passkey
from ideas.accounts.passkeys import has_other_way_in
from ideas.accounts.policy import require_admin
from ideas.accounts.sessions import end_sessions
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.policy import Actor


def end_sessions_of(actor: Actor, member: Member) -> None:
    """Sign somebody out everywhere, at once. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    _shut_out(member)
    note(actor, "sessions.ended", member_id=member.id)


def drop_factors(actor: Actor, member: Member) -> None:
    """Remove somebody's app codes, recovery codes and passkeys, and sign them out everywhere.

    They come in again with their password or with a mail, and set up a factor anew where one is needed. Raises
    SignInNeeded, Forbidden, Conflict where a passkey is their only way in.
    """
    require_admin(actor)
    if not has_other_way_in(member):
        raise Conflict(_("They have no mail address, so a passkey is their only way in."))
    member.tf_primary_method = member.tf_totp_secret = member.tf_counter = member.mf_recovery_codes = None
    session().execute(delete(Passkey).where(Passkey.user_id == member.id))
    _shut_out(member)
    note(actor, "factors.dropped", member_id=member.id)


def _shut_out(member: Member) -> None:
    # Whoever has done the first step of signing in is known by this; they begin anew too.
    member.fs_uniquifier = secrets.token_hex(16)
    session().flush()
    end_sessions(member.id)
    # Whoever has had their session may have made it.
    drop_key(member.id)
