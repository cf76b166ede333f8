"""Telling programs from people at registration, gently.

Nobody is asked anything unless something is odd: a field that nobody sees was filled in, the form came back faster
than it can be read, or many register from one network or domain. Then the browser solves a small puzzle by itself
(ALTCHA's, made and checked here, nothing is asked elsewhere). Without script one waits a minute and sends again.
"""

import hmac
import json
import secrets
import time
from dataclasses import dataclass

from altcha import Payload, create_challenge, verify_solution
from flask import Flask, current_app, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from itsdangerous import BadData, BadSignature, TimestampSigner, URLSafeSerializer

from ideas.core.attempts import attempts_of, count_attempts
from ideas.web.limits import network_of

#: Nobody reads and fills in a form in less.
LEAST_SECONDS = 2.0
#: Where the application keeps it; 0 lets everybody through.
LEAST = "GUARD_SECONDS"
HOUR, DAY = 3_600, 86_400
#: As many may register in an hour, from one network and with addresses of one domain, before more is asked.
FROM_NETWORK, OF_DOMAIN = 10, 30
#: So long waits who solves no puzzle, and so many of one network may come in this way in an hour.
WAIT_SECONDS, WAITED_MOST = 60, 10
#: One derivation takes about a millisecond; a browser needs some hundreds.
ALGORITHM, COST, STEPS_LEAST, STEPS_MOST = "PBKDF2/SHA-256", 2_000, 200, 600
PROOF_MOST = 4_000

CROWDED = _(
    "Many accounts are being opened from where you are. Send the form once more, to show that you are a person."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the guard says of a form."""

    #: Why it is not taken; None where it is.
    words: LazyString | None = None
    #: What the browser is asked, as JSON; empty where nothing is.
    challenge: str = ""
    #: Goes with the form: it lets in who has waited, or who has shown enough already.
    ticket: str = ""


WELCOME = Verdict()


def init_guard(app: Flask) -> None:
    """Set how long a form takes at least."""
    app.config.setdefault(LEAST, LEAST_SECONDS)


def least_seconds() -> float:
    """Return how long a form takes at least; 0 where nobody is looked at."""
    return float(current_app.config[LEAST])


def begun_now() -> str:
    """Return the moment a form is shown, signed."""
    return _signer().sign(f"{time.time():.2f}").decode()


def moment_of(begun: str) -> float | None:
    """Return the signed moment, in seconds since the epoch; None where it was not signed here."""
    try:
        return float(_signer().unsign(begun).decode())
    except (BadSignature, ValueError):
        return None


def expect() -> Verdict:
    """Return what a form that is opened asks: nothing, unless many register from the network."""
    if not current_app.config[LEAST] or attempts_of(_network()) < FROM_NETWORK:
        return WELCOME
    return _ask(None)


def judge(*, begun: str, trap: str, ticket: str, proof: str, domain: str) -> Verdict:
    """Return whether a form is taken. Each proof and ticket is good once; the verdict brings the next one."""
    if not current_app.config[LEAST]:
        return WELCOME
    words = _doubt(begun=begun, trap=trap, is_crowded=_is_crowded(domain))
    if words is None:
        return WELCOME
    if _is_proven(proof) or _is_good(ticket):
        return Verdict(ticket=_ticket(wait=0))
    return _ask(words)


def _doubt(*, begun: str, trap: str, is_crowded: bool) -> LazyString | None:
    moment = moment_of(begun)
    if trap:
        return _("Something was filled in that people do not see. It is empty again: send the form once more.")
    if moment is None:
        return _("This page was too old. Send the form once more.")
    if time.time() - moment < current_app.config[LEAST]:
        return _("That was very quick. Wait a moment and send the form once more.")
    return CROWDED if is_crowded else None


def _is_crowded(domain: str) -> bool:
    """Count one more who registers, and tell whether they are many."""
    network, of_domain = _network(), f"registering of {domain.strip().lower()}"
    counted = count_attempts({network: HOUR, of_domain: HOUR})
    return counted[network].count > FROM_NETWORK or counted[of_domain].count > OF_DOMAIN


def _network() -> str:
    return f"registering from {network_of(request.remote_addr)}"


def _ask(words: LazyString | None) -> Verdict:
    steps = STEPS_LEAST + secrets.randbelow(STEPS_MOST - STEPS_LEAST)
    challenge = create_challenge(
        ALGORITHM,
        COST,
        counter=steps,
        expires_at=int(time.time()) + DAY,
        hmac_secret=_key("puzzle"),
        hmac_key_secret=_key("solution"),
    )
    return Verdict(words=words, challenge=json.dumps(challenge.to_dict()), ticket=_ticket(wait=WAIT_SECONDS))


def _is_proven(proof: str) -> bool:
    if not 0 < len(proof) <= PROOF_MOST:
        return False
    if not verify_solution(proof, _key("puzzle"), hmac_key_secret=_key("solution")).verified:
        return False
    return _is_first(f"proof {Payload.from_base64(proof).challenge.parameters.nonce}")


def _ticket(*, wait: int) -> str:
    return str(_tickets().dumps([secrets.token_urlsafe(12), int(time.time()), wait]))


def _is_good(ticket: str) -> bool:
    """Tell whether the ticket was waited with long enough, and use it up."""
    try:
        name, begun, wait = _tickets().loads(ticket)
    except BadData:
        return False
    if not begun + wait <= time.time() <= begun + DAY:
        return False
    if wait:
        waited = f"waited {network_of(request.remote_addr)}"
        if count_attempts({waited: HOUR})[waited].count > WAITED_MOST:
            return False
    return _is_first(f"ticket {name}")


def _is_first(name: str) -> bool:
    # One day longer than anything it could be used with.
    return count_attempts({name: 2 * DAY})[name].count == 1


def _key(purpose: str) -> str:
    return hmac.digest(str(current_app.secret_key).encode(), f"ideas: guard {purpose}".encode(), "sha256").hex()


def _signer() -> TimestampSigner:
    return TimestampSigner(str(current_app.secret_key), salt="guard")


def _tickets() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="guard ticket")
