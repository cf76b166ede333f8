"""Rights that hang on nothing any more. Each is taken back with its ground, so that none should ever be found."""

from collections.abc import Iterator

from sqlalchemy import or_, select

from ideas.accounts import providers, tokens
from ideas.accounts.models import Member, MemberKind, Provider, SignInSession, TokenApp
from ideas.boards.models import Board, BoardRole, Role
from ideas.core.db import session


def find_orphaned_rights() -> list[str]:
    """Return a sentence for each right whose ground is gone, in a steady order; empty where all is well."""
    grounds = _grounds()
    return [*_keepers(), *_roles(grounds), *_sessions(grounds)]


def _grounds() -> set[str]:
    """Return by whose word rights and sessions may be held: nobody's but ours, providers' and apps'."""
    known = {providers.via_of(one) for one in session().scalars(select(Provider))}
    return {""} | known | {tokens.via_of(slug) for slug in session().scalars(select(TokenApp.slug))}


def _keepers() -> Iterator[str]:
    for word, column in (("owner", Board.owner_id), ("deputy", Board.deputy_id)):
        gone = or_(Member.kind != MemberKind.STAFF, Member.active.is_(False))
        query = select(Board.slug, Member.handle).join(Member, Member.id == column).where(gone).order_by(Board.id)
        for row in session().execute(query):
            yield f"{word} of {row.slug}: {row.handle} is not of the staff or may not come in"


def _roles(grounds: set[str]) -> Iterator[str]:
    managing = (BoardRole.role == Role.PRODUCT_MANAGER) & (Member.kind != MemberKind.STAFF)
    lost = or_(Member.erased_at.is_not(None), BoardRole.via.not_in(grounds), managing)
    query = (
        select(Board.slug, Member.handle, BoardRole.role)
        .select_from(BoardRole)
        .join(Board, Board.id == BoardRole.board_id)
        .join(Member, Member.id == BoardRole.member_id)
        .where(lost)
        .order_by(BoardRole.id)
    )
    for row in session().execute(query):
        yield f"{row.role} on {row.slug}: {row.handle} holds it without a ground"


def _sessions(grounds: set[str]) -> Iterator[str]:
    lost = or_(Member.active.is_(False), SignInSession.via.not_in(grounds))
    query = (
        select(SignInSession.public_id, Member.handle)
        .select_from(SignInSession)
        .join(Member, Member.id == SignInSession.member_id)
        .where(lost)
        .order_by(SignInSession.public_id)
    )
    for row in session().execute(query):
        yield f"sign-in {row.public_id} of {row.handle}: nobody vouches for it"
