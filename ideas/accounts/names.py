"""Names and handles: one form for each, and none that looks like that of somebody of the staff."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.core.db import session
from ideas.core.fields import Fields
from ideas.core.memory import forgetful

#: Draw nothing: joiners, spaces without width, fillers, selectors, tags; also what turns the direction of a text.
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def normal_name(value: str) -> str:
    """Return a name in NFKC, without control signs and signs that draw nothing or turn the direction."""
    seen, plain = "", value
    # What was taken away may have kept two signs apart that become one now.
    while seen != plain:
        seen = plain
        visible = _HIDDEN.sub("", unicodedata.normalize("NFKC", plain))
        plain = "".join(sign for sign in visible if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cs"})
    return plain


#: Nobody but the staff is called so: who reads it would take it for the place itself.
OFFICES = frozenset(
    {
        *("abuse", "admin", "administration", "administrator", "all", "anonymous", "everybody", "everyone", "founder"),
        *("help", "helpdesk", "here", "hostmaster", "ideas", "info", "me", "mod", "moderation", "moderator"),
        *("moderators", "nobody", "noreply", "null", "official", "owner", "postmaster", "root", "security", "service"),
        *("staff", "superuser", "support", "sysadmin", "system", "team", "undefined", "webmaster"),
    }
)
_WORD = re.compile(r"[^\W_]+")

#: Alike in some of their forms, which small letters hide.
_ALIKE = str.maketrans("ilo", "110")


@forgetful
@forgetful
@lru_cache(maxsize=4_096)
def skeleton_of(name: str) -> str:
    """Return what a name looks like: equal for two names that a reader may take for each other.

    Case, marks, spaces and punctuation play no part; may be empty where nothing else is left.
    """
    looks = _looks()
    plain = normal_name(name)
    for _round in range(2):
        # Once as written, for a capital I is like a small l; once in small letters.
        plain = "".join(looks.get(sign, sign) for sign in plain).casefold()
        letters = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in letters if unicodedata.category(sign)[0] in "LN")
    return plain.translate(_ALIKE)


def is_reserved(name: str) -> bool:
    """Tell whether a name or handle says nothing but an office of the place, however it is written."""
    words = [skeleton_of(word) for word in _WORD.findall(normal_name(name))]
    return skeleton_of(name) in _offices() or (bool(words) and _offices().issuperset(words))


@lru_cache(maxsize=1)
def _offices() -> frozenset[str]:
    return frozenset(skeleton_of(word) for word in OFFICES)


def refuse_look_alikes(fields: Fields, name: str, *, field: str = "name", except_id: int | None = None) -> None:
    """Note an error where the name is that of an office, or looks like that of somebody else who is staff."""
    if is_reserved(name):
        fields.refuse(field, _("This reads as if you spoke for the place itself. Choose a name of your own."))
    elif name and skeleton_of(name) in _skeletons_of_staff(except_id=except_id):
        fields.refuse(
            field, _("This reads like the name of somebody of the staff. Add something that tells you apart.")
        )


def is_like_staff(name: str) -> bool:
    """Tell whether a name or handle is that of an office or looks like that of somebody of the staff."""
    return is_reserved(name) or skeleton_of(name) in _skeletons_of_staff(except_id=None)


def skeletons_of_own_staff() -> set[str]:
    """Return what names and handles of staff look like who have a key here: not of those who came with a file."""
    return _skeletons_of_staff(or_(Member.password.is_not(None), Member.is_admin.is_(True)), except_id=None)


def _skeletons_of_staff(*conditions: ColumnElement[bool], except_id: int | None) -> set[str]:
    is_staff = or_(Member.kind == MemberKind.STAFF, Member.is_admin.is_(True))
    query = select(Member.name, Member.handle).where(is_staff, Member.erased_at.is_(None), *conditions)
    if except_id is not None:
        query = query.where(Member.id != except_id)
    rows = session().execute(query).all()
    return {skeleton_of(word) for row in rows for word in (row.name, row.handle)} - {""}


@lru_cache(maxsize=1)
def _looks() -> dict[str, str]:
    """Return for each sign the one text that stands for all that look like it."""
    group: dict[str, str] = {}

    def root(text: str) -> str:
        while group.setdefault(text, text) != text:
            text = group[text]
        return text

    for one, other in _pairs():
        group[root(one)] = root(other)
    members: dict[str, list[str]] = {}
    for text in group:
        members.setdefault(root(text), []).append(text)
    return {text: _chosen(texts) for texts in members.values() for text in texts if len(text) == 1}


def _pairs() -> Iterator[tuple[str, str]]:
    for one, others in confusables_data.items():
        for other in others:
            yield one, other["c"]


def _chosen(texts: list[str]) -> str:
    """Return the longest of the plain Latin texts ("rn" for m), else the first of all."""
    plain = [text for text in texts if text.isascii() and text.isalnum()]
    return min(plain or texts, key=lambda text: (-len(text), text))
