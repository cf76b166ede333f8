"""Apps of the company whose signed tokens sign customers in."""

from collections.abc import Mapping

from flask import current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.accounts.models import TokenAlgorithm, TokenApp
from ideas.accounts.tokens import NewApp, add_app, change_app, end_former_key, get_app, list_apps, renew_secret
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, is_ticked
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome, new_nonce
from ideas.web.signing_in.factors import fresh
from ideas.web.viewer import actor

FIELDS = ("name", "public_key")
BLANK: Mapping[str, str] = {"name": "", "issuer": "", "algorithm": TokenAlgorithm.HS256, "public_key": ""}
ALGORITHM_WORDS = (
    (TokenAlgorithm.HS256, _l("A secret that both sides know"), _l("HS256. We make the secret and show it once.")),
    (TokenAlgorithm.RS256, _l("A key pair of the app"), _l("RS256. The app signs; here stands only its public key.")),
)


@bp.get("/admin/apps")
def apps() -> str:
    """List all apps."""
    return render_template("admin/apps.html", apps=list_apps(actor()))


@bp.route("/admin/apps/new", methods=["GET", "POST"])
@fresh
def new_app() -> Response:
    """Add an app; a secret made for it is shown with the answer, and never again."""
    if request.method == "GET":
        return _page(BLANK, nonce=new_nonce())
    form = typed(request.form, *FIELDS, "issuer", "algorithm")
    nonce = request.form.get("nonce", "")
    try:
        added = _add(form, nonce)
    except Invalid as refused:
        return _page(form, nonce=nonce, errors=texts_of(refused), status=422)
    if added is None or added.secret is None:
        flash(_("The app is added."))
        return htmx.go(url_for("admin.apps"))
    return _secret(added.app, added.secret)


@bp.route("/admin/apps/<slug>/edit", methods=["GET", "POST"])
@fresh
def edit_app(slug: str) -> Response:
    """Change an app, or switch it off."""
    app = get_app(actor(), slug)
    if request.method == "GET":
        return _page({"name": app.name, "public_key": "", "is_active": "y" if app.is_active else ""}, subject=app)
    form = typed(request.form, *FIELDS, "is_active")
    try:
        with transaction():
            change_app(
                actor(),
                get_app(actor(), slug),
                name=form["name"],
                public_key=form["public_key"],
                is_active=is_ticked(form["is_active"]),
            )
    except Invalid as refused:
        return _page(form, subject=get_app(actor(), slug), errors=texts_of(refused), status=422)
    flash(_("The app is changed."))
    return htmx.go(url_for("admin.apps"))


@bp.post("/admin/apps/<slug>/secret")
@fresh
def renew_app_secret(slug: str) -> Response:
    """Make another secret for an app; the old one is good beside it for a while."""
    typed(request.form)
    with transaction():
        app = get_app(actor(), slug)
        secret = renew_secret(actor(), app)
    return _secret(app, secret)


@bp.post("/admin/apps/<slug>/former-key/end")
@fresh
def end_app_former_key(slug: str) -> Response:
    """Refuse tokens signed with the key from before, from now on."""
    typed(request.form)
    with transaction():
        end_former_key(actor(), get_app(actor(), slug))
    flash(_("Only the new key is good now."))
    return htmx.go(url_for("admin.edit_app", slug=slug))


def _add(form: Mapping[str, str], nonce: str) -> NewApp | None:
    fields = Fields()
    algorithm = chosen(fields, "algorithm", form["algorithm"], TokenAlgorithm)
    fields.done()
    with transaction():
        if earlier_outcome(actor(), nonce) is not None:
            return None
        added = add_app(
            actor(), name=form["name"], issuer=form["issuer"], algorithm=algorithm, public_key=form["public_key"]
        )
        keep_outcome(actor(), nonce, url_for("admin.apps"))
        return added


def _secret(app: TokenApp, secret: str) -> Response:
    response = make_response(render_template("admin/app_secret.html", app=app, secret=secret))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(
    form: Mapping[str, str],
    *,
    subject: TokenApp | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/app.html",
        form=form,
        app=subject,
        nonce=nonce,
        errors=errors or {},
        algorithms=ALGORITHM_WORDS,
        audience=current_app.extensions["settings"].base_url,
    )
    return make_response(page, status)
