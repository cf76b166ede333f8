"""Attached files: taking them in, and showing each to whoever may see the text in which it stands.

The address of a file asks whether it exists for whoever opens it, and leads to one that is good for minutes and for
them alone, and that asks again. So an address that is passed on or kept opens nothing that was closed since.
"""

from collections.abc import Callable
from io import BytesIO

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from werkzeug import Response as AnyResponse
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from ideas.attachments.kinds import ACCEPTED
from ideas.attachments.models import Attachment
from ideas.attachments.policy import require_room
from ideas.attachments.queries import get_file, get_own_file, list_own_files
from ideas.attachments.receiving import MOST_BYTES, check_file, put_away
from ideas.attachments.services import keep_upload, line_for, remove_file
from ideas.core import clock
from ideas.core.db import let_go, transaction
from ideas.core.errors import DomainError, Forbidden, Invalid, NotFound
from ideas.core.storage import StoreAway, store
from ideas.web.errors import FORM_AGAIN, STATUS
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.limits import limiter
from ideas.web.viewer import actor

bp = Blueprint("files", __name__)

#: Forms with a text into which files can be put; the field of the text is always "body".
WITH_FILES = frozenset(
    {
        "amendments.accept_changed",
        "amendments.make_own",
        "amendments.propose",
        "amendments.write_anew",
        "cocreation.publish_fix",
        "commenting.post",
        "commenting.save",
        "customers.propose",
        "ideation.publish",
        "ideation.save",
        "splitting.split",
    }
)
#: What comes with a form is the file and its text.
MOST_SENT = MOST_BYTES + 1_000_000
#: How long an address that was led to is good: one to two such spans.
SPAN_MINUTES = 5
SALT = "where a file is opened"


@bp.post("/files")
def upload() -> AnyResponse:
    """Take a file in and answer with the line of Markdown that shows it."""
    typed(request.form)
    limiter.count("uploading")
    sent = _sent_file()
    if sent is None:
        actor().require_member()
        raise Invalid({"file": _("Choose a file.")})
    answer = make_response(line_for(_receive(sent)), 201)
    answer.mimetype = "text/plain"
    return answer


@bp.get("/files/<public_id>")
def show(public_id: str) -> AnyResponse:
    """Lead to where the file can be opened for some minutes."""
    return _lead(public_id, is_small=False)


@bp.get("/files/<public_id>/small")
def show_small(public_id: str) -> AnyResponse:
    """Lead to where the picture can be opened in a size for reading."""
    return _lead(public_id, is_small=True)


@bp.get("/files/at/<token>")
def at(token: str) -> AnyResponse:
    """Give out the file, if it still exists for whoever was led here."""
    public_id, is_small = _read(token)
    file = get_file(actor(), public_id)
    key = file.small_key if is_small and file.small_key else file.key
    name, media_type, is_picture = file.name, file.media_type, file.is_picture
    let_go()
    answer = send_file(
        BytesIO(store().read(key)), media_type, as_attachment=not is_picture, download_name=name, etag=False
    )
    answer.headers["Cache-Control"] = f"private, max-age={SPAN_MINUTES * 60}"
    return answer


@bp.get("/me/files")
def index() -> str:
    """Show what the member has sent."""
    page = list_own_files(actor(), after=request.args.get("after"))
    return render_template("files/index.html", tab="data", files=page)


@bp.post("/me/files/<public_id>/remove")
def remove(public_id: str) -> AnyResponse:
    """Delete a file of one's own for good."""
    typed(request.form)
    with transaction():
        remove_file(actor(), get_own_file(actor(), public_id))
    flash(_("The file is deleted. Where it stood, the words about it are left."), "success")
    return redirect(url_for("files.index"), 303)


def init_sizes(app: Flask) -> None:
    """Let in more of what may bring a file, from people who are signed in. Comes before anything reads a form."""

    @app.before_request
    def let_in() -> None:
        is_awaited = request.endpoint in WITH_FILES | {"files.upload"} and request.mimetype == "multipart/form-data"
        # Forms of other kinds bring no file, and their text is held in memory whole.
        if is_awaited and app.config["SESSION_COOKIE_NAME"] in request.cookies:
            request.max_content_length = MOST_SENT


def init_files(app: Flask) -> None:
    """Take files out of the forms of texts. Comes after it is known who asks, and that nobody else sent the form."""
    app.jinja_env.globals["uploads"] = {"accepted": ",".join(ACCEPTED), "most": MOST_BYTES}
    app.before_request(take_from_form)


def take_from_form() -> AnyResponse | None:
    """Keep the file of a form and put the line that shows it at the end of the text, before the view sees the form.

    Where the form is to come back with that ("attach"), or the file cannot be taken, it is drawn again.
    """
    if request.method != "POST" or request.endpoint not in WITH_FILES:
        return None
    form = MultiDict(request.form)
    words, comes_back = form.pop("shows", ""), form.pop("attach", "")
    request.form = ImmutableMultiDict(form)
    sent = _sent_file()
    if sent is None:
        return None
    limiter.count("uploading")
    try:
        kept = _receive(sent)
    except (Invalid, Forbidden, StoreAway) as refused:
        return _again(_words_of(refused), status=STATUS[type(refused)])
    form["body"] = "\n\n".join(part for part in (form.get("body", "").rstrip(), line_for(kept, words=words)) if part)
    request.form = ImmutableMultiDict(form)
    if not comes_back:
        return None
    flash(_("The file is in your text, in its last line. Send the form once more when you are done."), "success")
    return _again("", status=200)


def _receive(sent: FileStorage) -> Attachment:
    """Keep a file as the actor's. No transaction is open while it is drawn anew and put into the store."""
    actor().require_member()
    require_room(actor(), 0)
    let_go()
    checked = check_file(sent.stream, name=sent.filename or "")
    # Before it is in the store: what is refused later lies there until it is swept, and could be sent again and again.
    require_room(actor(), len(checked.data))
    let_go()
    received = put_away(checked)
    with transaction():
        return keep_upload(actor(), received)


def _sent_file() -> FileStorage | None:
    sent = request.files.get("file")
    return sent if sent is not None and sent.filename else None


def _again(words: str, *, status: int) -> AnyResponse:
    draw: Callable[[str], AnyResponse | None] = current_app.extensions[FORM_AGAIN]
    answer = draw(words)
    if answer is None:
        raise LookupError(f"{request.endpoint} has no form in web.unsent")
    answer.status_code = status
    return answer


def _words_of(refused: DomainError) -> str:
    if isinstance(refused, Invalid):
        return " ".join(texts_of(refused).values())
    return str(refused.message)


def _lead(public_id: str, *, is_small: bool) -> AnyResponse:
    file = get_file(actor(), public_id)
    if is_small and not file.is_picture:
        raise NotFound
    answer = redirect(url_for("files.at", token=_token(public_id, is_small=is_small)), 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _token(public_id: str, *, is_small: bool) -> str:
    # The same for some minutes, so that a browser that has the picture does not fetch it anew.
    ends = (clock.minute() // SPAN_MINUTES + 2) * SPAN_MINUTES
    return str(_signer().dumps([public_id, is_small, actor().member_id, ends]))


def _read(token: str) -> tuple[str, bool]:
    """Return which file an address opens, and whether the small picture. Raises NotFound: ended, or another's."""
    try:
        public_id, is_small, member_id, ends = _signer().loads(token)
    except BadData:
        raise NotFound from None
    if ends <= clock.minute() or member_id != actor().member_id:
        raise NotFound
    return public_id, is_small


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=SALT)
