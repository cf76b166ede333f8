"""OpenID Connect providers with which people sign in."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.discovery import discover
from ideas.accounts.models import Provider
from ideas.accounts.providers import (
    ProviderDraft,
    add_provider,
    change_provider,
    get_provider,
    list_providers,
    remove_provider,
    via_of,
)
from ideas.boards.lent_roles import end_lent, read_roles
from ideas.core.db import let_go, transaction
from ideas.core.errors import Invalid
from ideas.core.outgoing import begin_errand
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import is_ticked
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.signing_in.factors import fresh
from ideas.web.signing_in.openid import back_address
from ideas.web.signing_in.sign_in_with import lead_out
from ideas.web.viewer import actor

#: What is a text, and what is ticked.
TEXTS = (
    "name",
    "client_id",
    "domains",
    "groups_claim",
    "groups",
    "staff_groups",
    "board_roles",
    "organisation_claim",
    "organisations",
)
TICKS = ("creates_members", "is_active")
FIELDS = (*TEXTS, *TICKS, "secret")
BLANK: Mapping[str, str] = {
    **dict.fromkeys(FIELDS, ""),
    "issuer": "",
    "groups_claim": "groups",
    "creates_members": "y",
    "is_active": "y",
}


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
            read_roles(form["board_roles"])
            change_provider(actor(), get_provider(actor(), slug), draft=_draft(form))
    except Invalid as refused:
        return _page(form, subject=get_provider(actor(), slug), errors=texts_of(refused), status=422)
    flash(_("The provider is changed."))
    return htmx.go(url_for("admin.providers"))


@bp.post("/admin/providers/<slug>/try")
@fresh
def try_provider(slug: str) -> Response:
    """Go to the provider as people would, and come back to a page that says what would happen; also while it is off."""
    typed(request.form)
    provider = get_provider(actor(), slug)
    return lead_out(provider, going_to=url_for("admin.edit_provider", slug=slug), is_trial=True)


@bp.post("/admin/providers/<slug>/remove")
@fresh
def drop_provider(slug: str) -> Response:
    """Remove a provider that is switched off."""
    typed(request.form)
    with transaction():
        provider = get_provider(actor(), slug)
        remove_provider(actor(), provider)
        end_lent(via_of(provider))
    flash(_("The provider is removed."))
    return htmx.go(url_for("admin.providers"))


def _ask(issuer: str) -> None:
    # Before anything is written: others must not wait for a server far away.
    let_go()
    discover(issuer, begin_errand())


def _add(form: Mapping[str, str], nonce: str) -> str:
    def make() -> str:
        read_roles(form["board_roles"])
        provider = add_provider(actor(), issuer=form["issuer"], draft=_draft(form))
        return url_for("admin.edit_provider", slug=provider.slug)

    return made_once(actor(), nonce, make)


def _draft(form: Mapping[str, str]) -> ProviderDraft:
    texts = {name: form[name] for name in TEXTS if name != "groups_claim"}
    return ProviderDraft(
        **texts,
        secret=form["secret"],
        groups_claim=form["groups_claim"].strip() or BLANK["groups_claim"],
        creates_members=is_ticked(form["creates_members"]),
        is_active=is_ticked(form["is_active"]),
    )


def _as_form(provider: Provider) -> dict[str, str]:
    texts = {name: str(getattr(provider, name)) for name in TEXTS}
    ticks = {name: "y" if getattr(provider, name) else "" for name in TICKS}
    return {**texts, **ticks}


def _page(
    form: Mapping[str, str],
    *,
    subject: Provider | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    back = back_address(subject) if subject is not None else ""
    page = render_template(
        "admin/provider.html", form=form, provider=subject, nonce=nonce, errors=errors or {}, back=back
    )
    return make_response(page, status)
