"""A member's own corner: what they wrote, support, are asked, were told and earned, and what they say of themselves."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.accounts.services import change_profile
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.notifications.services import mark_all_read
from ideas.web.forms.fields import typed
from ideas.web.htmx import fragment_or_go
from ideas.web.pages.corner import asked_page, own_ideas, points_page, profile_of, supported_ideas
from ideas.web.pages.notifications import notifications_page
from ideas.web.viewer import actor, load_viewer

bp = Blueprint("corner", __name__, url_prefix="/me")


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.get("")
def index() -> str:
    """Show what the member proposed, reported and offered."""
    return render_template("corner/ideas.html", tab="ideas", page=own_ideas(actor(), after=request.args.get("after")))


@bp.get("/supports")
def supports() -> str:
    """Show what the member supports."""
    page = supported_ideas(actor(), after=request.args.get("after"))
    return render_template("corner/ideas.html", tab="supports", page=page)


@bp.get("/asked")
def asked() -> str:
    """Show what is asked of the member."""
    return render_template("corner/asked.html", tab="asked", page=asked_page(actor()))


@bp.get("/notifications")
def notifications() -> str:
    """Show what the member was told; looking marks nothing as read."""
    page = notifications_page(actor(), after=request.args.get("after"))
    return render_template("notifications/index.html", tab="notifications", page=page)


@bp.post("/notifications/read")
def read() -> AnyResponse:
    """Mark everything as read."""
    typed(request.form)
    with transaction():
        mark_all_read(actor())
    load_viewer()
    location = url_for("corner.notifications")
    return fragment_or_go("notifications/_list.html", location, page=notifications_page(actor()))


@bp.get("/points")
def points() -> str:
    """Show the member's points and where they come from."""
    return render_template(
        "corner/points.html", tab="points", page=points_page(actor(), after=request.args.get("after"))
    )


@bp.get("/settings")
def settings() -> str:
    """Show what the member says of themselves, to be changed."""
    return render_template("corner/settings.html", tab="settings", profile=profile_of(actor()), errors={})


@bp.post("/settings")
def change_settings() -> AnyResponse:
    """Change what the member says of themselves."""
    sent = typed(request.form, "name", "bio", "wants_mail")
    try:
        with transaction():
            change_profile(actor(), name=sent["name"], bio=sent["bio"], wants_mail=bool(sent["wants_mail"]))
    except Invalid as invalid:
        return _refused(sent, invalid)
    flash(_("Saved."), "success")
    return redirect(url_for("corner.settings"), 303)


def _refused(sent: dict[str, str], invalid: Invalid) -> Response:
    profile = {**profile_of(actor()), **sent, "wants_mail": bool(sent["wants_mail"])}
    page = render_template("corner/settings.html", tab="settings", profile=profile, errors=invalid.errors)
    return make_response(page, 422)
