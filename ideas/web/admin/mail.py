"""The mail that was written to files instead of being sent. In development only: it holds sign-in codes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, render_template

from ideas.core.errors import NotFound
from ideas.core.mail import MESSAGE_SUFFIX
from ideas.core.settings import Settings
from ideas.web.admin.door import bp

#: The newest ones are wanted; a folder may have grown for months.
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail in the folder."""

    name: str
    to: str
    subject: str
    written_at: datetime
    text: str


@bp.get("/admin/mail")
def mail() -> str:
    """List the mail in the folder, newest first."""
    folder = _folder()
    letters = [_read(path) for path in _files(folder)[:SHOWN]] if folder else []
    return render_template("admin/mail.html", letters=letters, has_folder=folder is not None)


@bp.get("/admin/mail/<name>")
def letter(name: str) -> str:
    """Show one mail of the folder. Names that are not in the folder's own list lead nowhere."""
    folder = _folder()
    for path in _files(folder) if folder else []:
        if path.name == name:
            return render_template("admin/letter.html", letter=_read(path))
    raise NotFound


def has_mail_folder() -> bool:
    """Tell whether mail is written to files that admins may read."""
    settings: Settings = current_app.extensions["settings"]
    return not settings.is_production and _folder() is not None


def _folder() -> Path | None:
    """Return the folder that mail is written to; None where a server sends it. Raises NotFound in production."""
    settings: Settings = current_app.extensions["settings"]
    if settings.is_production:
        raise NotFound
    parts = urlsplit(settings.mail_url)
    return Path(parts.path) if parts.scheme == "file" else None


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.glob(f"*{MESSAGE_SUFFIX}") if path.is_file()]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    return Letter(
        name=path.name,
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        written_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=str(body.get_content()) if body else "",
    )
