"""Guests of a board: inviting them, taking that back, and coming in with an invitation."""

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug import Response

from ideas.accounts.models import Member
from ideas.accounts.queries import get_member_by_handle
from ideas.boards import invitations
from ideas.boards.models import Audience, Board, BoardRole, Role
from ideas.boards.policy import Permission, may
from ideas.boards.queries import get_board
from ideas.core import clock, mail
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Invalid
from ideas.core.policy import require
from ideas.notifications.letters import LANGUAGE, base_url, draw, sender_name
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.viewer import actor

bp = Blueprint("invitations", __name__)

STATE_WORDS: Mapping[invitations.State, LazyString] = {
    invitations.State.ACCEPTED: _l("Accepted"),
    invitations.State.REVOKED: _l("Taken back"),
    invitations.State.EXPIRED: _l("Run out"),
}


@bp.get("/boards/<slug>/people")
def people(slug: str) -> Response:
    """Show the guests of a board and the invitations that wait, to whoever may invite."""
    return _page(_board(slug))


@bp.post("/boards/<slug>/people")
def invite(slug: str) -> Response:
    """Invite people by their addresses."""
    _board(slug)
    form = typed(request.form, "addresses")
    try:
        with transaction():
            board = _board(slug)
            tokens = invitations.invite(actor(), board, addresses=form["addresses"])
            for email, token in tokens.items():
                _send(board, email, token)
    except Invalid as refused:
        return _page(_board(slug), form, errors=texts_of(refused), status=422)
    except Conflict as refused:
        return _page(_board(slug), form, errors={"addresses": str(refused.message)}, status=422)
    flash(_("The invitations are on their way."))
    return htmx.go(url_for("invitations.people", slug=slug))


@bp.post("/boards/<slug>/people/revoke")
def revoke(slug: str) -> Response:
    """Take an invitation back."""
    _board(slug)
    form = typed(request.form, "invitation")
    with transaction():
        invitations.revoke(actor(), _board(slug), form["invitation"])
    flash(_("The invitation is taken back; its link is worth nothing now."))
    return htmx.go(url_for("invitations.people", slug=slug))


@bp.post("/boards/<slug>/people/remove")
def remove(slug: str) -> Response:
    """Let somebody be no guest any more."""
    _board(slug)
    form = typed(request.form, "handle")
    with transaction():
        member = get_member_by_handle(form["handle"])
        invitations.let_go(actor(), _board(slug), member_id=member.id)
    flash(_("They are no guest here any more."))
    return htmx.go(url_for("invitations.people", slug=slug))


@bp.get("/invitations/<token>")
def show(token: str) -> str:
    """Say what an invitation is for; looking at it uses nothing up."""
    found = invitations.get_open(token)
    own = session().scalar(select(Member.email).where(Member.id == (actor().member_id or 0)))
    here = url_for("invitations.show", token=token)
    return render_template("invitations/show.html", invitation=found, token=token, back_url=here, own=own)


@bp.post("/invitations/<token>")
def accept(token: str) -> Response:
    """Accept an invitation."""
    typed(request.form)
    with transaction():
        slug = invitations.accept(actor(), token)
    flash(_("Welcome. The board is open to you now."))
    return htmx.go(url_for("boards.show", slug=slug))


@bp.after_request
def keep_nowhere(response: Response) -> Response:
    """No cache may keep who was invited, nor an address with a token."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def unsent_invitations(words: str, *, slug: str) -> Response:
    """Return the form with the addresses as they were sent, with words about why it was not looked at."""
    sent = {"addresses": request.form.get("addresses", "")}
    return _page(_board(slug), sent, errors={"": words}, status=422)


def _board(slug: str) -> Board:
    board = get_board(actor(), slug).board
    actor().require_member()
    require(may(actor(), Permission.INVITE, board.id))
    return board


def _guests(board: Board) -> list[tuple[str, str]]:
    rows = session().execute(
        select(Member.name, Member.handle)
        .join(BoardRole, BoardRole.member_id == Member.id)
        .where(BoardRole.board_id == board.id, BoardRole.role == Role.GUEST, Member.active.is_(True))
        .order_by(Member.name, Member.id)
    )
    return [(row.name, row.handle) for row in rows]


def _send(board: Board, email: str, token: str) -> None:
    """Queue the mail, in the language of whoever is invited where it is known."""
    language = session().scalar(select(Member.language).where(Member.email == email)) or LANGUAGE
    drawn = draw(
        "emails/invitation",
        language=language,
        board=board.name,
        purpose=board.purpose,
        hue=board.hue,
        days=invitations.GOOD_FOR.days,
        url=base_url() + url_for("invitations.show", token=token),
    )
    with force_locale(language):
        subject = _("You are invited: %(board)s", board=board.name)
    mail.queue_mail(
        to=email,
        subject=subject,
        text=drawn.text,
        html=drawn.html,
        sender_name=sender_name(),
        expires_at=clock.now() + invitations.GOOD_FOR,
    )


def _page(
    board: Board,
    form: Mapping[str, str] | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "invitations/people.html",
        board=board,
        guests=_guests(board),
        waiting=invitations.list_open(actor(), board),
        past=invitations.list_past(actor(), board),
        state_words=STATE_WORDS,
        is_for_staff=board.audience is Audience.STAFF,
        form=form or {"addresses": ""},
        errors=errors or {},
        most=invitations.ADDRESSES_MAX,
        days=invitations.GOOD_FOR.days,
    )
    return make_response(page, status)
