"""Tags: names typed by people, folded to slugs, counted per board."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from ideas.core.db import session
from ideas.core.errors import Invalid
from ideas.core.sql import insert_all_or_skip, insert_or_skip
from ideas.core.text import Refused, clean_line, slugify
from ideas.ideation import totals
from ideas.ideation.models import TAG_MAX, TAGS_PER_IDEA, Idea, IdeaTag, Tag


def parse_tags(typed: str) -> list[str]:
    """Return the names in a comma-separated field, in order, without doubles. Raises Invalid (tags)."""
    return check_tags(typed.split(","))


def check_tags(names: Sequence[str]) -> list[str]:
    """Return the cleaned names, in order, without doubles. Raises Invalid (tags)."""
    found: dict[str, str] = {}
    for name in names:
        if not name.strip():
            continue
        try:
            clean = clean_line(name.strip().lstrip("#"), most=TAG_MAX)
        except Refused as refused:
            raise Invalid({"tags": refused.message}) from None
        found.setdefault(tag_slug(clean), clean)
    if len(found) > TAGS_PER_IDEA:
        raise Invalid({"tags": _("At most %(most)d tags help to find an idea.", most=TAGS_PER_IDEA)})
    return list(found.values())


def tag_slug(name: str) -> str:
    """Return the word of a tag in addresses; scripts without ASCII form keep their letters."""
    return slugify(name) or "-".join(name.lower().split())[:TAG_MAX]


def put_tags(idea: Idea, names: Sequence[str]) -> bool:
    """Make the idea bear exactly the named tags, adding new ones to its board. Returns whether any changed.

    The counts of tags are adjusted where the idea is listed. Raises Invalid (tags).
    """
    wanted = {_tag_id(idea.board_id, name) for name in check_tags(names)}
    held = set(session().scalars(select(IdeaTag.tag_id).where(IdeaTag.idea_id == idea.id)))
    added, dropped = wanted - held, held - wanted
    rows = [{"idea_id": idea.id, "tag_id": tag_id} for tag_id in sorted(added)]
    insert_all_or_skip(IdeaTag, rows, unique=["idea_id", "tag_id"])
    if dropped:
        session().execute(delete(IdeaTag).where(IdeaTag.idea_id == idea.id, IdeaTag.tag_id.in_(dropped)))
    if idea.is_listed:
        totals.count_tagged(added, +1)
        totals.count_tagged(dropped, -1)
    return bool(added or dropped)


def _tag_id(board_id: int, name: str) -> int:
    slug = tag_slug(name)
    insert_or_skip(
        Tag, {"board_id": board_id, "slug": slug, "name": name, "idea_count": 0}, unique=["board_id", "slug"]
    )
    return session().scalars(select(Tag.id).where(Tag.board_id == board_id, Tag.slug == slug)).one()
