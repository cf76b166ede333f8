"""Tables of people and organisations."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_security import AsaList, UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ideas.core import clock
from ideas.core.columns import Addressed, Dated, Identified, Imported, UtcDateTime, new_public_id, text_enum
from ideas.core.db import Base

NAME_MAX = 80
HANDLE_MAX = 32
BIO_MAX = 300
ORGANISATION_MAX = 120
PASSKEY_NAME_MAX = 60


#: The library does not say so, but two of them are alike, so that statements with them can be kept.
AsaList.cache_ok = True


class MemberKind(StrEnum):
    """What a member is to the company."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    STAFF = "staff"


class Organisation(Identified, Dated, Imported, Base):
    """The customer account that members may belong to."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("annual_value >= 0", name="value"),
    )

    name: Mapped[str] = mapped_column(String(ORGANISATION_MAX), unique=True)
    #: What they bought, in the company's own word, such as "enterprise".
    plan: Mapped[str] = mapped_column(String(40), default="")
    #: What they pay a year, in minor units of `currency`; None: not known.
    annual_value: Mapped[int | None] = mapped_column(BigInteger, default=None)
    #: ISO 4217.
    currency: Mapped[str | None] = mapped_column(String(3), default=None)
    #: Further words about them by which segments choose: name to value.
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, insert_default=dict, default_factory=dict)


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
    tf_primary_method: Mapped[str | None] = mapped_column(String(64), default=None, repr=False)
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255), default=None, repr=False)
    #: Which code of their app was used last, so that none is good twice.
    tf_counter: Mapped[int | None] = mapped_column(default=None, repr=False)
    #: Wrong tries of the code that was mailed last.
    code_tries: Mapped[int] = mapped_column(default=0, repr=False)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), default=None, repr=False
    )
    #: What devices with passkeys are told instead of who it is; random.
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True, default=None, repr=False)

    #: Of the staff, where somebody of them opened the account for a customer, whose own word has not been heard yet.
    entered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="SET NULL"), index=True, default=None
    )
    #: When the person left and everything about them was erased; the row stays as a pseudonym.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)

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


class Passkey(Identified, Dated, Base):
    """A key of a member's device, with which they sign in without a password."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    #: How the device names it.
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True, repr=False)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, repr=False)
    #: Chosen by the member.
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_MAX))
    #: How often the device says it was used; a smaller number than before comes from a copy.
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    #: How the device can be reached, such as "usb".
    transports: Mapped[list[str]] = mapped_column(JSON, insert_default=list, default_factory=list)
    #: Whether the device keeps a copy elsewhere, as most telephones do.
    is_backed_up: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


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
    #: Names it in addresses, so that it can be ended without naming the key.
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default_factory=new_public_id)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)
    #: Whether it outlives the browser window.
    is_lasting: Mapped[bool] = mapped_column(default=False)
    #: Its token is changed with the next answer: the rights of its owner have changed.
    must_rotate: Mapped[bool] = mapped_column(default=False)
    #: On whose word it was begun, such as "provider:work": it ends when that is worth nothing any more.
    via: Mapped[str] = mapped_column(String(60), index=True, default="")
    #: From where and with what it was begun, for its owner to recognise.
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class Provider(Identified, Dated, Base):
    """An OpenID Connect provider with which people sign in."""

    __tablename__ = "provider"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    #: On the button.
    name: Mapped[str] = mapped_column(String(60))
    #: Address under which its configuration is found.
    issuer: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(200))
    #: Sealed with the site's key.
    sealed_secret: Mapped[str] = mapped_column(Text, repr=False)
    #: Domains of addresses that may come in, one a line; empty: any.
    domains: Mapped[str] = mapped_column(Text, default="")
    #: Which claim names somebody's groups.
    groups_claim: Mapped[str] = mapped_column(String(60), default="groups")
    #: Groups of which one must be named by that claim, one a line; empty: any.
    groups: Mapped[str] = mapped_column(Text, default="")
    #: Groups whose members are staff, one a line. No provider makes an admin.
    staff_groups: Mapped[str] = mapped_column(Text, default="")
    #: Which roles on boards groups give: "group = board role", one a line; see boards.lent_roles.
    board_roles: Mapped[str] = mapped_column(Text, default="")
    #: Which claim names somebody's organisation; empty: none.
    organisation_claim: Mapped[str] = mapped_column(String(60), default="")
    #: To which organisation the people of a domain belong: "domain = name", one a line.
    organisations: Mapped[str] = mapped_column(Text, default="")
    #: Whether somebody unknown gets an account by coming in.
    creates_members: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Identity(Identified, Dated, Base):
    """Under which name a provider or the company's own app knows a member."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    #: What they were before a group of this provider made them staff; None: none did. Taken back with the group.
    kind_before: Mapped[MemberKind | None] = mapped_column(text_enum(MemberKind), default=None)


class TokenAlgorithm(StrEnum):
    """How an app may sign its tokens; nothing else is taken."""

    HS256 = "HS256"
    RS256 = "RS256"


class TokenApp(Identified, Dated, Base):
    """An app of the company whose signed tokens sign customers in."""

    __tablename__ = "token_app"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(300), unique=True)
    algorithm: Mapped[TokenAlgorithm] = mapped_column(text_enum(TokenAlgorithm))
    #: The shared secret or the public key, sealed with the site's key.
    sealed_key: Mapped[str] = mapped_column(Text, repr=False)
    #: The one before, which is good until the app has learnt the new one.
    sealed_former_key: Mapped[str | None] = mapped_column(Text, default=None, repr=False)
    former_key_until: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    is_active: Mapped[bool] = mapped_column(default=True)


class SpentToken(Base):
    """A signed token that was used; kept until nobody would take it any more."""

    __tablename__ = "spent_token"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    jti: Mapped[str] = mapped_column(String(255), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)


class LinkPurpose(StrEnum):
    """What a one-time link does."""

    SET_UP = "set_up"
    SIGN_IN = "sign_in"
    REGISTER = "register"
    OLD_ADDRESS = "old_address"
    NEW_ADDRESS = "new_address"


class OneTimeLink(Identified, Dated, Base):
    """A link that works once, for one purpose. The address holds a token; here stands only its hash."""

    __tablename__ = "one_time_link"

    purpose: Mapped[LinkPurpose] = mapped_column(text_enum(LinkPurpose))
    #: SHA-256 of the token, hexadecimal.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True, default=None)
    #: The address it is about.
    email: Mapped[str | None] = mapped_column(String(254), default=None)
    #: Links that only work together, such as those to the old and the new address.
    bundle: Mapped[str | None] = mapped_column(String(64), index=True, default=None)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)


class FeedKey(Dated, Base):
    """The key of a member's own feed. The address of the feed holds the key; here stands only its hash."""

    __tablename__ = "feed_key"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    #: SHA-256 of the key, hexadecimal.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True, repr=False)
    #: The last day (UTC) on which the feed was asked for; readers ask all day long, and nobody needs the hour.
    used_on: Mapped[date | None] = mapped_column(default=None)


class Combination(StrEnum):
    """How the rules of a segment are combined."""

    ALL = "all"
    ANY = "any"


class Comparison(StrEnum):
    """How a rule of a segment compares."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Segment(Identified, Dated, Base):
    """A named group of members, by rule or by hand."""

    __tablename__ = "segment"

    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(300), default="")
    combination: Mapped[Combination] = mapped_column(text_enum(Combination), default=Combination.ALL)
    #: Its members, counted when they change.
    member_count: Mapped[int] = mapped_column(default=0)


class SegmentRule(Identified, Base):
    """One condition of a segment, such as "plan is enterprise"."""

    __tablename__ = "segment_rule"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), index=True)
    #: See accounts.segments.ATTRIBUTES; "organisation.<word>" for a word of the organisation's own.
    attribute: Mapped[str] = mapped_column(String(80))
    comparison: Mapped[Comparison] = mapped_column(text_enum(Comparison))
    value: Mapped[str] = mapped_column(String(200))


class SegmentMember(Dated, Base):
    """That a member belongs to a segment."""

    __tablename__ = "segment_member"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    #: Put in by hand, so that no rule takes them out.
    is_by_hand: Mapped[bool] = mapped_column(default=False)


class AuditEntry(Identified, Dated, Base):
    """One change of somebody's rights or of what guards the site; never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_member", "member_id", "id"),)

    #: Who did it; None: the program, or somebody erased.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), index=True)
    #: What was done, such as "role.granted".
    act: Mapped[str] = mapped_column(String(60), index=True)
    #: Whom it concerns.
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"), default=None)
    #: What it concerns, such as "board" and its key.
    subject: Mapped[str] = mapped_column(String(40), default="")
    subject_id: Mapped[int | None] = mapped_column(Integer, default=None)
    before: Mapped[dict[str, object]] = mapped_column(JSON, default_factory=dict)
    after: Mapped[dict[str, object]] = mapped_column(JSON, default_factory=dict)
