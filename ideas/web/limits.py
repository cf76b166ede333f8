"""How often somebody may try: one table of limits, counted over all processes.

Only what is named there is counted, so a page that is read costs nothing here. The counts stand in the database, or
in Redis where it is configured. Where neither answers, each process counts for itself.
"""

import hashlib
import ipaddress
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

import structlog
from flask import Flask, current_app, g, request, session
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import TooManyRequests

from ideas.core import attempts
from ideas.core.memory import forgetful
from ideas.core.settings import BadSetting, Settings

log = structlog.get_logger()

View = Callable[..., Any]
SENT = frozenset({"POST"})
#: For pages that do work or use something up where they are opened.
SENT_OR_OPENED = frozenset({"GET", "POST"})
#: Where the application keeps how often each rule lets people try.
LIMITS = "limits"
#: Where Redis is configured, the application keeps it here.
STORE = "limits_store"


def who() -> str:
    """Return the name under which a request is counted: the person where known, else the address."""
    actor = g.get("actor")
    if actor is not None and actor.is_member:
        return f"member:{actor.member_id}"
    return by_address()


def by_address() -> str:
    """Count by what stands for one household."""
    return f"address:{address_of(request.remote_addr)}"


def by_network() -> str:
    """Count by the network."""
    return f"network:{network_of(request.remote_addr)}"


def by_account() -> str:
    """Count by the address that was typed, whether somebody has it or not."""
    typed = request.form.get("email") or request.form.get("identity") or ""
    return "account:" + hashlib.sha256(typed.strip().lower().encode()).hexdigest()


def by_half_signed_in() -> str:
    """Count by whoever has shown a first factor and is asked for the second."""
    return f"second:{session.get('tf_user_id')}"


def by_feed_key() -> str:
    """Count by the key that the address holds: services that fetch feeds ask for many people from one address."""
    return "feed:" + hashlib.sha256(str((request.view_args or {}).get("token")).encode()).hexdigest()


def address_of(remote: str | None) -> str:
    """Return what stands for one household: an IPv4 address, or the /64 that an IPv6 address lies in."""
    return _network(remote, ipv4_bits=32)


def network_of(remote: str | None) -> str:
    """Return the network of an address: its /24 or its /64."""
    return _network(remote, ipv4_bits=24)


@forgetful
@lru_cache(maxsize=4_096)
def _network(remote: str | None, *, ipv4_bits: int) -> str:
    try:
        address = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = ipv4_bits if address.version == 4 else 64
    return str(ipaddress.ip_network((address, bits), strict=False))


TOO_FAST = _("That was a little fast.")
MAILED = _("Enough mails went to this address. Look for them in your mail, also among what it sorts out.")


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a group of requests may be sent, counted together."""

    times: str
    counted_by: Callable[[], str]
    #: What is counted where it is sent. Views of sign-in name their rules themselves, see `limited`.
    endpoints: frozenset[str] = frozenset()
    #: What is said before how long to wait.
    reason: LazyString = TOO_FAST


#: Asks for a mail to an address that anybody can type.
_MAIL = frozenset(
    {
        "addresses.ask",
        "security.forgot_password",
        "security.register",
        "security.us_signin_send_code",
        "sign_in_link.send",
    }
)
_ENTER = _MAIL | {
    "addresses.confirm",
    "invitations.accept",
    "passkeys.sign_in",
    "registering.open_account",
    "security.login",
    "security.reset_password",
    "security.two_factor_token_validation",
    "security.us_signin",
    "setup.finish",
    "sign_in_link.enter",
}
_REGISTER = frozenset({"security.register"})
_POST = frozenset(
    {
        "adopting.adopt",
        "amendments.accept_changed",
        "amendments.make_own",
        "amendments.propose",
        "amendments.write_anew",
        "authors.ask",
        "authors.invite",
        "cocreation.confirm",
        "cocreation.publish_fix",
        "commenting.post",
        "commenting.save",
        "ideation.publish",
        "ideation.save",
        "links.link",
        "merging.merge",
        "merging.undo",
        "problems.say_how",
        "splitting.split",
        "voting.need",
    }
)
#: Sent by itself while somebody types.
_KEEP = frozenset({"drafting.keep"})
_REPORT = frozenset(
    {
        "links.suggest_link",
        "moderation.report",
        "moderation.report_comment",
    }
)
_SUPPORT = frozenset(
    {
        "adopting.answer",
        "amendments.support",
        "amendments.support_back",
        "commenting.react",
        "following.follow",
        "following.unfollow",
        "links.remove",
        "merging.hold_back",
        "merging.let_through",
        "splitting.answer",
        "voting.keep",
        "voting.support",
        "voting.take_back",
    }
)
#: Each of these may send a mail to an address that somebody of the company types.
_INVITE = frozenset({"customers.enter", "customers.propose", "drafting.name", "invitations.invite"})

#: The one table. Who runs the place may change the times: LIMIT_POSTING="20 per minute; 200 per hour".
#: How many addresses somebody may invite stands in boards.invitations, for there each address counts.
RULES: Mapping[str, Rule] = {
    "entering": Rule("100 per minute; 1000 per hour", by_network, _ENTER),
    "signing_in": Rule("20 per minute; 200 per hour", by_address),
    "account": Rule("10 per 10 minutes; 60 per day", by_account),
    "mailing": Rule("3 per hour", by_account, _MAIL | {"addresses.ask"}, MAILED),
    "second_factor": Rule("10 per 10 minutes; 60 per day", by_half_signed_in),
    "brought": Rule("60 per minute; 1000 per hour", by_address),
    "registering": Rule("20 per hour", by_address, _REGISTER),
    "registering_network": Rule("60 per hour", by_network, _REGISTER),
    "own_account": Rule("10 per 10 minutes; 60 per day", who),
    "posting": Rule("10 per minute; 100 per hour", who, _POST),
    "keeping": Rule("60 per minute; 2000 per hour", who, _KEEP),
    "reporting": Rule("5 per minute; 50 per day", who, _REPORT),
    "supporting": Rule("60 per minute", who, _SUPPORT),
    "inviting": Rule("20 per minute; 200 per day", who, _INVITE),
    "completing": Rule("120 per minute; 3000 per day", who),
    "comparing": Rule("60 per minute; 1000 per day", who),
    "uploading": Rule("30 per minute; 200 per hour", who),
    "own_data": Rule("5 per hour", who, frozenset({"privacy.download"})),
    "own_feed": Rule("30 per 10 minutes", by_feed_key),
    "unknown_feed": Rule("60 per hour", by_address),
    "bursts": Rule("300 per minute", by_network, _POST | _REPORT | _SUPPORT | _INVITE),
}

_BY_ENDPOINT: Mapping[str, Sequence[str]] = {
    endpoint: [name for name, rule in RULES.items() if endpoint in rule.endpoints]
    for endpoint in frozenset().union(*(rule.endpoints for rule in RULES.values()))
}


class TooFast(TooManyRequests):
    """Somebody tried too often. `seconds`: after how many it may be tried again, at least 1; `reason`: in words."""

    def __init__(self, seconds: int, reason: LazyString) -> None:
        super().__init__()
        self.seconds = seconds
        self.reason = reason


class Limiter:
    """Counts the request under way by all rules that speak of it. `enabled`: tests are quicker than people."""

    def __init__(self) -> None:
        self.enabled = True
        self._own: MemoryStorage | None = None

    def check(self) -> None:
        """Count the request. Raises TooFast."""
        names = _BY_ENDPOINT.get(request.endpoint or "")
        if names and request.method == "POST":
            self.count(*names)

    def count(self, *names: str, by: str | None = None) -> None:
        """Count one try by each of the rules. Raises TooFast with the longest time to wait.

        `by`: under whose name, where there is no request that tells it.
        """
        if not self.enabled:
            return
        named: dict[str, tuple[str, RateLimitItem]] = {
            f"{name}/{item.GRANULARITY.name}/{item.multiples}/{by or RULES[name].counted_by()}": (name, item)
            for name in names
            for item in current_app.extensions[LIMITS][name]
        }
        counted = self._count({key: item for key, (_name, item) in named.items()})
        over = [(end, named[key][0]) for key, (tried, end) in counted.items() if tried > named[key][1].amount]
        if over:
            end, name = max(over)
            raise TooFast(max(1, round(end - time.time()) + 1), RULES[name].reason)

    def reset(self) -> None:
        """Forget everything that was counted."""
        self._own = None
        attempts.forget_attempts()

    def _count(self, items: Mapping[str, RateLimitItem]) -> Mapping[str, tuple[int, float]]:
        """Return for each key how often it was tried and when counting begins anew, in seconds since the epoch."""
        store: Storage | None = current_app.extensions[STORE]
        try:
            if store is not None:
                return _in_store(store, items)
            counted = attempts.count_attempts({key: item.get_expiry() for key, item in items.items()})
            return {key: (one.count, one.expires_at.timestamp()) for key, one in counted.items()}
        except (SQLAlchemyError, RedisError) as error:
            log.warning("limits_unavailable", error=type(error).__name__)
            # Made only now: it looks after itself in a thread of its own.
            self._own = self._own or MemoryStorage()
            return _in_store(self._own, items)


def _in_store(store: Storage, items: Mapping[str, RateLimitItem]) -> Mapping[str, tuple[int, float]]:
    # Hashed: who looks into the store learns nobody's address.
    kept = {key: attempts.hash_of(key) for key in items}
    return {key: (store.incr(kept[key], item.get_expiry()), store.get_expiry(kept[key])) for key, item in items.items()}


limiter = Limiter()


def may_post(member_id: int) -> bool:
    """Count one post of a member that comes by no page; return whether it is within what pages allow."""
    try:
        limiter.count("posting", by=f"member:{member_id}")
    except TooFast:
        return False
    return True


def limited(*names: str, methods: frozenset[str] = SENT) -> Callable[[View], View]:
    """Return a decorator that counts what is sent to a view by the rules of these names, before the view runs."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if request.method in methods:
                limiter.count(*names)
            return view(*args, **kwargs)

        return counted

    return decorate


def init_limits(app: Flask, settings: Settings) -> None:
    """Count in Redis where it is configured, else in the database. Comes after it is known who asks.

    Raises BadSetting for a limit that is not there, or that is not written as limits are.
    """
    app.extensions[LIMITS] = _times(settings.limits)
    app.extensions[STORE] = RedisStorage(settings.redis_url, wrap_exceptions=False) if settings.redis_url else None
    app.before_request(limiter.check)


def _times(changed: Mapping[str, str]) -> Mapping[str, list[RateLimitItem]]:
    for name, times in changed.items():
        setting = f"LIMIT_{name.upper()}"
        if name not in RULES:
            raise BadSetting(setting, f"there is no such limit; there are {', '.join(sorted(RULES))}")
        try:
            parse_many(times)
        except ValueError:
            raise BadSetting(setting, f"is {times!r}; write it as {RULES[name].times}") from None
    return {name: parse_many(changed.get(name, rule.times)) for name, rule in RULES.items()}


def words_to_wait(seconds: int) -> str:
    """Return how long to wait as a person says it."""
    if seconds < 60:
        return str(ngettext("Wait %(num)d second, then try again.", "Wait %(num)d seconds, then try again.", seconds))
    minutes = -(-seconds // 60)
    if minutes < 120:
        return str(ngettext("Wait %(num)d minute, then try again.", "Wait %(num)d minutes, then try again.", minutes))
    hours = -(-minutes // 60)
    return str(ngettext("Wait %(num)d hour, then try again.", "Wait %(num)d hours, then try again.", hours))
