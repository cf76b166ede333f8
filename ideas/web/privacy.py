"""One's own data: what is known, and taking it along."""

from collections.abc import Iterator, Mapping
from tempfile import TemporaryFile
from typing import IO

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask import session as browser_session
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.accounts.models import Member
from ideas.attachments.jobs import KEEP_LOOSE
from ideas.core.clock import now
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from ideas.privacy import retention
from ideas.privacy.exporting import write_export
from ideas.privacy.files import ask_for_file, find_latest, get_file, is_large
from ideas.privacy.queries import what_is_known
from ideas.privacy.services import leave as erase_actor
from ideas.web.forms.fields import typed
from ideas.web.forms.leaving import CHOICES, LEAVE, sent_departure
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.admin import KIND_WORDS, ROLE_WORDS
from ideas.web.pages.moderation import ACTION_WORDS
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor, current

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
        file=find_latest(actor()),
        kind=KIND_WORDS[known.member.kind][0],
        roles=[
            (board or _("a board that is closed to you now"), ROLE_WORDS[role][0] if role in ROLE_WORDS else _("Guest"))
            for board, role in known.roles
        ],
        actions=ACTION_WORDS,
        days={
            "addresses": retention.KEEP_ADDRESSES.days,
            "mails": retention.KEEP_MAIL_FILES.days,
            "links": retention.KEEP_LINKS.days,
            "forms": retention.KEEP_FORMS.days,
            "loose_files": KEEP_LOOSE.days,
            "exports": retention.KEEP_EXPORTS.days,
        },
    )


@bp.post("/download")
def download() -> AnyResponse:
    """Give the member a file with everything about them; where that takes long, have it made meanwhile."""
    typed(request.form)
    member = session().get_one(Member, actor().require_member())
    if is_large(member):
        with transaction():
            ask_for_file(actor())
        flash(_("Your file is being made. You find it here in a few minutes."), "success")
        return redirect(url_for("privacy.show", _anchor="take-along"), 303)
    file = TemporaryFile()  # noqa: SIM115 - closed when the answer has been sent
    write_export(member, file, base_url=current_app.extensions["settings"].base_url)
    answer = Response(_sent(file), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename={_file_name(member.handle)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/files/<public_id>")
def file(public_id: str) -> AnyResponse:
    """Give the member the file that was made for them; nobody else has such an address."""
    path = get_file(actor(), public_id)
    answer = send_file(path, "application/zip", as_attachment=True, download_name=_file_name(current().handle))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/leave", methods=["GET", "POST"])
@fresh
def leave() -> AnyResponse:
    """Ask for the choice and the short name; then erase the member everywhere and sign them out."""
    if request.method == "GET":
        return _leaving_page()
    try:
        sent = sent_departure()
        with transaction():
            erase_actor(actor(), keeps_content=sent["content"] == LEAVE, confirmation=sent["confirmation"])
    except Invalid as refused:
        return _leaving_page(errors=texts_of(refused), status=422)
    browser_session.clear()
    return redirect(url_for("home.index"), 303)


def _leaving_page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    page = render_template(
        "corner/leave.html",
        tab="data",
        handle=current().handle,
        choices=CHOICES,
        chosen=request.form.get("content"),
        errors=errors or {},
    )
    return make_response(page, status)


def _file_name(handle: str) -> str:
    return f"ideas-{handle}-{now():%Y-%m-%d}.zip"


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(PART_BYTES):
            yield part
