"""Work behind the pages: how much waits, what failed for good, and trying it again."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from ideas.accounts import failed_work
from ideas.core.db import transaction
from ideas.core.errors import NotFound
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.fields import typed
from ideas.web.pages.work import work_page
from ideas.web.viewer import actor

#: Digits of the largest key.
MOST_DIGITS = 18


@bp.get("/admin/work")
def work() -> str:
    """Show what waits and what failed."""
    page = work_page(failed_work.get_workload(actor(), after=request.args.get("after")))
    following = url_for("admin.work", after=page.next_cursor) if page.next_cursor else None
    return render_template("admin/work.html", page=page, following=following)


@bp.post("/admin/work/again")
def try_again() -> Response:
    """Try one piece of failed work again."""
    row = typed(request.form, "row")["row"]
    if not (row.isascii() and row.isdigit() and len(row) <= MOST_DIGITS):
        raise NotFound
    with transaction():
        failed_work.try_again(actor(), int(row))
    flash(_("It is tried again."), "success")
    return htmx.go(url_for("admin.work"))


@bp.post("/admin/work/all-again")
def try_all_again() -> Response:
    """Try all failed work of a kind again."""
    job = typed(request.form, "job")["job"]
    with transaction():
        count = failed_work.try_all_again(actor(), job)
    words = ngettext("%(num)s piece of work is tried again.", "%(num)s pieces of work are tried again.", count)
    flash(words if count else _("There is nothing left to try again."), "success")
    return htmx.go(url_for("admin.work"))
