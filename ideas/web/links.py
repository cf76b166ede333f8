"""Links between ideas: reading them, making them, taking them away, and suggesting what others decide."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.ideation.links import get_link, link_ideas, unlink
from ideas.ideation.models import Idea, LinkKind
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.moderation.models import SuggestedKind
from ideas.moderation.suggesting import suggest
from ideas.search.grammar import QUERY_MAX
from ideas.web.forms.fields import typed
from ideas.web.forms.others import read_other
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import made_once
from ideas.web.pages.links import Typed, links_page, read_wanted
from ideas.web.viewer import actor

bp = Blueprint("links", __name__)

LINKED = _l("They are linked. It is shown on both.")
SUGGESTED = _l("Thank you. Whoever looks after the board decides, and you are told.")


@bp.get("/ideas/<public_id>/links")
def show(public_id: str) -> str:
    """Show how an idea stands to others; for members with what resembles it, or what they look for."""
    idea = get_idea(actor(), public_id)
    page = links_page(actor(), idea, query=_query())
    return render_template("links/show.html", page=page)


@bp.post("/ideas/<public_id>/links")
def link(public_id: str) -> AnyResponse:
    """Link the idea with another one. Who may only suggest it is refused; that they are the same is a suggestion."""
    form = _typed_about(public_id)
    # Authors link, but whether to merge is not theirs to decide.
    make, done = (_suggest, SUGGESTED) if form.kind == SuggestedKind.MERGE else (_link, LINKED)
    return _say(public_id, form, make, done)


@bp.post("/ideas/<public_id>/links/suggest")
def suggest_link(public_id: str) -> AnyResponse:
    """Suggest a link, or that two ideas are the same."""
    return _say(public_id, _typed_about(public_id), _suggest, SUGGESTED)


@bp.post("/ideas/<public_id>/links/remove")
def remove(public_id: str) -> AnyResponse:
    """Take a link away."""
    actor().require_member()
    get_idea(actor(), public_id)
    sent = typed(request.form, "link")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        found = get_link(actor(), idea, sent["link"])
        other = get_idea_by_id(actor(), found.to_id if found.from_id == idea.id else found.from_id)
        unlink(actor(), found, idea=idea, other=other)
    flash(_("The link is gone."))
    return go(url_for("links.show", public_id=public_id))


def unsent_link(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    return _again(public_id, _typed(), {"": words})


def _typed_about(public_id: str) -> Typed:
    """Return what a member typed on the page of an idea that exists for them."""
    actor().require_member()
    get_idea(actor(), public_id)
    return _typed()


def _typed() -> Typed:
    sent = typed(request.form, "other", "address", "kind", "text")
    return Typed(
        chosen=sent["other"],
        address=sent["address"],
        kind=sent["kind"],
        text=sent["text"],
        nonce=request.form.get("nonce", ""),
    )


def _say(public_id: str, form: Typed, make: Callable[[str, Typed], str], done: LazyString) -> AnyResponse:
    """Link or suggest, once, and lead on; what was refused comes back as it was typed."""
    try:
        location = made_once(actor(), form.nonce, lambda: make(public_id, form))
    except Invalid as refused:
        return _again(public_id, form, texts_of(refused))
    flash(str(done))
    return go(location)


def _link(public_id: str, form: Typed) -> str:
    kind = _read_kind(form)
    idea, other = _pair(public_id, form)
    link_ideas(actor(), idea, other, kind=LinkKind(kind.value))
    return url_for("links.show", public_id=public_id)


def _suggest(public_id: str, form: Typed) -> str:
    kind = _read_kind(form)
    idea, other = _pair(public_id, form)
    suggest(actor(), idea, other, wanted=kind, text=form.text)
    return url_for("ideation.show", public_id=public_id)


def _pair(public_id: str, form: Typed) -> tuple[Idea, Idea]:
    return get_idea(actor(), public_id), read_other(actor(), chosen=form.chosen, address=form.address)


def _read_kind(form: Typed) -> SuggestedKind:
    kind = read_wanted(form.kind)
    if kind is None:
        raise Invalid({"kind": _l("Choose one of the kinds.")})
    return kind


def _again(public_id: str, form: Typed, errors: Mapping[str, str]) -> Response:
    page = links_page(actor(), get_idea(actor(), public_id), query=_query(), typed=form, errors=errors)
    return make_response(render_template("links/show.html", page=page), 422)


def _query() -> str:
    return request.args.get("q", "")[:QUERY_MAX]
