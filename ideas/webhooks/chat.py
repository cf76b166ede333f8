"""Messages as Slack takes them, and Mattermost, Teams bridges and others that read `text`."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.webhooks.models import EventType

#: Slack takes no longer text in one section.
SECTION_MAX = 3_000
#: What happened, and where.
HEADLINES: Mapping[EventType, LazyString] = {
    EventType.IDEA_EDITED: _("Edited on %(board)s"),
    EventType.IDEA_WITHDRAWN: _("Withdrawn on %(board)s"),
    EventType.IDEA_STATUS_CHANGED: _("Now “%(status)s” on %(board)s"),
    EventType.IDEA_DELIVERED: _("Delivered on %(board)s"),
    EventType.RESPONSE_SENT: _("Official answer on %(board)s"),
    EventType.COMMENT_POSTED: _("New comment on %(board)s"),
    EventType.FIX_CHOSEN: _("Fix chosen on %(board)s"),
    EventType.CREDIT_SETTLED: _("Credit settled on %(board)s"),
    EventType.IDEA_MERGED: _("Merged into another idea on %(board)s"),
    EventType.IDEA_MERGE_UNDONE: _("Merge undone on %(board)s"),
    EventType.IDEA_SPLIT: _("Split on %(board)s"),
    EventType.IDEA_ADOPTED: _("Taken over by somebody on %(board)s"),
    EventType.IDEA_AUTHORS_CHANGED: _("Other authors on %(board)s"),
    EventType.AMENDMENT_PROPOSED: _("Change proposed on %(board)s"),
    EventType.AMENDMENT_DECIDED: _("Proposed change decided on %(board)s"),
    EventType.PING: _("Messages of %(site)s arrive here."),
}
NEW: Mapping[str, LazyString] = {
    "idea": _("New idea on %(board)s"),
    "problem": _("New problem on %(board)s"),
    "fix": _("New fix on %(board)s"),
}
#: Between a sign and what follows it: seen by nobody, and enough that no program takes the two for a command.
_APART = "\u200b"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CALL = re.compile(r"@(?=\S)")


def as_chat(event: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message that says what `payloads.data_of` found."""
    headline = _headline(event, data)
    place, words = _place(data), _words(data)
    text = f"{headline}: {place}" if place else headline
    blocks = [_section(f"*{headline}*\n{place}" if place else headline)]
    if words:
        blocks.append(_section(f">{words}"))
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def tame(text: str) -> str:
    """Return what somebody typed so that it stays text: it calls nobody, links nowhere under a false name."""
    line = " ".join(text.split()).translate(_ENTITIES)
    return _CALL.sub(f"@{_APART}", line).replace("](", f"]{_APART}(")


def _headline(event: EventType, data: Mapping[str, Any]) -> str:
    if event is EventType.PING:
        return str(HEADLINES[event]) % {"site": tame(data["site"]["name"])}
    words = NEW[data["idea"]["kind"]] if event is EventType.IDEA_PUBLISHED else HEADLINES[event]
    status = data.get("change", {}).get("to", {}).get("name", "")
    return str(words) % {"board": tame(data["board"]["name"]), "status": tame(status)}


def _place(data: Mapping[str, Any]) -> str:
    if "idea" not in data:
        return ""
    url = data.get("comment", data["idea"])["url"]
    # A bar would end the name of the link.
    title = tame(data["idea"].get("title", "")).replace("|", "¦")
    return f"<{url}|{title}>" if title else f"<{url}>"


def _words(data: Mapping[str, Any]) -> str:
    """Return what was said, and by whom; empty where nothing was."""
    said = data.get("comment") or data.get("response") or data.get("idea", {})
    text, author = tame(data.get("note") or said.get("text", "")), said.get("author")
    if not text or data.get("note") or not author:
        return text
    return f"{text} — {tame(author['name'])}"


def _section(text: str) -> dict[str, Any]:
    # Cut before a sign that is written as several, never within.
    cut = text if len(text) <= SECTION_MAX else text[: SECTION_MAX - 10].rsplit("&", 1)[0] + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut}}
