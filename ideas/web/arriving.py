"""Signing somebody in on the word of another side."""

from flask_security.utils import login_user

from ideas.accounts.models import Member
from ideas.core.errors import Forbidden


def sign_in(member: Member, *, by: str) -> None:
    """Begin a session of the member in the browser that asks. Raises Forbidden where the account is closed."""
    if not member.active or not login_user(member, remember=False, authn_via=[by]):
        raise Forbidden
