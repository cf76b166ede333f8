"""The discussion of an idea: posting, replying, editing, reacting, and the addresses of comments."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug import Response as AnyResponse

from ideas.cocreation.amendments import get_amendment
from ideas.cocreation.models import Amendment
from ideas.commenting.models import Comment, CommentAudience, ReactionKind
from ideas.commenting.policy import can_edit, can_reply
from ideas.commenting.queries import count_about, get_comment, top_of
from ideas.commenting.services import edit_comment, post_comment, react, unreact
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome
from ideas.web.pages.comment_forms import (
    CommentForm,
    WritePage,
    edit_form,
    edit_page,
    new_form,
    new_page,
    reply_form,
    reply_page,
)
from ideas.web.pages.comment_versions import versions_page
from ideas.web.pages.commenting import (
    Discussed,
    item_around,
    place_of,
    reaction_part,
    replies_page,
    thread_around,
    thread_part,
)
from ideas.web.viewer import actor

bp = Blueprint("commenting", __name__)

FIELDS = ("body", "parent", "amendment", "internal", "official")


@bp.get("/ideas/<public_id>/comments")
def thread(public_id: str) -> AnyResponse:
    """Show a page of the thread alone to htmx; lead everybody else to the idea."""
    order, after = request.args.get("order"), request.args.get("after")
    idea = get_idea(actor(), public_id)
    amendment = _amendment_of(idea, request.args.get("amendment", ""))
    if not htmx.wants_fragment():
        discussed = Discussed(idea=public_id, amendment=amendment.public_id if amendment else None)
        return redirect(discussed.page(order=order, after=after), 303)
    part = thread_part(actor(), idea, order, after, amendment=amendment)
    return make_response(render_template("commenting/_thread.html", thread=part))


@bp.post("/ideas/<public_id>/comments")
def post(public_id: str) -> AnyResponse:
    """Add a comment, or a reply; a form sent twice leads to what the first sending made."""
    actor().require_member()
    try:
        sent = typed(request.form, *FIELDS)
        with transaction():
            made = _post(public_id, sent)
    except Invalid as refused:
        return _post_again(public_id, refused)
    if isinstance(made, str):
        return htmx.go(made)
    return _posted(made)


@bp.get("/comments/<public_id>")
def show(public_id: str) -> AnyResponse:
    """Lead to the place where a comment is read."""
    return redirect(place_of(actor(), get_comment(actor(), public_id)), 303)


@bp.get("/comments/<public_id>/reply")
def reply(public_id: str) -> AnyResponse:
    """Show the form for answering a comment."""
    actor().require_member()
    parent = get_comment(actor(), public_id)
    require(can_reply(actor(), parent, parent.idea))
    form = reply_form(actor(), parent, top_of(parent), is_inline=htmx.wants_fragment())
    return _write(form, reply_page(parent))


@bp.get("/comments/<public_id>/replies")
def replies(public_id: str) -> str:
    """Show one comment with a page of its replies."""
    page = replies_page(actor(), public_id, after=request.args.get("after"))
    return render_template("commenting/replies.html", page=page)


@bp.get("/comments/<public_id>/edit")
def edit(public_id: str) -> AnyResponse:
    """Show the form for changing a comment."""
    actor().require_member()
    comment = get_comment(actor(), public_id)
    require(can_edit(actor(), comment, comment.idea))
    form = edit_form(comment, top_of(comment), is_inline=htmx.wants_fragment())
    return _write(form, edit_page(comment))


@bp.post("/comments/<public_id>/edit")
def save(public_id: str) -> AnyResponse:
    """Store the changed text; where another change came in between, show both and keep what was typed."""
    actor().require_member()
    try:
        sent = typed(request.form, "body", "seen")
        with transaction():
            comment = get_comment(actor(), public_id)
            edit_comment(actor(), comment, body=sent["body"], seen=sent["seen"])
    except Invalid as refused:
        return _edit_again(public_id, texts_of(refused), 422)
    except Conflict as refused:
        return _edit_again(public_id, {"body": str(refused.message)}, 409)
    return _posted(get_comment(actor(), public_id))


@bp.get("/comments/<public_id>/versions")
def versions(public_id: str) -> str:
    """Show the texts a comment had."""
    page = versions_page(get_comment(actor(), public_id), after=request.args.get("after"))
    return render_template("commenting/versions.html", page=page)


@bp.post("/comments/<public_id>/reactions", endpoint="react")
def switch_reaction(public_id: str) -> AnyResponse:
    """React to a comment ("kind"), or take it back ("undo"); repeated, nothing more happens."""
    actor().require_member()
    sent = typed(request.form, "kind", "undo")
    kind = _read_kind(sent["undo"] or sent["kind"])
    with transaction():
        comment = get_comment(actor(), public_id)
        verb = unreact if sent["undo"] else react
        verb(actor(), comment, kind=kind)
    location = url_for("commenting.show", public_id=public_id)
    return htmx.fragment_or_go("commenting/_reaction.html", location, reaction=reaction_part(actor(), comment, kind))


def unsent_comment(words: str, *, public_id: str) -> Response:
    """Return the form of a comment as it was sent, with words about why it was not looked at."""
    return _post_again(public_id, Invalid({"body": words}))


def unsent_change(words: str, *, public_id: str) -> Response:
    """Return the form of a changed comment as it was sent, with words about why it was not looked at."""
    comment = get_comment(actor(), public_id)
    require(can_edit(actor(), comment, comment.idea))
    return _edit_again(public_id, {"body": words}, 422)


def _post(public_id: str, sent: dict[str, str]) -> Comment | str:
    """Return the new comment, or the address of what an earlier sending of the same form made."""
    nonce = request.form.get("nonce", "")
    idea = get_idea(actor(), public_id, lock=True)
    earlier = earlier_outcome(actor(), nonce)
    if earlier:
        return earlier
    amendment = _amendment_of(idea, sent["amendment"])
    comment = post_comment(
        actor(),
        idea,
        body=sent["body"],
        parent=get_comment(actor(), sent["parent"]) if sent["parent"] else None,
        amendment_id=amendment.id if amendment else None,
        audience=CommentAudience.INTERNAL if sent["internal"] else CommentAudience.PUBLIC,
        is_official=bool(sent["official"]),
    )
    keep_outcome(actor(), nonce, url_for("commenting.show", public_id=comment.public_id))
    return get_comment(actor(), comment.public_id)


def _posted(comment: Comment) -> AnyResponse:
    """Answer with the part of the thread that shows the comment, or lead to it."""
    if not htmx.wants_fragment():
        return redirect(url_for("commenting.show", public_id=comment.public_id), 303)
    if comment.parent_id is None and request.endpoint == "commenting.post":
        part = thread_around(actor(), comment.idea, comment)
        return _with_count(render_template("commenting/_thread.html", thread=part), comment)
    item = item_around(actor(), comment.idea, comment)
    if item is None:
        return htmx.go(place_of(actor(), comment))
    return _with_count(render_template("commenting/_comment.html", item=item), comment)


def _with_count(part: str, comment: Comment) -> Response:
    """Put the number of comments, which stands elsewhere in the page, beside the part that changed."""
    if comment.amendment_id is None:
        count = get_idea_by_id(actor(), comment.idea_id).comment_count
    else:
        count = count_about(comment.amendment_id)
    return make_response(part + render_template("commenting/_count.html", count=count, is_beside=True))


def _post_again(public_id: str, refused: Invalid) -> Response:
    """Show the form that was refused, with all that was typed."""
    sent = {name: request.form.get(name, "") for name in (*FIELDS, "nonce")}
    errors = texts_of(refused)
    if not sent["parent"]:
        idea = get_idea(actor(), public_id)
        amendment = sent["amendment"] or None
        form = new_form(actor(), idea, sent=sent, errors=errors, is_inline=htmx.wants_fragment(), amendment=amendment)
        return _write(form, new_page(idea), status=422)
    parent = get_comment(actor(), sent["parent"])
    form = reply_form(actor(), parent, top_of(parent), sent=sent, errors=errors, is_inline=htmx.wants_fragment())
    return _write(form, reply_page(parent), status=422)


def _edit_again(public_id: str, errors: dict[str, str], status: int) -> Response:
    comment = get_comment(actor(), public_id)
    body = request.form.get("body", "")
    # Refused for other reasons, it still begins where it began: what came in meanwhile was not seen.
    seen = None if status == 409 else request.form.get("seen", "")
    form = edit_form(comment, top_of(comment), body=body, errors=errors, seen=seen, is_inline=htmx.wants_fragment())
    return _write(form, edit_page(comment, shows_present=status == 409), status=status)


def _write(form: CommentForm, page: WritePage, *, status: int = 200) -> Response:
    """Answer with the form alone for htmx, else with a page of its own.

    A refused form stands where it stood, not where the new comment would have gone.
    """
    response = htmx.fragment_or_page(
        "commenting/_form.html", "commenting/write.html", status=status, form=form, writing=page
    )
    if status >= 400 and htmx.wants_fragment():
        response.headers.update({"HX-Retarget": f"#{form.id}", "HX-Reswap": "outerHTML"})
    return response


def _amendment_of(idea: Idea, public_id: str) -> Amendment | None:
    """Return the amendment that is discussed; None: the idea itself is. Raises NotFound for one of another idea."""
    if not public_id:
        return None
    amendment = get_amendment(actor(), public_id)
    if amendment.idea_id != idea.id:
        raise NotFound
    return amendment


def _read_kind(value: str) -> ReactionKind:
    try:
        return ReactionKind(value)
    except ValueError:
        raise Invalid({"kind": _("There is no such reaction.")}) from None
