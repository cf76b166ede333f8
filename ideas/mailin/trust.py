"""Whether a mail comes from the member in whose name it would be posted.

A header says what somebody wrote into it. Believed is one alone: what the company's own mail server has put on top
of all others of its kind, under the name that MAIL_IN_AUTHSERV_ID gives it, and there only that the domain of the
sender vouches for this very message (DMARC). The sender is read by two programs, which must read the same.
"""

import re
from email.errors import ObsoleteHeaderDefect
from email.utils import getaddresses
from typing import Any

import authres
import authres.dmarc

from ideas.mailin.messages import STUMBLES, Incoming
from ideas.mailin.models import HeldReason

#: Longer ones are written to be read wrongly.
MOST_SENDER = 500
#: What mail servers on the way have added, from the top.
MOST_RESULTS = 10
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@\\]+@[^\s<>()\[\]\",;:@\\]+")
_RESULTS = "authentication-results"
#: Read anew for each header: what one holds plays no part in the next.
_READER = authres.FeatureContext(authres.dmarc)


def find_doubt(message: Incoming, *, email: str, authserv_id: str | None) -> HeldReason | None:
    """Return why nobody can say that the message comes from the owner of the address; None where it does."""
    sender = find_sender(message)
    if sender is None:
        return HeldReason.ODD_SENDER
    if sender != email:
        return HeldReason.OTHER_SENDER
    if authserv_id is None:
        return HeldReason.UNPROVEN
    return _doubt_of_domain(message, sender.rpartition("@")[2], authserv_id)


def find_sender(message: Incoming) -> str | None:
    """Return the one address in the one From header, lower case; None where it is not clear which that is."""
    written = message.values("from")
    if len(written) != 1:
        return None
    (value,) = written
    # Letters of other scripts look like ours, and some of them become ours where case is folded.
    if not value.isascii() or not value.isprintable() or len(value) > MOST_SENDER or re.search("[:;]", value):
        return None
    found = _as_read_by_rule(message)
    if found is None or found != _as_read_by_habit(value):
        return None
    # A name that looks like another address is there to be taken for it.
    shown = f"{value} {message.parsed['from']}".lower()
    return found if {one.strip("'.") for one in _ADDRESS.findall(shown)} <= {found} else None


def _as_read_by_rule(message: Incoming) -> str | None:
    try:
        # The library's types do not say that a header of addresses is a header.
        header: Any = message.parsed["from"]
        is_plain = all(isinstance(defect, ObsoleteHeaderDefect) for defect in header.defects)
        in_groups = any(group.display_name is not None for group in header.groups)
        if not is_plain or in_groups or len(header.addresses) != 1:
            return None
        address: str = header.addresses[0].addr_spec
        return address.lower()
    except STUMBLES:
        return None


def _as_read_by_habit(value: str) -> str | None:
    found = getaddresses([value])
    return found[0][1].lower() if len(found) == 1 else None


def _doubt_of_domain(message: Incoming, domain: str, authserv_id: str) -> HeldReason | None:
    # Ours stands above those that came with the message.
    for value in message.values(_RESULTS)[:MOST_RESULTS]:
        try:
            told = _READER.parse_value(value)
        except (authres.AuthResError, ValueError, TypeError, RecursionError):
            # Perhaps ours: then nothing below it is.
            return HeldReason.UNPROVEN
        if told.authserv_id == authserv_id:
            return _doubt_in(told, domain)
    return HeldReason.UNPROVEN


def _doubt_in(told: "authres.AuthenticationResultsHeader", domain: str) -> HeldReason | None:
    results = [one for one in told.results if one.method.lower() == "dmarc"]
    if not results:
        return HeldReason.UNPROVEN
    passed = [one for one in results if one.result.lower() == "pass" and _domain_of(one) == domain]
    return None if len(results) == len(passed) == 1 else HeldReason.FAILED


def _domain_of(result: "authres.core.AuthenticationResult") -> str:
    named = [one.value for one in result.properties if (one.type, one.name) == ("header", "from")]
    return str(named[0]).lower().rpartition("@")[2].rstrip(".") if len(named) == 1 else ""
