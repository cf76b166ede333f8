"""`ideas user …`: accounts from the terminal, for the first admin and for emergencies."""

import secrets

import click
from flask import current_app
from flask_security import hash_password
from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.feed_keys import drop_key
from ideas.accounts.models import Member, MemberKind
from ideas.accounts.queries import find_member_by_email
from ideas.accounts.services import change_standing, create_member, standing_of
from ideas.cli.main import fail
from ideas.cli.running import OPERATOR, application
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict

#: Shorter passwords are refused by the sign-in too.
PASSWORD_MIN = 10


@click.group()
def user() -> None:
    """Add members, set passwords, name admins."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As shown to everybody.")
@click.option("--kind", type=click.Choice([str(kind) for kind in MemberKind]), default=str(MemberKind.CUSTOMER))
@click.option("--organisation", help="Name of the customer account they belong to.")
@click.option("--admin", is_flag=True, help="They run the site.")
@click.option("--password", help="At least 10 characters; without it one is made and printed.")
def add(email: str, *, name: str, kind: str, organisation: str | None, admin: bool, password: str | None) -> None:
    """Add a member who signs in with EMAIL."""
    check_address(email)
    chosen = check_password(password)
    with application(), transaction():
        if find_member_by_email(email) is not None:
            raise Conflict(f"{email} has an account already")
        member = create_member(
            name=name,
            email=email,
            kind=MemberKind.STAFF if admin else MemberKind(kind),
            organisation=organisation,
            is_admin=admin,
            password_hash=hash_password(chosen),
        )
        allow_codes(member)
        note(OPERATOR, "member.added", member_id=member.id, after=standing_of(member))
        handle = member.handle
    click.echo(f"Added @{handle}." + ("" if password else f" Password: {chosen}"))


@user.command("list")
def list_() -> None:
    """List the members who can sign in: handle, address, kind, and what is special."""
    with application():
        query = select(Member).where(Member.email.is_not(None)).order_by(Member.handle)
        for member in session().scalars(query):
            marks = [word for word, holds in (("admin", member.is_admin), ("inactive", not member.active)) if holds]
            click.echo("\t".join([f"@{member.handle}", member.email or "", str(member.kind), *marks]))


@user.command()
@click.argument("email")
@click.option("--password", help="At least 10 characters; without it one is made and printed.")
def password(email: str, *, password: str | None) -> None:
    """Set the password of a member and sign them out everywhere."""
    chosen = check_password(password)
    with application(), transaction():
        member = find(email)
        member.password = hash_password(chosen)
        member.fs_uniquifier = secrets.token_hex(16)
        drop_key(member.id)
    click.echo("The password is set." + ("" if password else f" It is {chosen}"))


@user.command()
@click.argument("email")
@click.option("--revoke", is_flag=True, help="They run the site no longer.")
def admin(email: str, *, revoke: bool) -> None:
    """Let a member run the site, or no longer; the last admin stays."""
    with application(), transaction():
        member = find(email)
        kind = member.kind if revoke else MemberKind.STAFF
        changed = change_standing(OPERATOR, member, kind=kind, is_admin=not revoke, is_active=member.active)
    click.echo("Changed." if changed else "It is so already.")


@user.command()
@click.argument("email")
@click.option("--undo", is_flag=True, help="Let them in again.")
def deactivate(email: str, *, undo: bool) -> None:
    """Keep a member out: signed out everywhere, and not let in again. What they wrote stays."""
    with application(), transaction():
        member = find(email)
        changed = change_standing(OPERATOR, member, kind=member.kind, is_admin=member.is_admin, is_active=undo)
    click.echo("Changed." if changed else "It is so already.")


def find(email: str) -> Member:
    """Return the member with this address, or end the program."""
    member = find_member_by_email(email)
    if member is None:
        raise Conflict(f"nobody has the address {email}")
    return member


def check_address(email: str) -> None:
    """End the program where this can't be an address."""
    name, _at, host = email.partition("@")
    if not name or "." not in host or any(sign.isspace() for sign in email):
        fail(f"{email!r} is not an e-mail address", code=2)


def check_password(typed: str | None) -> str:
    """Return the password, or a fresh one for None; end the program where it is too short."""
    if typed is None:
        return secrets.token_urlsafe(12)
    if len(typed) < PASSWORD_MIN:
        fail(f"--password: use at least {PASSWORD_MIN} characters", code=2)
    return typed


def allow_codes(member: Member) -> None:
    """Let the member sign in with codes by mail too. Needs the application's sign-in library."""
    current_app.extensions["security"].datastore.us_setup_email(member)
