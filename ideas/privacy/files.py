"""Files with everything about a person, for whom writing it would take longer than anybody waits for a page."""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update

from ideas.accounts.models import Member
from ideas.core import clock, outbox
from ideas.core.columns import is_row_changed
from ideas.core.db import session, transaction
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.privacy.exporting import GIVEN, write_export
from ideas.privacy.models import DataExport
from ideas.privacy.own import count_own
from ideas.privacy.registry import own_columns

MAKE = "privacy.make_file"
FOLDER, SUFFIX = "exports", ".zip"
#: So many rows are written while the person waits: less than a second's work.
AT_ONCE_MOST = 2_000
#: A file takes as long as so many rows.
FILE_ROWS = 100


def is_large(member: Member) -> bool:
    """Tell whether everything about the member is too much to be written while they wait."""
    total = count_own(member, "attachment", "uploader_id") * FILE_ROWS
    for table, whose, _columns in own_columns(GIVEN):
        total += count_own(member, table, whose)
        if total > AT_ONCE_MOST:
            return True
    return False


def ask_for_file(actor: Actor) -> DataExport:
    """Have a file with everything about the actor made; where one is being made, return that.

    An earlier one is gone with that. Raises SignInNeeded.
    """
    latest = find_latest(actor)
    if latest is not None and latest.ready_at is None:
        return latest
    forget_files(actor.require_member())
    asked = DataExport(member_id=actor.require_member())
    session().add(asked)
    session().flush()
    outbox.put(MAKE, {"public_id": asked.public_id})
    return asked


def find_latest(actor: Actor) -> DataExport | None:
    """Return what the actor asked for last, as long as it is kept. Raises SignInNeeded."""
    own = select(DataExport).where(DataExport.member_id == actor.require_member())
    return session().scalars(own.order_by(DataExport.id.desc()).limit(1)).first()


def get_file(actor: Actor, public_id: str) -> Path:
    """Return where the actor's own file lies. Raises SignInNeeded, NotFound for one of others or not yet made."""
    own = (DataExport.member_id == actor.require_member(), DataExport.public_id == public_id)
    if session().scalar(select(DataExport.id).where(*own, DataExport.ready_at.is_not(None))) is None:
        raise NotFound
    path = _path(public_id)
    if not path.is_file():
        raise NotFound
    return path


def make_file(payload: Mapping[str, Any]) -> None:
    """Write a file that somebody asked for; nothing where they have left or asked anew meanwhile.

    Holds no transaction while it writes; done twice it gives the same.
    """
    asked = DataExport.public_id == payload["public_id"]
    member = session().scalars(select(Member).join(DataExport, DataExport.member_id == Member.id).where(asked)).first()
    if member is None:
        return
    path = _path(payload["public_id"])
    path.parent.mkdir(exist_ok=True)
    # Made by this function alone, so that two that make the same file do not write into each other's.
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        write_export(member, file, base_url=current_app.extensions["settings"].base_url)
    session().rollback()
    Path(unfinished).replace(path)
    with transaction():
        is_wanted = is_row_changed(session().execute(update(DataExport).where(asked).values(ready_at=clock.now())))
    if not is_wanted:
        path.unlink(missing_ok=True)


def forget_files(member_id: int) -> None:
    """Delete the member's files, and what says that they asked for them."""
    gone = delete(DataExport).where(DataExport.member_id == member_id).returning(DataExport.public_id)
    for public_id in session().scalars(gone).all():
        _path(public_id).unlink(missing_ok=True)


def drop_files(*, before: datetime) -> None:
    """Delete files that were asked for earlier than `before`, and those that were left behind unfinished."""
    session().execute(delete(DataExport).where(DataExport.created_at < before))
    for path in _folder().glob("*"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)


def _path(public_id: str) -> Path:
    return _folder() / f"{public_id}{SUFFIX}"


def _folder() -> Path:
    storage: Path = current_app.extensions["settings"].storage_dir
    return storage / FOLDER
