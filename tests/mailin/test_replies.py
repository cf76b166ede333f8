"""What of a mail is the reply, in the shapes of mail programs and languages."""

import time

import pytest

from ideas.mailin.messages import MOST_BYTES, Unreadable, read
from ideas.mailin.plain import text_of_html
from ideas.mailin.replies import reply_in
from tests.mailin.shapes import OWN_NAMES, SHAPES

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", SHAPES)
def test_a_reply_is_what_its_writer_added_whatever_program_wrote_it(name: str) -> None:
    shape = SHAPES[name]
    message = read(f"From: vera@example.org\n{shape.message}".replace("\n", "\r\n").encode())
    assert reply_in(message.text, own_names=OWN_NAMES, languages=["en"]) == shape.reply


def test_a_mail_that_only_quotes_holds_no_reply() -> None:
    for text in (
        "> Ada has commented.\n",
        "On 1.1.26, Testers <ideas@ideas.example.com> wrote:\n> Words\n",
        "",
        "\n\n",
    ):
        assert reply_in(text, own_names=OWN_NAMES, languages=["en"]) == ""


#: A line that names this place as mails do that quote it.
OURS = f"x{next(name for name in OWN_NAMES if '@' in name)}"
SLOW = (
    "On " + "a " * 500,
    "From: " * 200,
    "> " * 1000,
    "Am 1 schrieb " * 60,
    "2026年1月1日(日) 1:11" + "x<" * 200,
    OURS,
)


@pytest.mark.parametrize("line", SLOW)
def test_lines_made_to_be_slow_are_read_in_bounded_time(line: str) -> None:
    began = time.perf_counter()
    reply_in("\n".join([line] * 2_000), own_names=OWN_NAMES, languages=["en"])
    assert time.perf_counter() - began < 5


def test_pages_made_to_be_slow_are_read_in_bounded_time() -> None:
    began = time.process_time()
    assert text_of_html("<div>" * 18_000 + "<span>" * 18_000 + "Words").strip() == "Words"
    assert time.process_time() - began < 8


@pytest.mark.parametrize("sign", [b";,@", b" (", b"\r\n\t;a=", b'"'])
def test_long_headers_about_content_are_refused_before_they_are_read(sign: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable):
        read(b"Subject: Re\r\nContent-Type: text/plain;" + sign * 100_000 + b"\r\n\r\nWords")
    assert time.process_time() - began < 1
    folded = b"Content-Type: text/plain;\r\n\tcharset=utf-8;\r\n\tformat=flowed\r\n\r\nWords"
    assert read(folded).text.strip() == "Words"


def test_a_message_that_is_too_large_or_has_too_many_parts_is_not_read() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(500))
    headers = b"X-A: 1\r\n" * 1_000 + b"\r\nWords"
    parts = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nWords\r\n" * 2_000
    for raw in (b"a" * (MOST_BYTES + 1), nested, headers, parts):
        with pytest.raises(Unreadable):
            read(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"\x00" * 500, b"\r\n\r\n", bytes(range(256)) * 40, b"Content-Type: a/b; =\r\n\r\nx"]
)
def test_bytes_that_are_no_message_do_no_harm(raw: bytes) -> None:
    assert read(raw).attachment_count == 0


@pytest.mark.parametrize("value", ["text/plain; format*=a\x00b''x", "text/plain; charset*=utf-8\x00''%ff", "; ; ="])
def test_headers_made_to_stumble_over_are_read_or_refused_for_good(value: str) -> None:
    for name in ("Content-Type", "Content-Disposition", "From", "Content-Transfer-Encoding", "Date"):
        try:
            text = read(f"{name}: {value}\r\n\r\nWords".encode()).text
        except Unreadable:
            continue
        assert text.strip() in {"Words", ""}


def test_files_are_counted_and_pictures_within_the_text_are_not() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nWords\r\n'
        b"--b\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\n\r\nx\r\n"
        b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\n'
        b"secret\r\n--b--\r\n"
    )
    message = read(raw)
    assert (message.attachment_count, message.text.strip()) == (1, "Words")


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation); owner-email=a@example.org",
        "Precedence: bulk",
        "Precedence: Junk",
        "Precedence: list",
        "List-Id: <all.example.org>",
        "List-Unsubscribe: <https://example.org/u>",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "X-Autorespond: away",
        "Return-Path: <>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ],
)
def test_what_programs_send_by_themselves_is_known(header: str) -> None:
    assert read(f"{header}\r\n\r\nI am away.".encode()).is_by_machine


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "Precedence: normal", "Return-Path: <a@example.org>", "X-Own: 1"]
)
def test_what_people_send_is_not_taken_for_a_program(header: str) -> None:
    assert not read(f"{header}\r\n\r\nI am here.".encode()).is_by_machine
