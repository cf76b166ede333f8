"""Everything about one person as a file: JSON for each table, and their texts as Markdown."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.attachments.models import Attachment
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.storage import store
from ideas.ideation.models import Idea
from ideas.privacy.marks import What
from ideas.privacy.own import BATCH, own_rows
from ideas.privacy.queries import Known, known_about
from ideas.privacy.registry import own_columns
from ideas.responding.models import Response

#: Keys and hashes are useless to their owner and useful to a thief.
GIVEN = frozenset(What) - {What.NONE, What.SECRET}
READ_ME = """# Your data

`about.json` says what staff see about you: your organisation, groups and roles by their names, and what moderators
decided about what you wrote.
`data` holds, for each table, what is about you: one folder a table, one file for each way it belongs to you.
`ideas`, `comments` and `responses` hold what you wrote, as you wrote it.
`files` holds the pictures and files that you put into texts, named as in their addresses.

Passwords and keys are left out: only unreadable traces of them are kept here. So is what others wrote.
"""


def write_export(member: Member, target: IO[bytes], *, base_url: str) -> None:
    """Write a zip of everything about the member into `target`; nothing in it is about anybody else."""
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.md", READ_ME)
        archive.writestr("about.json", json.dumps(_about(known_about(member)), ensure_ascii=False, indent=1))
        for table, whose, columns in own_columns(GIVEN):
            _write_rows(archive, f"data/{table}/{whose.strip('@')}.json", own_rows(member, table, whose, columns))
        for name, text in _texts(member, base_url):
            archive.writestr(name, text)
        for name, data in _attached(member):
            archive.writestr(name, data)


def _about(known: Known) -> dict[str, object]:
    organisation = known.organisation
    return {
        "organisation": {"name": organisation.name, "plan": organisation.plan} if organisation else None,
        "groups": list(known.segments),
        "roles": [{"board": board, "role": role.value} for board, role in known.roles],
        "decisions": [
            {
                "action": one.action.value,
                "reason": one.reason,
                "when": one.when.isoformat(),
                "idea": one.idea,
                "comment": one.comment,
            }
            for one in known.decisions
        ],
        "internal_note_count": known.internal_note_count,
    }


def _write_rows(archive: ZipFile, name: str, rows: Iterator[Any]) -> None:
    first = next(rows, None)
    if first is None:
        return
    with archive.open(name, "w") as file:
        file.write(b"[\n" + _as_json(first))
        for row in rows:
            file.write(b",\n" + _as_json(row))
        file.write(b"\n]\n")


def _as_json(row: Any) -> bytes:
    return json.dumps(dict(row), ensure_ascii=False, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(type(value).__name__)


def _texts(member: Member, base_url: str) -> Iterator[tuple[str, str]]:
    own_ideas = select(Idea.public_id, Idea.published_at, Idea.title, Idea.body).where(Idea.author_id == member.id)
    for public_id, moment, title, body in _stream(own_ideas.order_by(Idea.id)):
        yield f"ideas/{public_id}.md", _markdown(f"{base_url}/ideas/{public_id}", moment, f"# {title}\n\n{body}")
    own_comments = select(Comment.public_id, Comment.created_at, Comment.body).where(Comment.author_id == member.id)
    for public_id, moment, body in _stream(own_comments.order_by(Comment.id)):
        yield f"comments/{public_id}.md", _markdown(f"{base_url}/comments/{public_id}", moment, body)
    own_answers = (
        select(Response.public_id, Response.created_at, Response.body, Idea.public_id.label("idea"))
        .join(Idea, Idea.id == Response.idea_id)
        .where(Response.author_id == member.id)
    )
    for public_id, moment, body, idea in _stream(own_answers.order_by(Response.id)):
        yield f"responses/{public_id}.md", _markdown(f"{base_url}/ideas/{idea}", moment, body)


def _attached(member: Member) -> Iterator[tuple[str, bytes]]:
    own = select(Attachment.public_id, Attachment.name, Attachment.key).where(Attachment.uploader_id == member.id)
    for public_id, name, key in session().execute(own.order_by(Attachment.id)).all():
        # A file that was deleted while this is written is not there any more.
        with suppress(NotFound):
            yield f"files/{public_id}-{name}", store().read(key)


def _stream(query: Any) -> Iterator[Any]:
    yield from session().connection().execute(query, execution_options={"yield_per": BATCH})


def _markdown(address: str, moment: datetime, text: str) -> str:
    return f"<!-- {address}, {moment:%Y-%m-%d %H:%M} UTC -->\n\n{text}\n"
