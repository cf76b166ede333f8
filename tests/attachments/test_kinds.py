"""What is taken as a file, by its bytes and never by its name; and under which name it is saved."""

import time

import pytest

from ideas.attachments.kinds import ARCHIVE, GIF, JPEG, MP4, PDF, PNG, TEXT, WEBP, kind_of, name_for
from ideas.attachments.models import NAME_MAX
from ideas.core.errors import Invalid
from tests.factories.attachments import make_picture

pytestmark = pytest.mark.once

SCRIPT = "<script>alert(1)</script>"
#: Files that some program would run, or show as a page: each is refused, whatever it is named.
RUN_SOMEWHERE = [
    f"<!DOCTYPE html>{SCRIPT}",
    f"<html>{SCRIPT}",
    f"\n \t<HTML>{SCRIPT}",
    f"<!-- {'x' * 3_000} --><svg onload=alert(1)>",
    f"<!-- a --><!-- b -->\n<html>{SCRIPT}",
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">{SCRIPT}</svg>',
    f'<?xml version="1.0"?><x:html xmlns:x="http://www.w3.org/1999/xhtml">{SCRIPT}</x:html>',
    f'<svg:svg xmlns:svg="http://www.w3.org/2000/svg">{SCRIPT}</svg:svg>',
    f"<head>{SCRIPT}",
    "<body onload=alert(1)>",
    SCRIPT,
    "<iframe srcdoc='x'>",
    "<object data=x>",
    "<embed src=x>",
    "<math><mtext>",
    "<?php system('id');",
    "<xsl:stylesheet version='1.0'>",
    "\ufeff<html>",
    f"<!-->{SCRIPT}",
    f"<!-- a --!>{SCRIPT}",
]
UNKNOWN = [
    b"MZ\x90\x00\x03",
    b"\x7fELF\x02\x01",
    b"\xca\xfe\xba\xbe\x00",
    b"BM6\x00\x00\x00",
    b"II*\x00",
    b"\x00\x00",
    b"a\x00b",
]


@pytest.mark.parametrize("text", RUN_SOMEWHERE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_a_browser_would_run_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(Invalid) as refused:
        kind_of(text.encode(encoding))
    assert set(refused.value.errors) == {"file"}


@pytest.mark.parametrize("data", UNKNOWN)
def test_programs_and_unknown_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        kind_of(data)


def test_known_kinds_are_told_by_their_first_bytes() -> None:
    pictures = {"PNG": PNG, "JPEG": JPEG, "GIF": GIF, "WEBP": WEBP}
    assert {name: kind_of(make_picture(name)) for name in pictures} == pictures
    assert kind_of(b"%PDF-1.7\n...") is PDF
    assert kind_of(b"PK\x03\x04...") is ARCHIVE
    assert kind_of(b"\x00\x00\x00 ftypisom....") is MP4


def test_a_log_that_quotes_a_page_is_a_text() -> None:
    assert kind_of(f"12:00 GET / 200 {SCRIPT}\n12:01 <html>".encode()) is TEXT
    assert kind_of("Grüße, 你好\n".encode()) is TEXT


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("photo.png", "photo.png"),
        ("PHOTO.PNG", "PHOTO.png"),
        ("photo.jpg", "photo.png"),
        ("photo.html", "photo.png"),
        ("../../etc/passwd", "passwd.png"),
        ("..\\..\\boot.ini", "boot.png"),
        ("a/b/c.png", "c.png"),
        ("..", "file.png"),
        ("", "file.png"),
        (".htaccess", "htaccess.png"),
        ("a\r\nSet-Cookie: b=c.png", "a-Set-Cookie- b=c.png"),
        ("gnp.\u202eexe.png", "gnp.-exe.png"),
        ('"; filename="x.html', "filename=-x.png"),
        ("Grüße 2.png", "Grüße 2.png"),
    ],
)
def test_a_name_says_what_the_file_is_and_leads_nowhere(sent: str, kept: str) -> None:
    assert name_for(sent, PNG) == kept


def test_a_text_that_is_named_as_a_page_is_saved_as_a_text() -> None:
    assert name_for("page.html", TEXT) == "page.html.txt"
    assert name_for("drawing.svg", TEXT) == "drawing.svg.txt"
    assert name_for("numbers.csv", TEXT) == "numbers.csv"


def test_long_names_are_cut_and_keep_their_ending() -> None:
    name = name_for("x" * 500 + ".pdf", PDF)
    assert (len(name), name[-5:]) == (NAME_MAX, "x.pdf")


@pytest.mark.parametrize(
    "text", ["<!---->" * 24 + "x", "<!-- a --> " * 5_000 + "x", "<!--" * 16_000, " " * 65_000 + "x"]
)
def test_many_remarks_before_a_text_take_no_time(text: str) -> None:
    began = time.process_time()
    assert kind_of(text.encode()) is TEXT
    assert time.process_time() - began < 1
