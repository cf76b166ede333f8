"""Drafts of new ideas: keeping what is typed, taking it up again, and writing one together with others."""

from dataclasses import replace

from flask import Blueprint, Response, flash, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.accounts.models import Member
from ideas.accounts.queries import get_member_by_handle
from ideas.boards.queries import list_boards
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.policy import require
from ideas.drafting import sharing
from ideas.drafting.models import Draft
from ideas.drafting.policy import can_discard
from ideas.drafting.queries import find_draft, find_naming, find_version, get_draft
from ideas.drafting.services import Typed, discard_draft, keep_draft, refuse_changed
from ideas.notifications.letters import base_url
from ideas.web.forms.drafts import given_in, read_seen, read_typed
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.limits import limiter
from ideas.web.pages import proposing
from ideas.web.pages.drafting import (
    draft_people_page,
    draft_versions_page,
    drafts_page,
    get_open_draft,
    published_url,
)
from ideas.web.pages.own_fields import CIRCUMSTANCES, sent_given, sent_names
from ideas.web.viewer import actor

bp = Blueprint("drafting", __name__, url_prefix="/me/drafts")

#: The fields of the form of a new idea that every draft keeps; what its board asks beside them comes along.
FIELDS = ("title", "body", "kind", "board", "tags", "draft", "seen")


@bp.before_request
def only_members() -> None:
    """Lead visitors to the sign-in page."""
    actor().require_member()


@bp.after_request
def keep_nowhere(response: Response) -> Response:
    """No cache may keep what is not published."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("")
def index() -> str:
    """Show what the member writes, and what they are asked to write along."""
    return render_template("corner/drafts.html", tab="drafts", page=drafts_page(actor()))


@bp.post("/keep")
def keep() -> AnyResponse:
    """Keep what stands in the form while it is typed; says in one line what became of it."""
    sent = typed(request.form, *FIELDS, *CIRCUMSTANCES, *sent_names(request.form))
    form = proposing.Draft(**{name: sent[name] for name in FIELDS}, given=sent_given(sent))
    try:
        with transaction():
            draft = keep_typed(form)
            number, is_shared = draft.number, draft.writer_count > 1
    except Conflict as refused:
        words = _("%(reason)s Press “Keep as draft” to see both texts.", reason=refused.message)
        return make_response(jsonify(words=words), 409)
    except Invalid as refused:
        return make_response(jsonify(words=" ".join(texts_of(refused).values())), 422)
    words = _("Kept; those who write along see it.") if is_shared else _("Kept as a draft that you alone see.")
    return jsonify(seen=number, words=words)


@bp.get("/<public_id>")
def show(public_id: str) -> AnyResponse:
    """Open a draft in the form; whoever is asked to write along is asked for their yes first."""
    found = find_draft(actor(), public_id)
    if found is None:
        return _ask_to_join(public_id)
    if found.published_at is not None:
        return go(published_url(actor(), found))
    draft = _taken_up(found, request.args.get("version", ""))
    return make_response(render_template("ideation/propose.html", page=proposing.propose_page(actor(), draft)))


@bp.get("/<public_id>/versions")
def versions(public_id: str) -> str:
    """Show what was kept, each version with what it changed."""
    limiter.count("comparing")
    return render_template("drafting/versions.html", page=draft_versions_page(actor(), public_id))


@bp.get("/<public_id>/people")
def people(public_id: str) -> str:
    """Show who writes a draft, and the link for those who are to."""
    return render_template("drafting/people.html", page=draft_people_page(actor(), public_id, link=_link(public_id)))


@bp.post("/<public_id>/people")
def name(public_id: str) -> AnyResponse:
    """Ask somebody to write along."""
    get_open_draft(actor(), public_id)
    sent = typed(request.form, "handle")
    try:
        member = _member(sent["handle"])
        with transaction():
            sharing.name_writer(actor(), get_draft(actor(), public_id, lock=True), member)
    except Invalid as refused:
        return _people_again(public_id, sent["handle"], texts_of(refused))
    flash(_("They are asked. They read nothing of it before they have said yes."))
    return go(url_for("drafting.people", public_id=public_id))


@bp.post("/<public_id>/people/back")
def take_name_back(public_id: str) -> AnyResponse:
    """Ask somebody no more."""
    get_open_draft(actor(), public_id)
    sent = typed(request.form, "handle")
    with transaction():
        member = get_member_by_handle(sent["handle"])
        sharing.take_name_back(get_draft(actor(), public_id, lock=True), member_id=member.id)
    flash(_("They are not asked any more."))
    return go(url_for("drafting.people", public_id=public_id))


@bp.post("/<public_id>/join")
def join(public_id: str) -> AnyResponse:
    """Say yes to writing along, or no."""
    sent = typed(request.form, "answer")
    if sent["answer"] not in {"yes", "no"}:
        raise Invalid({"answer": _("Say yes or no.")})
    with transaction():
        if sent["answer"] == "yes":
            sharing.join(actor(), public_id)
        else:
            sharing.decline(actor(), public_id)
    if sent["answer"] == "no":
        flash(_("You have said no. Nobody but those who write it knows that you were asked."))
        return go(url_for("drafting.index"))
    flash(_("You write along from now on."))
    return go(url_for("drafting.show", public_id=public_id))


@bp.post("/<public_id>/leave")
def leave(public_id: str) -> AnyResponse:
    """Write along no more."""
    typed(request.form)
    get_open_draft(actor(), public_id)
    with transaction():
        sharing.leave(actor(), get_draft(actor(), public_id, lock=True))
    flash(_("You have left the draft. It goes on without you, and you will not be named."))
    return go(url_for("drafting.index"))


@bp.get("/<public_id>/discard")
def ask_to_discard(public_id: str) -> str:
    """Ask whether the draft is to go."""
    draft = get_open_draft(actor(), public_id)
    require(can_discard(actor(), draft))
    return render_template("drafting/discard.html", draft=draft)


@bp.post("/<public_id>/discard")
def discard(public_id: str) -> AnyResponse:
    """Forget the draft."""
    typed(request.form)
    get_open_draft(actor(), public_id)
    with transaction():
        discard_draft(actor(), get_draft(actor(), public_id, lock=True))
    flash(_("The draft is gone."))
    return go(url_for("drafting.index"))


def unsent_name(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    return _people_again(public_id, request.form.get("handle", ""), {"": words})


def keep_typed(draft: proposing.Draft) -> Draft:
    """Keep what stands in the form in the transaction under way. Raises Conflict, Invalid as `keep_draft`."""
    return keep_draft(actor(), draft.draft, _words(draft), seen=read_seen(draft.seen))


def hold_unchanged(draft: proposing.Draft) -> Draft | None:
    """Return the draft that the form is kept in, held, where it may be published; None where nothing is kept.

    Raises Forbidden, Conflict, Invalid as `refuse_changed`.
    """
    kept = find_draft(actor(), draft.draft, lock=True)
    if kept is not None:
        refuse_changed(actor(), kept, _words(draft), seen=read_seen(draft.seen))
    return kept


def _words(draft: proposing.Draft) -> Typed:
    return read_typed(
        actor(),
        title=draft.title,
        body=draft.body,
        tags=draft.tags,
        kind=draft.kind,
        board=draft.board,
        given=draft.given,
    )


def _ask_to_join(public_id: str) -> AnyResponse:
    naming = find_naming(actor(), public_id)
    if naming is None:
        raise NotFound
    return make_response(render_template("drafting/join.html", naming=naming))


def _taken_up(found: Draft, version: str) -> proposing.Draft:
    """Return the form with the draft as it stands, or with the words of an earlier version of it."""
    slug = next((board.slug for board in list_boards(actor()) if board.id == found.board_id), "")
    draft = proposing.Draft(
        title=found.title,
        body=found.body,
        kind=found.kind,
        board=slug,
        tags=found.tags,
        draft=found.public_id,
        seen=str(found.number),
        given=given_in(found.answers),
    )
    if not version:
        return draft
    earlier = find_version(found, read_seen(version))
    if earlier is None:
        raise NotFound
    return replace(draft, title=earlier.title, body=earlier.body)


def _link(public_id: str) -> str:
    return base_url() + url_for("drafting.show", public_id=public_id)


def _member(handle: str) -> Member:
    try:
        return get_member_by_handle(handle.strip().removeprefix("@"))
    except NotFound:
        raise Invalid({"handle": _("Nobody here has this name. It is the short one after @.")}) from None


def _people_again(public_id: str, handle: str, errors: dict[str, str]) -> Response:
    page = draft_people_page(actor(), public_id, link=_link(public_id), handle=handle, errors=errors)
    return make_response(render_template("drafting/people.html", page=page), 422)
