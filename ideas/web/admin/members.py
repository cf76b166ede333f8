"""Members: looking them up, and saying what they are to the company."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.accounts.directory import SEARCH_MAX, get_entry, list_entries
from ideas.accounts.models import Member, MemberKind
from ideas.accounts.services import change_standing
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, is_ticked
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.admin import KIND_WORDS, options
from ideas.web.signing_in.factors import fresh_to_change
from ideas.web.viewer import actor


@bp.get("/admin/members")
def members() -> str:
    """Look members up by the beginning of a name, handle or e-mail address."""
    begins = request.args.get("q", "")[:SEARCH_MAX]
    page = list_entries(actor(), begins=begins, after=request.args.get("after"))
    following = None
    if page.next_cursor:
        following = url_for("admin.members", q=begins or None, after=page.next_cursor)
    words = {kind: name for kind, (name, _hint) in KIND_WORDS.items()}
    return render_template("admin/members.html", members=page.items, begins=begins, following=following, words=words)


@bp.route("/admin/members/<handle>/edit", methods=["GET", "POST"])
@fresh_to_change
def edit_member(handle: str) -> Response:
    """Change what a member is to the company, whether they run the site and whether they may come in."""
    member = get_entry(actor(), handle)
    if request.method == "GET":
        return _page(member, _as_form(member))
    form = typed(request.form, "kind", "is_admin", "is_active")
    try:
        with transaction():
            changed = _change(handle, form)
    except Invalid as refused:
        return _page(get_entry(actor(), handle), form, errors=texts_of(refused), status=422)
    flash(_("The member is changed."))
    # Whoever has just given up running the site would find the door closed.
    has_left = changed.id == actor().member_id and not changed.is_admin
    return htmx.go(url_for("home.index" if has_left else "admin.members"))


def _change(handle: str, form: Mapping[str, str]) -> Member:
    fields = Fields()
    kind = chosen(fields, "kind", form["kind"], MemberKind)
    fields.done()
    member = get_entry(actor(), handle)
    is_admin, is_active = is_ticked(form["is_admin"]), is_ticked(form["is_active"])
    change_standing(actor(), member, kind=kind, is_admin=is_admin, is_active=is_active)
    return member


def _as_form(member: Member) -> dict[str, str]:
    return {
        "kind": member.kind,
        "is_admin": "y" if member.is_admin else "",
        "is_active": "y" if member.active else "",
    }


def _page(
    member: Member, form: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    page = render_template(
        "admin/member.html", member=member, form=form, errors=errors or {}, kinds=options(KIND_WORDS)
    )
    return make_response(page, status)
