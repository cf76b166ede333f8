"""OpenID Connect providers with which people sign in."""

from collections.abc import Mapping

from flask import current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.models import Provider
from ideas.accounts.providers import (
    ProviderDraft,
    add_provider,
    change_provider,
    discover,
    get_provider,
    list_providers,
)
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import is_ticked
from ideas.web.factors import fresh
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome, new_nonce
from ideas.web.viewer import actor

FIELDS = ("name", "client_id", "secret", "domains", "groups", "staff_groups", "creates_members", "is_active")
BLANK: Mapping[str, str] = {**dict.fromkeys(FIELDS, ""), "issuer": "", "creates_members": "y", "is_active": "y"}


@bp.get("/admin/providers")
def providers() -> str:
    """List all providers."""
    return render_template("admin/providers.html", providers=list_providers(actor()))


@bp.route("/admin/providers/new", methods=["GET", "POST"])
@fresh
def new_provider() -> Response:
    """Add a provider that answers as one."""
    if request.method == "GET":
        return _page(BLANK, nonce=new_nonce())
    form = typed(request.form, *FIELDS, "issuer")
    nonce = request.form.get("nonce", "")
    try:
        _ask(form["issuer"].strip())
        location = _add(form, nonce)
    except Invalid as refused:
        return _page(form, nonce=nonce, errors=texts_of(refused), status=422)
    flash(_("The provider is added."))
    return htmx.go(location)


@bp.route("/admin/providers/<slug>/edit", methods=["GET", "POST"])
@fresh
def edit_provider(slug: str) -> Response:
    """Change a provider, or switch it off; one that is on must answer."""
    provider = get_provider(actor(), slug)
    if request.method == "GET":
        return _page(_as_form(provider), subject=provider)
    form = typed(request.form, *FIELDS)
    try:
        if is_ticked(form["is_active"]):
            _ask(provider.issuer)
        with transaction():
            change_provider(actor(), get_provider(actor(), slug), draft=_draft(form))
    except Invalid as refused:
        return _page(form, subject=get_provider(actor(), slug), errors=texts_of(refused), status=422)
    flash(_("The provider is changed."))
    return htmx.go(url_for("admin.providers"))


def _ask(issuer: str) -> None:
    # Before anything is written: others must not wait for a server far away.
    discover(issuer, is_development=not current_app.extensions["settings"].is_production)


def _add(form: Mapping[str, str], nonce: str) -> str:
    with transaction():
        earlier = earlier_outcome(actor(), nonce)
        if earlier is not None:
            return earlier
        provider = add_provider(actor(), issuer=form["issuer"], draft=_draft(form))
        location = url_for("admin.edit_provider", slug=provider.slug)
        keep_outcome(actor(), nonce, location)
        return location


def _draft(form: Mapping[str, str]) -> ProviderDraft:
    return ProviderDraft(
        name=form["name"],
        client_id=form["client_id"],
        secret=form["secret"],
        domains=form["domains"],
        groups=form["groups"],
        staff_groups=form["staff_groups"],
        creates_members=is_ticked(form["creates_members"]),
        is_active=is_ticked(form["is_active"]),
    )


def _as_form(provider: Provider) -> dict[str, str]:
    texts = {name: str(getattr(provider, name)) for name in ("name", "client_id", "domains", "groups", "staff_groups")}
    ticks = {name: "y" if getattr(provider, name) else "" for name in ("creates_members", "is_active")}
    return {**texts, **ticks}


def _page(
    form: Mapping[str, str],
    *,
    subject: Provider | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    back = ""
    if subject is not None:
        back = current_app.extensions["settings"].base_url + url_for("sign_in_with.back", slug=subject.slug)
    page = render_template(
        "admin/provider.html", form=form, provider=subject, nonce=nonce, errors=errors or {}, back=back
    )
    return make_response(page, status)
