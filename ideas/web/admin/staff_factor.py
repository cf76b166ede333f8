"""Whether the staff must sign in with a second factor."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.boards.staff_factor import set_staff_factor, staff_factors
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import is_ticked
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.signing_in.factors import fresh_to_change
from ideas.web.viewer import actor


@bp.route("/admin/staff-sign-in", methods=["GET", "POST"])
@fresh_to_change
def staff_factor() -> Response:
    """Show and change whether the staff must sign in with a second factor."""
    if request.method == "GET":
        return _page()
    form = typed(request.form, "is_needed")
    try:
        with transaction():
            set_staff_factor(actor(), is_needed=is_ticked(form["is_needed"]))
    except Invalid as refused:
        return _page(form, errors=texts_of(refused), status=422)
    flash(_("Saved. It holds with the next page that somebody of the staff opens."), "success")
    return htmx.go(url_for("admin.staff_factor"))


def _page(
    form: Mapping[str, str] | None = None, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    standing = staff_factors(actor())
    is_ticked_now = is_ticked(form["is_needed"]) if form else standing.is_needed
    page = render_template("admin/staff_factor.html", standing=standing, is_needed=is_ticked_now, errors=errors or {})
    return make_response(page, status)
