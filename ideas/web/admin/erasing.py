"""Erasing a member who asked for it."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.directory import get_entry
from ideas.accounts.models import Member
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.privacy.services import erase_member
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.leaving import CHOICES, LEAVE, sent_departure
from ideas.web.forms.refusals import texts_of
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor


@bp.route("/admin/members/<handle>/erase", methods=["GET", "POST"])
@fresh
def erase(handle: str) -> Response:
    """Ask for the choice and the short name; then erase the member everywhere."""
    member = get_entry(actor(), handle)
    if request.method == "GET":
        return _page(member)
    try:
        sent = sent_departure()
        with transaction():
            keeps = sent["content"] == LEAVE
            erase_member(actor(), get_entry(actor(), handle), keeps_content=keeps, confirmation=sent["confirmation"])
    except Invalid as refused:
        return _page(get_entry(actor(), handle), errors=texts_of(refused), status=422)
    flash(_("The member is erased."))
    return htmx.go(url_for("admin.members"))


def _page(member: Member, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    page = render_template(
        "admin/erase.html", member=member, choices=CHOICES, chosen=request.form.get("content"), errors=errors or {}
    )
    return make_response(page, status)
