"""Organisations: the list, adding one, changing one and who belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from flask import flash, make_response, render_template, request, url_for
from flask_babel import format_currency
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.accounts.directory import get_entry
from ideas.accounts.models import Organisation
from ideas.accounts.money import from_minor
from ideas.accounts.organisations import (
    SEARCH_MAX,
    Belonging,
    OrganisationDraft,
    OrganisationRow,
    change_organisation,
    draft_of,
    get_organisation,
    list_belonging,
    list_organisations,
    open_organisation,
    put_into_organisation,
)
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.viewer import actor

FIELDS = tuple(field.name for field in fields(OrganisationDraft))
BLANK = OrganisationDraft(name="")


@bp.get("/admin/organisations")
def organisations() -> str:
    """List organisations by name, or those whose name holds what is looked for."""
    holds = request.args.get("q", "")[:SEARCH_MAX]
    page = list_organisations(actor(), holds=holds, after=request.args.get("after"))
    following = None
    if page.next_cursor:
        following = url_for("admin.organisations", q=holds or None, after=page.next_cursor)
    rows = [(one, _worth(one)) for one in page.items]
    return render_template("admin/organisations.html", rows=rows, holds=holds, following=following)


@bp.route("/admin/organisations/new", methods=["GET", "POST"])
def new_organisation() -> Response:
    """Add an organisation."""
    if request.method == "GET":
        return _page(asdict(BLANK), nonce=new_nonce())
    form = typed(request.form, *FIELDS)
    nonce = request.form.get("nonce", "")
    try:
        location = _open(form, nonce)
    except Invalid as refused:
        return _page(form, nonce=nonce, errors=texts_of(refused), status=422)
    flash(_("The organisation is added."))
    return htmx.go(location)


@bp.route("/admin/organisations/<number>/edit", methods=["GET", "POST"])
def edit_organisation(number: str) -> Response:
    """Change what is known of an organisation."""
    organisation = get_organisation(actor(), number)
    if request.method == "GET":
        return _page(asdict(draft_of(organisation)), organisation=organisation)
    form = typed(request.form, *FIELDS)
    try:
        with transaction():
            change_organisation(actor(), get_organisation(actor(), number), OrganisationDraft(**form))
    except Invalid as refused:
        return _page(form, organisation=get_organisation(actor(), number), errors=texts_of(refused), status=422)
    flash(_("The organisation is changed."))
    return htmx.go(url_for("admin.edit_organisation", number=number))


@bp.post("/admin/organisations/<number>/members")
def add_belonging(number: str) -> Response:
    """Put a member into an organisation, out of the one where they were."""
    organisation = get_organisation(actor(), number)
    sent = typed(request.form, "handle")
    try:
        _put(number, sent["handle"])
    except Invalid as refused:
        form = asdict(draft_of(organisation))
        return _page(form, organisation=organisation, handle=sent["handle"], errors=texts_of(refused), status=422)
    flash(_("They belong to it now."))
    return htmx.go(url_for("admin.edit_organisation", number=number))


@bp.post("/admin/organisations/<number>/members/remove")
def remove_belonging(number: str) -> Response:
    """Take a member out of an organisation."""
    get_organisation(actor(), number)
    sent = typed(request.form, "handle")
    with transaction():
        organisation, member = get_organisation(actor(), number), get_entry(actor(), _handle_of(sent["handle"]))
        if member.organisation_id == organisation.id:
            put_into_organisation(actor(), member, None)
    flash(_("They do not belong to it any more."))
    return htmx.go(url_for("admin.edit_organisation", number=number))


def _open(form: Mapping[str, str], nonce: str) -> str:
    def make() -> str:
        made = open_organisation(actor(), OrganisationDraft(**form))
        return url_for("admin.edit_organisation", number=str(made.id))

    return made_once(actor(), nonce, make)


def _put(number: str, typed_handle: str) -> None:
    try:
        with transaction():
            member = get_entry(actor(), _handle_of(typed_handle))
            put_into_organisation(actor(), member, get_organisation(actor(), number))
    except NotFound:
        raise Invalid({"handle": _l("Nobody here has this handle.")}) from None


def _handle_of(text: str) -> str:
    """Return the typed handle, cleaned. Raises Invalid (handle)."""
    checked = Fields()
    handle = checked.line("handle", text.strip().lstrip("@"), most=100)
    checked.done()
    return handle


def _worth(row: OrganisationRow) -> str | None:
    if row.annual_value is None or not row.currency:
        return None
    return str(format_currency(from_minor(row.annual_value, row.currency), row.currency))


def _page(
    form: Mapping[str, str],
    *,
    organisation: Organisation | None = None,
    handle: str = "",
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    people: Sequence[Belonging] = ()
    following = None
    if organisation is not None:
        page = list_belonging(actor(), organisation, after=request.args.get("after"))
        people = page.items
        if page.next_cursor:
            following = url_for("admin.edit_organisation", number=str(organisation.id), after=page.next_cursor)
    drawn = render_template(
        "admin/organisation.html",
        form=form,
        organisation=organisation,
        people=people,
        following=following,
        handle=handle,
        nonce=nonce,
        errors=errors or {},
    )
    return make_response(drawn, status)
