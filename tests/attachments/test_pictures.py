"""Pictures are drawn anew: their dots stay, everything else is gone, and what is too much is refused before."""

import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ideas.attachments import drawing, pictures
from ideas.attachments.drawing import MOST_PIXELS, MOST_SIDE, SMALL_SIDE, Refused, draw
from ideas.attachments.pictures import redraw
from ideas.core.errors import Invalid
from tests.factories.attachments import HIDDEN, make_picture

pytestmark = pytest.mark.once

KINDS = ["PNG", "JPEG", "WEBP", "GIF"]


def opened(data: bytes) -> Image.Image:
    drawn = Image.open(BytesIO(data))
    drawn.load()
    return drawn


def color_at(drawn: Image.Image, x: int, y: int) -> str:
    dot = drawn.convert("RGB").getpixel((x, y))
    assert isinstance(dot, tuple)
    red, _green, blue = dot
    return "red" if red > blue else "blue"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_but_the_dots(kind: str) -> None:
    sent = make_picture(kind)
    assert HIDDEN.encode() in sent
    kept = redraw(sent)
    assert HIDDEN.encode() not in kept.data
    assert dict(opened(kept.data).getexif()) == {}
    assert (kept.width, kept.height) == opened(kept.data).size == (40, 30)
    assert [color_at(opened(kept.data), x, 15) for x in (5, 35)] == ["red", "blue"]


def test_a_picture_that_lies_on_its_side_stands_upright() -> None:
    kept = redraw(make_picture("JPEG", turned=True))
    assert (kept.width, kept.height) == (40, 30)
    assert [color_at(opened(kept.data), x, 15) for x in (5, 35)] == ["red", "blue"]


def test_what_one_sees_through_stays_so() -> None:
    gap = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    target = BytesIO()
    gap.save(target, "PNG")
    assert opened(redraw(target.getvalue()).data).convert("RGBA").getpixel((1, 1)) == (0, 0, 0, 0)


def test_of_a_moving_picture_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    kept = redraw(target.getvalue())
    assert kept.kind.media_type == "image/png"
    assert color_at(opened(kept.data), 4, 4) == "red"


def test_large_pictures_are_kept_smaller_and_have_one_for_reading() -> None:
    kept = redraw(make_picture(width=5_000, height=1_000))
    assert kept.small is not None
    assert opened(kept.data).width == kept.width == MOST_SIDE
    assert opened(kept.small).width == SMALL_SIDE
    assert redraw(make_picture(width=SMALL_SIDE, height=10)).small is None


def test_a_picture_that_unfolds_to_more_dots_than_memory_is_refused_before_it_is_drawn() -> None:
    side = 60_000
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    with pytest.raises(Invalid, match="Invalid") as refused:
        redraw(png_of(head, zlib.compress(b"\0" * 1_000)))
    assert str(MOST_PIXELS // 1_000_000) in str(refused.value.errors["file"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_ends_too_early_is_refused(kind: str) -> None:
    with pytest.raises(Invalid):
        redraw(make_picture(kind, width=200, height=200)[:120])


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(KINDS), at=st.integers(0, 400), noise=st.binary(min_size=1, max_size=30))
def test_a_damaged_picture_is_drawn_or_refused(kind: str, at: int, noise: bytes) -> None:
    sent = make_picture(kind)
    try:
        # In this process: a new one for each would take longer than all of them.
        kept = draw(sent[:at] + noise + sent[at + len(noise) :])
    except Refused:
        return
    assert opened(kept.data).size == (kept.width, kept.height)


def png_of(head: bytes, body: bytes) -> bytes:
    """A picture with this head, whatever it says."""
    parts = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    written = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def test_a_picture_made_to_be_drawn_for_ever_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_SECONDS", 1)
    target = BytesIO()
    Image.new("L", (4_000, 4_000), 128).save(target, "JPEG", progressive=True, quality=10)
    sent = target.getvalue()
    one_pass = sent[sent.rindex(b"\xff\xda") : -2]
    began = time.monotonic()
    with pytest.raises(Invalid) as refused:
        redraw(sent[:-2] + one_pass * 20_000 + sent[-2:])
    assert set(refused.value.errors) == {"file"}
    assert time.monotonic() - began < 30


def test_a_picture_that_takes_more_memory_than_there_is_for_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    greedy = tmp_path / "greedy.py"
    greedy.write_text(
        Path(drawing.__file__)
        .read_text()
        .replace("    try:\n        drawn =", "    bytes(1_600_000_000)\n    try:\n        drawn =")
    )
    monkeypatch.setattr(drawing, "__file__", str(greedy))
    with pytest.raises(Invalid):
        redraw(make_picture())


def test_who_draws_is_told_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    curious = tmp_path / "curious.py"
    curious.write_text("import json, os\nprint(json.dumps({'refused': 'large', 'known': dict(os.environ)}))")
    monkeypatch.setenv("SECRET_KEY", "nobody is to know")
    monkeypatch.setattr(drawing, "__file__", str(curious))
    assert b"known" in pictures._drawn_apart(b"")
    assert b"nobody is to know" not in pictures._drawn_apart(b"")
