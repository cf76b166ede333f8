"""The record of rights: who gave or took what, to whom, before and after."""

from flask import render_template, request, url_for

from ideas.accounts.audit import list_entries
from ideas.web.admin.door import bp
from ideas.web.pages.record import record_rows
from ideas.web.viewer import actor


@bp.get("/admin/record")
def record() -> str:
    """Show the record, newest first."""
    page = list_entries(actor(), after=request.args.get("after"))
    following = url_for("admin.record", after=page.next_cursor) if page.next_cursor else None
    return render_template("admin/record.html", rows=record_rows(page.items), following=following)
