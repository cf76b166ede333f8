"""What a file is, by its bytes: only what stands here is taken, and nothing that a browser would run."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from flask_babel import lazy_gettext as _

from ideas.attachments.models import NAME_MAX
from ideas.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its media type, and the endings that its names may have; the first is given to others."""

    media_type: str
    endings: tuple[str, ...]


PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"))
WEBP = FileKind("image/webp", (".webp",))
GIF = FileKind("image/gif", (".gif",))
PICTURES = (PNG, JPEG, WEBP, GIF)
TEXT = FileKind("text/plain", (".txt", ".log", ".csv", ".md", ".json", ".yaml", ".yml", ".ini", ".conf", ".diff"))
PDF = FileKind("application/pdf", (".pdf",))
#: Office documents are such archives too.
ARCHIVE = FileKind("application/zip", (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"))
GZIP = FileKind("application/gzip", (".gz", ".tgz"))
MP4 = FileKind("video/mp4", (".mp4", ".m4v"))
WEBM = FileKind("video/webm", (".webm",))

#: What a page offers to choose.
ACCEPTED = tuple(ending for kind in (*PICTURES, TEXT, PDF, ARCHIVE, GZIP, MP4, WEBM) for ending in kind.endings)

#: The first bytes of each kind.
_BEGINNINGS: tuple[tuple[re.Pattern[bytes], FileKind], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WEBP),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"%PDF-"), PDF),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), ARCHIVE),
    (re.compile(rb"\x1f\x8b\x08"), GZIP),
    (re.compile(rb".{4}ftyp(isom|iso[2-9]|mp4[12]|avc1|M4V |dash)", re.DOTALL), MP4),
    (re.compile(rb"\x1a\x45\xdf\xa3"), WEBM),
)
#: Texts that begin as pages and drawings do, which can hold scripts, whatever they are named. What stands before is
#: taken once and never tried another way: many remarks in a row would be tried in all the ways there are.
_PAGE = re.compile(
    r"(?>\s|<!--(?:-?>|.*?--!?>))*+<\s*(!doctype|html|head|body|svg|script|iframe|object|embed|math|\?xml|\?php|xsl:|[\w-]+:(html|svg|script)\b)",
    re.IGNORECASE | re.DOTALL,
)
#: How much of a text is looked at for that.
_LOOKED_AT = 65_536
#: Signs that no text holds; those that colour the output of programs may come in one.
_NOT_WRITTEN = re.compile(r"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f]")
_ODD = re.compile(r"[^\w. ()+,@=-]+")


def kind_of(data: bytes) -> FileKind:
    """Return what the bytes are. Raises Invalid (file)."""
    for beginning, kind in _BEGINNINGS:
        if beginning.match(data):
            return kind
    _require_text(data)
    return TEXT


def name_for(sent: str, kind: FileKind) -> str:
    """Return the name under which a file is saved: as it was sent, without ways, odd signs or a misleading ending."""
    plain = PurePath(sent.replace("\\", "/")).name
    clean = _ODD.sub("-", plain).strip(" .-") or "file"
    ending = PurePath(clean).suffix.lower()
    if ending in kind.endings:
        return clean[: -len(ending)][: NAME_MAX - len(ending)] + ending
    stem = PurePath(clean).stem if kind in PICTURES else clean
    return stem[: NAME_MAX - len(kind.endings[0])] + kind.endings[0]


def _require_text(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if _NOT_WRITTEN.search(text):
        raise Invalid({"file": _("Files of this kind are not taken. Send a picture, a PDF, a text or an archive.")})
    if _PAGE.match(text[:_LOOKED_AT]):
        raise Invalid({"file": _("Pages and drawings that can hold scripts are not taken. Send a picture of it.")})
