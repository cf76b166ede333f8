"""The first admin page, and the words of the site."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.boards.models import Hue, Registration
from ideas.boards.queries import load_frame
from ideas.boards.registration import registration_rule, set_registration
from ideas.boards.services import describe_site
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen
from ideas.web.admin.mail import has_mail_folder
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.admin import HUE_WORDS, REGISTRATION_WORDS, load_overview, options
from ideas.web.viewer import actor


@bp.get("/admin")
def index() -> str:
    """Say what there is to look after."""
    return render_template("admin/index.html", overview=load_overview(), has_mail_folder=has_mail_folder())


@bp.route("/admin/site", methods=["GET", "POST"])
def site_words() -> Response:
    """Show and change what the place is called, what it says of itself, and who may register."""
    if request.method == "GET":
        frame = load_frame(None)
        rule = registration_rule()
        words = {"name": frame.name, "tagline": frame.tagline, "footer": frame.footer, "hue": frame.hue}
        return _page({**words, "registration": rule.registration, "domains": "\n".join(rule.domains)})
    form = typed(request.form, "name", "tagline", "footer", "hue", "registration", "domains")
    try:
        with transaction():
            _describe(form)
    except Invalid as refused:
        return _page(form, errors=texts_of(refused), status=422)
    flash(_("The words of the site are changed."))
    return htmx.go(url_for("admin.site_words"))


def _describe(form: Mapping[str, str]) -> None:
    fields = Fields()
    hue = chosen(fields, "hue", form["hue"], Hue)
    registration = chosen(fields, "registration", form["registration"], Registration)
    fields.done()
    describe_site(actor(), name=form["name"], tagline=form["tagline"], footer=form["footer"], hue=hue)
    set_registration(actor(), registration=registration, domains=form["domains"])


def _page(form: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    page = render_template(
        "admin/site.html",
        form=form,
        hues=list(HUE_WORDS.items()),
        registrations=options(REGISTRATION_WORDS),
        errors=errors or {},
    )
    return make_response(page, status)
