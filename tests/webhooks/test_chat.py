"""Messages for chats say what happened in a line with a link, call nobody, and hide nothing behind a link."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from ideas.webhooks.chat import as_chat, tame
from ideas.webhooks.models import EventType, Format
from tests.factories import make_board, make_comment, make_idea, make_member
from tests.factories.webhooks import make_webhook
from tests.webhooks.receiver import receiver

pytestmark = pytest.mark.once

Drain = Callable[[], int]

HOSTILE = [
    "<!channel> look",
    "<!here>",
    "<@U012AB3CD>",
    "@channel @here @all @everyone",
    "<https://evil.example|Sign in again>",
    "[Sign in again](https://evil.example)",
    "a&b <script>alert(1)</script>",
    "line one\n*line two*\n>quoted",
    "a|b",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_stays_text(text: str) -> None:
    tamed = tame(text)
    assert not set(tamed) & set("<>\n")
    assert "@channel" not in tamed
    assert "](" not in tamed
    assert re.search(r"@\w", tamed) is None


def test_plain_words_are_left_as_they_are() -> None:
    assert tame("Make it 3 * better, #1 at ~5 € (soon)") == "Make it 3 * better, #1 at ~5 € (soon)"
    assert tame("Q&A") == "Q&amp;A"


def test_a_chat_gets_a_line_with_a_link_and_the_words_beneath(app: Flask, drain: Drain) -> None:
    with receiver() as running:
        make_webhook(running.url, form=Format.SLACK)
        idea = make_idea(
            make_board("R&D <b>"),
            author=make_member("Eve @here"),
            title="Fold | <!channel> now",
            body="Ask @channel, *please*.",
        )
        make_comment(idea, body="[click](https://evil.example)")
        drain()
    first, second = (one.said for one in running.taken)
    link = f"<http://localhost/ideas/{idea.public_id}|Fold ¦ &lt;!channel&gt; now>"
    assert first["text"] == f"New idea on R&amp;D &lt;b&gt;: {link}"
    assert [block["type"] for block in first["blocks"]] == ["section", "section"]
    assert first["blocks"][1]["text"]["text"] == ">Ask @\u200bchannel, please. — Eve @\u200bhere"
    assert second["text"].startswith("New comment on R&amp;D")
    for message in (first, second):
        everything = json.dumps(message, ensure_ascii=False)
        assert "<!" not in everything
        assert "@channel" not in everything
        assert "@here" not in everything
        assert message["unfurl_links"] is False


def test_a_withdrawn_idea_is_a_bare_link(app: Flask) -> None:
    data = {"board": {"name": "Printers"}, "idea": {"kind": "idea", "url": "http://localhost/ideas/x"}}
    assert as_chat(EventType.IDEA_WITHDRAWN, data)["text"] == "Withdrawn on Printers: <http://localhost/ideas/x>"


@pytest.mark.parametrize("sign", ["&", "<", "a", "é"])
def test_no_section_is_longer_than_chats_take_and_none_is_cut_within_a_sign(app: Flask, sign: str) -> None:
    idea = {"kind": "idea", "title": "x", "url": "http://localhost/ideas/x", "text": sign * 4_000}
    data = {"board": {"name": "Printers"}, "idea": {**idea, "author": {"name": "Ada"}}}
    for section in as_chat(EventType.IDEA_PUBLISHED, data)["blocks"]:
        text = section["text"]["text"]
        assert len(text) <= 3_000
        assert re.search(r"&(?!amp;|lt;|gt;)", text) is None
