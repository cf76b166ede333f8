"""The words of a mail in HTML, and lines that a mail program broke put together again."""

from collections.abc import Sequence
from html.parser import HTMLParser

import nh3

#: Kept of a mail's HTML: what tells where words end and what is quoted. Nothing of it is ever shown.
_BREAKS = frozenset({"br", "hr", "div", "p", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_GAPS = frozenset({"p", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_TAGS = _BREAKS | {"blockquote", "li", "td", "span", "a", "b", "i", "strong", "em", "code"}
_ALONE = frozenset({"br", "hr"})
#: Where mail programs put what they quote, or their own signature: part of a class, or of an id.
_QUOTING = ("gmail_quote", "gmail_signature", "yahoo_quoted", "moz-cite-prefix", "moz-signature", "protonmail_quote")
_QUOTING_MORE = ("zmail_extra", "mobile-signature", "applemailsignature")
#: After these everything is quoted.
_LAST_WORDS = ("appendonsend", "divrplyfwdmsg")


def text_of_html(html: str) -> str:
    """Return the words of HTML; quotations as lines that begin with ">", points of lists with "-"."""
    # What comes out of the first is well-formed, so that the second takes no longer than it is long.
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title"},
        attributes={"*": {"class", "id"}},
        link_rel=None,
    )
    reader = _Words()
    reader.feed(clean)
    reader.close()
    return reader.text()


def unflow(text: str, *, deletes_space: bool) -> str:
    """Put together the lines that a program broke by itself: such a line ends with a space (RFC 3676)."""
    lines: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        whole = line.removeprefix(" ") if not line.startswith(">") else line
        if goes_on and not whole.startswith(">") and whole.rstrip() != "--":
            lines[-1] += whole
        else:
            lines.append(whole)
        goes_on = lines[-1].endswith(" ") and not lines[-1].startswith(">") and lines[-1].rstrip() != "--"
        if goes_on and deletes_space:
            lines[-1] = lines[-1].removesuffix(" ")
    return "\n".join(lines)


class _Words(HTMLParser):
    """Collects words; everything within a quotation is marked as quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[bool, str]] = []
        self._line = ""
        #: For each open element, whether all within it is quoted.
        self._open: list[tuple[str, bool]] = []
        self._verbatim = 0
        self._has_ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where the element does."""
        if tag in _BREAKS or tag in {"blockquote", "li"}:
            # A break on a line of its own is an empty line.
            self._end_line(gap=tag in _GAPS or (tag == "br" and not self._line.strip()))
        if tag in _ALONE:
            return
        self._has_ended = self._has_ended or _names(attrs, _LAST_WORDS)
        is_quoting = tag == "blockquote" or _names(attrs, (*_QUOTING, *_QUOTING_MORE))
        self._open.append((tag, self._is_quoted or is_quoting))
        self._verbatim += tag == "pre"
        if tag == "li":
            self._line = "- "

    def handle_endtag(self, tag: str) -> None:
        """End a line where the element does."""
        if tag in _BREAKS or tag in {"blockquote", "li"}:
            self._end_line(gap=tag in _GAPS)
        # What the sanitizer gives is well-formed: each end belongs to what was opened last.
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
            self._verbatim -= tag == "pre"

    def handle_data(self, data: str) -> None:
        """Take words; line ends count in verbatim text only."""
        if self._verbatim:
            *ended, self._line = (self._line + data).split("\n")
            self._lines += [(self._is_quoted, one) for one in ended]
            return
        words = " ".join(data.split())
        lead = " " if data[:1].isspace() and self._line and not self._line.endswith(" ") else ""
        tail = " " if words and data[-1:].isspace() else ""
        self._line += lead + words + tail

    def text(self) -> str:
        """Return all words."""
        self._end_line(gap=False)
        return "\n".join(f"> {line}".rstrip() if quoted else line for quoted, line in _without_gaps(self._lines))

    @property
    def _is_quoted(self) -> bool:
        return self._has_ended or (bool(self._open) and self._open[-1][1])

    def _end_line(self, *, gap: bool) -> None:
        if self._line.strip():
            self._lines.append((self._is_quoted, self._line.rstrip()))
        self._line = ""
        if gap:
            self._lines.append((self._is_quoted, ""))


def _names(attrs: list[tuple[str, str | None]], words: Sequence[str]) -> bool:
    named = " ".join(value or "" for _name, value in attrs).lower()
    return any(word in named for word in words)


def _without_gaps(lines: Sequence[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Leave out empty lines at the beginning and of several one after another all but one."""
    kept: list[tuple[bool, str]] = []
    for quoted, line in lines:
        if line or (kept and kept[-1][1]):
            kept.append((quoted, line))
    return kept
