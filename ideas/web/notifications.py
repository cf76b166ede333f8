"""What a member was told, and how they want to hear of things."""

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.accounts.services import want_mail
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.notifications.choices import choose
from ideas.notifications.queries import get_told
from ideas.notifications.services import mark_all_read, mark_read
from ideas.web.forms.fields import typed
from ideas.web.forms.notifications import WANTS_MAIL, fields_for, read_choices
from ideas.web.htmx import fragment_or_go, go
from ideas.web.pages.hearing import choices_page
from ideas.web.pages.notifications import address_of, counter, notification_row, notifications_page
from ideas.web.viewer import actor, current, load_viewer

bp = Blueprint("notifications", __name__, url_prefix="/me")


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.get("/notifications")
def index() -> str:
    """Show what the member was told; looking marks nothing as read."""
    page = notifications_page(actor(), after=request.args.get("after"))
    return render_template("notifications/index.html", tab="notifications", page=page)


@bp.post("/notifications/read")
def read_all() -> AnyResponse:
    """Mark everything as read."""
    typed(request.form)
    with transaction():
        mark_all_read(actor())
    load_viewer()
    return fragment_or_go("notifications/_list.html", url_for("notifications.index"), page=notifications_page(actor()))


@bp.post("/notifications/<int:number>/read")
def read(number: int) -> AnyResponse:
    """Mark one as read."""
    typed(request.form)
    told = get_told(actor(), number)
    with transaction():
        mark_read(actor(), told.id)
    load_viewer()
    row = notification_row(get_told(actor(), number))
    return fragment_or_go("notifications/_row.html", url_for("notifications.index"), row=row, is_alone=True)


@bp.post("/notifications/<int:number>/open")
def open_one(number: int) -> AnyResponse:
    """Mark one as read and lead to what it is about."""
    typed(request.form)
    told = get_told(actor(), number)
    with transaction():
        mark_read(actor(), told.id)
    return go(address_of(told) or url_for("notifications.index"))


@bp.get("/notifications/count")
def count() -> AnyResponse:
    """Tell how much is not read, for pages that stand open: an empty answer where it is as it was."""
    unread = current().unread
    answer = jsonify(counter(unread))
    answer.set_etag(f"{unread}-{get_locale()}")
    return answer.make_conditional(request)


@bp.get("/settings/notifications")
def settings() -> str:
    """Show how the member hears of what, to be changed, and which ideas they do not hear of."""
    page = choices_page(actor(), after=request.args.get("after"))
    return render_template("notifications/settings.html", tab="hearing", page=page, errors={})


@bp.post("/settings/notifications")
def change_settings() -> AnyResponse:
    """Change all of it at once."""
    sent: dict[str, str] = {}
    try:
        sent = typed(request.form, WANTS_MAIL, *fields_for(actor()))
        with transaction():
            choose(actor(), read_choices(actor(), sent))
            want_mail(actor(), wants=bool(sent[WANTS_MAIL]))
    except Invalid as invalid:
        page = choices_page(actor(), sent=sent)
        return make_response(
            render_template("notifications/settings.html", tab="hearing", page=page, errors=invalid.errors), 422
        )
    flash(_("Saved."), "success")
    return redirect(url_for("notifications.settings"), 303)
