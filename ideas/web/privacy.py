"""One's own data: what is known, and taking it along."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _

from ideas.accounts.models import Member
from ideas.core.clock import now
from ideas.core.db import session
from ideas.privacy import retention
from ideas.privacy.exporting import write_export
from ideas.privacy.queries import what_is_known
from ideas.web.forms.fields import typed
from ideas.web.pages.admin import KIND_WORDS, ROLE_WORDS
from ideas.web.viewer import actor

#: Bytes of a file sent at a time.
PART_BYTES = 65_536

bp = Blueprint("privacy", __name__, url_prefix="/me/data")


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.get("")
def show() -> str:
    """Show what is known about the member, for how long, and how to take it along."""
    known = what_is_known(actor())
    return render_template(
        "corner/data.html",
        tab="data",
        known=known,
        kind=KIND_WORDS[known.member.kind][0],
        roles=[(board, ROLE_WORDS[role][0] if role in ROLE_WORDS else _("Guest")) for board, role in known.roles],
        days={
            "addresses": retention.KEEP_ADDRESSES.days,
            "mails": retention.KEEP_MAIL_FILES.days,
            "links": retention.KEEP_LINKS.days,
        },
    )


@bp.post("/download")
def download() -> Response:
    """Give the member a file with everything about them."""
    typed(request.form)
    member = session().get_one(Member, actor().require_member())
    file = TemporaryFile()  # noqa: SIM115 - closed when the answer has been sent
    write_export(member, file, base_url=current_app.extensions["settings"].base_url)
    answer = Response(_sent(file), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename=ideas-{member.handle}-{now():%Y-%m-%d}.zip"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(PART_BYTES):
            yield part
