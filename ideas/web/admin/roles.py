"""Who holds which role on a board."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.accounts.directory import get_entry
from ideas.boards.models import Role
from ideas.boards.queries import get_board
from ideas.boards.services import grant_role, revoke_role
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.admin import ROLE_NAMES, ROLE_WORDS, options, role_rows
from ideas.web.signing_in.factors import fresh, fresh_to_change
from ideas.web.viewer import actor

FIELDS = ("handle", "role")


@bp.route("/admin/boards/<slug>/roles", methods=["GET", "POST"])
@fresh_to_change
def roles(slug: str) -> Response:
    """Show the roles held on a board, and give one."""
    if request.method == "GET":
        return _page(slug, {"handle": "", "role": Role.MODERATOR})
    get_board(actor(), slug)
    form = typed(request.form, *FIELDS)
    try:
        _grant(slug, form)
    except Invalid as refused:
        return _page(slug, form, errors=texts_of(refused), status=422)
    flash(_("The role is given."))
    return htmx.go(url_for("admin.roles", slug=slug))


@bp.post("/admin/boards/<slug>/roles/revoke")
@fresh
def revoke(slug: str) -> Response:
    """Take a role away."""
    get_board(actor(), slug)
    form = typed(request.form, *FIELDS)
    fields = Fields()
    role = chosen(fields, "role", form["role"], Role)
    fields.done()
    with transaction():
        member = get_entry(actor(), form["handle"])
        revoke_role(actor(), board=get_board(actor(), slug).board, member_id=member.id, role=role)
    flash(_("The role is taken away."))
    return htmx.go(url_for("admin.roles", slug=slug))


def _grant(slug: str, form: Mapping[str, str]) -> None:
    fields = Fields()
    role = chosen(fields, "role", form["role"], Role)
    handle = fields.line("handle", form["handle"].strip().lstrip("@"), most=100)
    fields.done()
    try:
        with transaction():
            member = get_entry(actor(), handle)
            if not member.active:
                raise Invalid({"handle": _l("This member cannot come in any more.")})
            grant_role(actor(), board=get_board(actor(), slug).board, member_id=member.id, role=role)
    except NotFound:
        raise Invalid({"handle": _l("Nobody here has this handle.")}) from None
    except Conflict as refused:
        raise Invalid({"handle": refused.message}) from None


def _page(
    slug: str, form: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    board = get_board(actor(), slug).board
    page = render_template(
        "admin/roles.html",
        board=board,
        held=role_rows(board),
        form=form,
        errors=errors or {},
        choices=options(ROLE_WORDS),
        words=ROLE_NAMES,
    )
    return make_response(page, status)
