"""How often somebody may try: by person where known, by network address, and by network for bursts.

Only requests that send something are counted, so a page that is read costs nothing here. The counts stand in the
database, or in Redis where it is configured; each holds over all processes.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, g, request
from flask_babel import ngettext
from flask_limiter import ApplicationLimit, Limiter
from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError

from ideas.core import attempts
from ideas.core.settings import Settings

#: Where neither database nor Redis answers: of one person or address, in the memory of each process.
FALLBACK = "60 per minute; 1000 per hour"
#: The scheme under which the library finds our storage.
SCHEME = "attempts"


class AttemptStorage(Storage):
    """The library's counts, kept in our database."""

    STORAGE_SCHEME = [SCHEME]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What means that the storage does not answer."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how often it was."""
        return attempts.count_attempt(key, seconds=expiry, amount=amount)

    def get(self, key: str) -> int:
        """Return how often it was."""
        return attempts.attempts_of(key)

    def get_expiry(self, key: str) -> float:
        """Return when counting begins anew, in seconds since the epoch."""
        return attempts.end_of_window(key).timestamp()

    def check(self) -> bool:
        """Tell whether the storage answers."""
        try:
            attempts.attempts_of("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int:
        """Forget everything that was counted."""
        return attempts.forget_attempts()

    def clear(self, key: str) -> None:
        """Forget one count."""
        attempts.forget_attempts(key)


def who() -> str:
    """Return the name under which a request is counted: the person where known, else the address."""
    actor = g.get("actor")
    if actor is not None and actor.is_member:
        return f"member:{actor.member_id}"
    return f"address:{address_of(request.remote_addr)}"


def address_of(remote: str | None) -> str:
    """Return what stands for one household: an IPv4 address, or the /64 that an IPv6 address lies in."""
    return _network(remote, ipv4_bits=32)


def network_of(remote: str | None) -> str:
    """Return the network of an address: its /24 or its /64."""
    return _network(remote, ipv4_bits=24)


def _network(remote: str | None, *, ipv4_bits: int) -> str:
    try:
        address = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = ipv4_bits if address.version == 4 else 64
    return str(ipaddress.ip_network((address, bits), strict=False))


def _by_network() -> str:
    return f"network:{network_of(request.remote_addr)}"


def _by_address() -> str:
    return f"address:{address_of(request.remote_addr)}"


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a group of requests may be sent, counted together."""

    times: str
    counted_by: Callable[[], str]
    endpoints: frozenset[str]


_SIGN_IN = frozenset(
    {"security.login", "security.us_signin", "security.us_signin_send_code", "security.forgot_password"}
)
_REGISTER = frozenset({"security.register"})
_POST = frozenset(
    {
        "cocreation.confirm",
        "cocreation.publish_fix",
        "commenting.post",
        "commenting.save",
        "ideation.publish",
        "ideation.save",
        "moderation.report",
        "moderation.report_comment",
    }
)
_SUPPORT = frozenset(
    {
        "commenting.react",
        "following.follow",
        "following.unfollow",
        "voting.need",
        "voting.support",
        "voting.take_back",
    }
)
_INVITE = frozenset({"invitations.invite"})
_SET_UP = frozenset({"setup.finish"})

#: Beside these, tries on one account and from one address have limits of their own, see web.security.
RULES: Mapping[str, Rule] = {
    "entering": Rule("100 per minute; 1000 per hour", _by_network, _SIGN_IN | _REGISTER | _SET_UP),
    "registering": Rule("30 per hour", _by_address, _REGISTER),
    "posting": Rule("10 per minute; 100 per hour", who, _POST),
    "supporting": Rule("60 per minute", who, _SUPPORT),
    "inviting": Rule("20 per minute; 200 per day", who, _INVITE),
    "bursts": Rule("300 per minute", _by_network, _POST | _SUPPORT | _INVITE),
}


def _limit(name: str) -> ApplicationLimit:
    rule = RULES[name]

    def times() -> str:
        is_counted = request.method == "POST" and request.endpoint in rule.endpoints
        return rule.times if is_counted else ""

    return ApplicationLimit(times, key_function=rule.counted_by, scope=name)


limiter = Limiter(
    key_func=who,
    application_limits=[_limit(name) for name in RULES],
    headers_enabled=False,
    swallow_errors=True,
    fail_on_first_breach=True,
)


def init_limits(app: Flask, settings: Settings) -> None:
    """Count in Redis where it is configured, else in the database. Comes after it is known who asks."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or f"{SCHEME}://",
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK=[FALLBACK],
    )
    limiter.init_app(app)


def seconds_to_wait() -> int:
    """Return after how many seconds the request that was refused may be sent again; at least 1."""
    breached = limiter.current_limit
    return max(1, round(breached.reset_at - time.time()) + 1) if breached is not None else 60


def words_to_wait(seconds: int) -> str:
    """Return how long to wait as a person says it."""
    if seconds < 60:
        return str(ngettext("Wait %(num)d second, then try again.", "Wait %(num)d seconds, then try again.", seconds))
    minutes = -(-seconds // 60)
    if minutes < 120:
        return str(ngettext("Wait %(num)d minute, then try again.", "Wait %(num)d minutes, then try again.", minutes))
    hours = -(-minutes // 60)
    return str(ngettext("Wait %(num)d hour, then try again.", "Wait %(num)d hours, then try again.", hours))
