"""Domain errors to answers, in one place; every other error to a page that says what to do."""

from collections.abc import Callable
from contextlib import suppress

import structlog
from flask import Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from ideas.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.storage import StoreAway
from ideas.web.htmx import wants_fragment
from ideas.web.limits import TooFast, words_to_wait

log = structlog.get_logger()

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    SignInNeeded: 403,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    StoreAway: 503,
}

#: Fields in which people write; passwords and addresses are none of them.
WORDS_OF_PERSONS = ("title", "body", "note", "need", "reason", "text", "would_change", "bio")

#: Where the application keeps what draws a form again that was sent too fast.
FORM_AGAIN = "form_again"
#: What happened, and what to do, by status code.
WORDS: dict[int, tuple[LazyString, LazyString]] = {
    400: (_l("This request could not be read"), _l("Go back, load the page again and try once more.")),
    403: (_l("This is not for you to do"), _l("If you think it should be, ask whoever looks after the board.")),
    404: (_l("There is nothing at this address"), _l("It may have moved, or it is not for everybody. Try the search.")),
    405: (_l("This address takes no such request"), _l("Go back and use the buttons of the page.")),
    409: (_l("This has changed in the meantime"), _l("Nothing was saved. Load the page again to see how it stands.")),
    413: (
        _l("This is too large"),
        _l("Nothing was saved. Shorten the text, or choose a smaller file, and send it again."),
    ),
    422: (_l("Something needs another look"), _l("Nothing was saved. Go back and correct it.")),
    429: (_l("That was a little fast"), _l("Nothing was saved.")),
    500: (
        _l("Something went wrong on our side"),
        _l("Nothing was saved. Try again; if it stays so, tell us the number below."),
    ),
    503: (_l("The place is busy"), _l("Nothing was saved. Try again in a moment.")),
}


def init_errors(app: Flask, *, form_again: Callable[[str], Response | None]) -> None:
    """Register the answers to all errors. `form_again`: draws the form of the request with words above it."""
    app.extensions[FORM_AGAIN] = form_again
    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(TooFast, on_too_fast)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(DataError, on_unstorable)
    app.register_error_handler(OperationalError, on_busy)
    app.register_error_handler(PoolTimeout, on_busy)
    app.register_error_handler(500, on_crash)


def on_domain_error(error: DomainError) -> Response:
    """Answer an expected refusal; a visitor who needs an account is led to the sign-in page."""
    if isinstance(error, SignInNeeded):
        return to_sign_in()
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    # Nothing may tell a hidden thing from an absent one, so the reason of a 404 is always the same.
    reason = None if status == 404 else error.message
    if isinstance(error, Invalid):
        reason = " ".join(str(text) for text in error.errors.values())
    return answer(status, reason)


def to_sign_in() -> Response:
    """Lead to the sign-in page and from there back; where words were sent, show them first, to be copied."""
    back = request.full_path.rstrip("?") if request.method == "GET" else where_one_was()
    location = url_for("security.login", next=back)
    if words := typed_words():
        return answer(403, _("You are not signed in any more, so nothing was saved."), words=words, sign_in=location)
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
        return response
    return redirect(location, 303)


def on_csrf_error(error: CSRFError) -> Response:
    """Answer a form whose token is missing or from another session."""
    return answer(
        403,
        _("This form was too old, or you have signed in or out since. Nothing was saved."),
        words=typed_words(),
        sign_in=None if current_user.is_authenticated else url_for("security.login", next=where_one_was()),
    )


def where_one_was() -> str | None:
    """Return the page from which a form was sent, to come back to; None for what cannot be opened."""
    if request.blueprint == "security":
        return request.form.get("next")
    if came_from := request.form.get("next") or _referring_path():
        return came_from
    adapter = current_app.create_url_adapter(request)
    is_page = adapter is not None and adapter.test(request.path, "GET")
    return request.path if is_page else None


def typed_words() -> str:
    """Return what a person wrote into the form that was sent, to be shown where nothing else keeps it."""
    if request.method != "POST":
        return ""
    sent = (request.form.get(name, "").strip() for name in WORDS_OF_PERSONS)
    return "\n\n".join(text for text in sent if text)


def on_http_error(error: HTTPException) -> Response:
    """Answer what Flask itself refuses."""
    if error.code is not None and error.code < 400:
        return error.get_response()
    return answer(error.code or 500, None)


def on_too_fast(error: TooFast) -> Response:
    """Answer somebody who tried too often: how long to wait, in the form with what they typed.

    For htmx the words alone: there the form still holds what was typed.
    """
    words = words_to_wait(error.seconds)
    response: Response | None = None
    if not wants_fragment():
        with suppress(DomainError):
            response = current_app.extensions[FORM_AGAIN](f"{error.reason} {words}")
    if response is None:
        response = answer(429, words, words=None if wants_fragment() else typed_words() or None)
    response.status_code = 429
    response.headers.update({"Cache-Control": "no-store", "Retry-After": str(error.seconds)})
    return response


def on_unstorable(error: Exception) -> Response:
    """Answer what the database cannot compare with anything: an address or field with a NUL, a giant number."""
    return answer(404 if request.method == "GET" else 422, None)


def on_busy(error: Exception) -> Response:
    """Answer when the database is locked, gone or has no free connection."""
    log.error("database_unavailable", request_id=g.get("request_id"), error=type(error).__name__)
    response = answer(503, None)
    response.headers["Retry-After"] = "5"
    return response


def on_crash(error: Exception) -> Response:
    """Answer what nobody expected; the log has the trace under the same number."""
    log.error("crash", request_id=g.get("request_id"), exc_info=getattr(error, "original_exception", error))
    return answer(500, None)


def answer(status: int, reason: object, *, words: str | None = None, sign_in: str | None = None) -> Response:
    """Return the error page, or for htmx the reason for the message line: there the form still holds its words.

    `words`: what was typed into a form that is refused as a whole, shown to be copied; `sign_in`: where it goes on.
    """
    title, advice = WORDS.get(status, WORDS[400 if status < 500 else 500])
    if words is not None:
        title = _l("This was not sent")
        copy = _l("Copy what you typed, load the page again and send it once more.")
        advice = copy if words else _l("Load the page again and send it once more.")
    if wants_fragment():
        return _message(status, f"{reason} {advice}" if words is not None else reason or title)
    page = render_template(
        "errors/error.html",
        status=status,
        heading=title,
        happened=reason or advice,
        todo=advice if reason else None,
        words=words,
        sign_in=sign_in,
        request_id=g.get("request_id", ""),
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _message(status: int, text: object) -> Response:
    """Put the text into the page's message line, whatever part of the page had asked."""
    response = make_response(render_template("errors/_message.html", text=text), status)
    response.headers.update({"Cache-Control": "no-store", "HX-Retarget": "#messages", "HX-Reswap": "innerHTML"})
    return response


def _referring_path() -> str | None:
    referrer = request.referrer or ""
    own = request.host_url.rstrip("/")
    return referrer[len(own) :] if referrer.startswith(own + "/") else None
