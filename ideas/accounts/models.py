"""Tables of people and organisations."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_security import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.core import clock
from ideas.core.columns import Addressed, Dated, Identified, Imported, UtcDateTime, text_enum
from ideas.core.db import Base

NAME_MAX = 80
HANDLE_MAX = 32
BIO_MAX = 300


class MemberKind(StrEnum):
    """What a member is to the company."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    STAFF = "staff"


class Organisation(Identified, Dated, Base):
    """The customer account that members may belong to."""

    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(120), unique=True)


class Member(Identified, Addressed, Dated, Imported, UserMixin, Base):
    """A person with an account, or one known from an import who has none yet (no e-mail)."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("unread_count >= 0", name="unread"),
    )

    name: Mapped[str] = mapped_column(String(NAME_MAX))
    #: Unique short name in addresses and mentions, lower case.
    handle: Mapped[str] = mapped_column(String(HANDLE_MAX), unique=True)
    #: Lower case; None for people known from an import only.
    email: Mapped[str | None] = mapped_column(String(254), unique=True, default=None)
    kind: Mapped[MemberKind] = mapped_column(text_enum(MemberKind), default=MemberKind.CUSTOMER)
    is_admin: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True, default=None
    )
    bio: Mapped[str] = mapped_column(String(BIO_MAX), default="")
    #: Two-letter language of pages and mails; None: as the browser asks.
    language: Mapped[str | None] = mapped_column(String(8), default=None)
    wants_mail: Mapped[bool] = mapped_column(default=True)
    unread_count: Mapped[int] = mapped_column(default=0)

    # Owned by Flask-Security.
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(String(255), default=None)
    #: Changes to sign a person out everywhere; never shown.
    fs_uniquifier: Mapped[str] = mapped_column(
        String(64), unique=True, default_factory=lambda: secrets.token_hex(16), repr=False
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    us_totp_secrets: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    us_phone_number: Mapped[str | None] = mapped_column(String(128), unique=True, default=None, repr=False)

    organisation: Mapped[Organisation | None] = relationship(init=False, lazy="raise_on_sql")

    @property
    def roles(self) -> list[object]:
        """Nothing: rights are derived by the policies, never from Flask-Security's roles."""
        return []

    def us_send_security_token(self, method: str, **kwargs: Any) -> str | None:
        """Send a sign-in code without a link: following a link may never sign anybody in."""
        failure: str | None = super().us_send_security_token(method, **{**kwargs, "send_magic_link": False})
        return failure

    @property
    def is_staff(self) -> bool:
        """Whether the member works for the company."""
        return self.kind is MemberKind.STAFF


class SignInSession(Dated, Base):
    """Somebody signed in with one browser. The browser holds a token; here stands only its hash."""

    __tablename__ = "sign_in_session"

    #: SHA-256 of the token, hexadecimal.
    id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=-10)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    #: What the browser's session holds, as JSON.
    data: Mapped[str] = mapped_column(Text, repr=False)
    #: Whatever happens, it ends then.
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
    #: Whether it outlives the browser window.
    is_lasting: Mapped[bool] = mapped_column(default=False)
    #: Its token is changed with the next answer: the rights of its owner have changed.
    must_rotate: Mapped[bool] = mapped_column(default=False)
