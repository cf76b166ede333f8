"""A member's own corner: what they wrote, support, are asked and earned, and what they say of themselves."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.accounts.refused import find_own_refusal, try_own_again
from ideas.accounts.services import change_profile
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.web.forms.fields import typed
from ideas.web.pages.corner import asked_page, own_ideas, points_page, profile_of, supported_ideas
from ideas.web.viewer import actor

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


@bp.get("/points")
def points() -> str:
    """Show the member's points and where they come from."""
    return render_template(
        "corner/points.html", tab="points", page=points_page(actor(), after=request.args.get("after"))
    )


@bp.get("/settings")
def settings() -> str:
    """Show what the member says of themselves, to be changed."""
    return render_template(
        "corner/settings.html",
        tab="settings",
        profile=profile_of(actor()),
        refusal=find_own_refusal(actor()),
        errors={},
    )


@bp.post("/settings")
def change_settings() -> AnyResponse:
    """Change what the member says of themselves."""
    sent = typed(request.form, "name", "bio")
    try:
        with transaction():
            change_profile(actor(), name=sent["name"], bio=sent["bio"])
    except Invalid as invalid:
        return _refused(sent, invalid)
    flash(_("Saved."), "success")
    return redirect(url_for("corner.settings"), 303)


@bp.post("/settings/mail-again")
def mail_again() -> AnyResponse:
    """Send to the member's address again, which a mail server has refused."""
    typed(request.form)
    with transaction():
        try_own_again(actor())
    flash(_("The next mail goes to your address again. If it comes back once more, this page says so."), "success")
    return redirect(url_for("corner.settings"), 303)


def _refused(sent: dict[str, str], invalid: Invalid) -> Response:
    profile = {**profile_of(actor()), **sent}
    page = render_template(
        "corner/settings.html",
        tab="settings",
        profile=profile,
        refusal=find_own_refusal(actor()),
        errors=invalid.errors,
    )
    return make_response(page, 422)
