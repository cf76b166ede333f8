"""Reporting content, the queue of reports, and the acts of moderators."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment
from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid, NotFound
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea
from ideas.ideation.policy import can_moderate
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.moderation import services
from ideas.moderation.hidden import list_hidden
from ideas.moderation.models import ModerationAction, Report, ReportReason
from ideas.moderation.policy import can_report
from ideas.moderation.queries import get_report, list_reported, may_decide_somewhere
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.moderation import (
    QueueItem,
    act_form,
    outcome_words,
    queue_item,
    queue_items,
    report_form,
)
from ideas.web.viewer import actor

bp = Blueprint("moderation", __name__)

#: What the two buttons of a report send.
VERDICTS: Mapping[str, bool] = {"uphold": True, "dismiss": False}

LANES = ("reports", "hidden")

Act = Callable[[Actor, Idea, Mapping[str, str]], object]

ACTS: Mapping[str, Act] = {
    ModerationAction.HIDE: lambda who, idea, form: services.hide_idea(who, idea, reason=form["reason"]),
    ModerationAction.RESTORE: lambda who, idea, form: services.restore_idea(who, idea, reason=form["reason"]),
    ModerationAction.LOCK: lambda who, idea, form: services.lock_idea(who, idea, reason=form["reason"]),
    ModerationAction.UNLOCK: lambda who, idea, form: services.unlock_idea(who, idea, reason=form["reason"]),
    ModerationAction.RETITLE: lambda who, idea, form: services.retitle_idea(
        who, idea, title=form["title"], reason=form["reason"]
    ),
    ModerationAction.TAG: lambda who, idea, form: services.tag_idea(
        who, idea, tags=form["tags"].split(","), reason=form["reason"]
    ),
}

COMMENT_ACTS: Mapping[str, Callable[..., object]] = {
    ModerationAction.HIDE: services.hide_comment,
    ModerationAction.RESTORE: services.restore_comment,
}


@bp.route("/ideas/<public_id>/report", methods=["GET", "POST"])
def report(public_id: str) -> Response:
    """Ask what is wrong with an idea, and file it."""
    idea = get_idea(actor(), public_id)
    return _report(idea, None)


@bp.route("/comments/<public_id>/report", methods=["GET", "POST"])
def report_comment(public_id: str) -> Response:
    """Ask what is wrong with a comment, and file it."""
    comment = get_comment(actor(), public_id)
    return _report(get_idea_by_id(actor(), comment.idea_id), comment)


@bp.get("/moderation")
def queue() -> Response:
    """Show what was reported on the boards the moderator keeps, longest waiting first; or what is hidden there."""
    actor().require_member()
    if not may_decide_somewhere(actor()):
        raise Forbidden(_l("This is for those who look after a board."))
    lane = request.args.get("lane", "reports")
    if lane not in LANES:
        raise NotFound
    if lane == "hidden":
        return _hidden_page()
    page = list_reported(actor(), after=request.args.get("after"))
    following = url_for("moderation.queue", after=page.next_cursor) if page.next_cursor else None
    return _queue_page(queue_items(page.items), following=following)


@bp.post("/moderation/reports/<public_id>")
def decide(public_id: str) -> Response:
    """Hide what was reported or leave it, with the moderator's reason. To others the report does not exist."""
    actor().require_member()
    reported = get_report(actor(), public_id)
    form = typed(request.form, "decision", "reason")
    try:
        uphold = _verdict(form["decision"])
        with transaction():
            services.decide_report(actor(), get_report(actor(), public_id), uphold=uphold, reason=form["reason"])
    except Invalid as refused:
        return _refused_decision(reported, form["reason"], refused)
    done = outcome_words(uphold=uphold)
    if not htmx.wants_fragment():
        flash(done)
    location = url_for("moderation.queue")
    return htmx.fragment_or_go("moderation/_decided.html", location, report_id=public_id, text=done)


@bp.route("/ideas/<public_id>/moderate", methods=["GET", "POST"])
def act(public_id: str) -> Response:
    """Show all acts on an idea, and carry one out."""
    idea = get_idea(actor(), public_id)
    _require_keeper(idea)
    if request.method == "GET":
        return _act_page(act_form=act_form(actor(), idea))
    form = typed(request.form, "action", "title", "tags", "reason")
    try:
        with transaction():
            _chosen(ACTS, form["action"])(actor(), get_idea(actor(), public_id, lock=True), form)
    except Invalid as refused:
        kept = act_form(actor(), get_idea(actor(), public_id), title=form["title"], tags=form["tags"])
        return _act_page(act_form=kept, reason=form["reason"], errors=texts_of(refused), status=422)
    flash(_("Done. Your reason is kept with it, and the author can read it."))
    return htmx.go(url_for("ideation.show", public_id=public_id))


@bp.route("/comments/<public_id>/moderate", methods=["GET", "POST"])
def act_on_comment(public_id: str) -> Response:
    """Show the acts on a comment, and carry one out."""
    comment = get_comment(actor(), public_id)
    idea = get_idea_by_id(actor(), comment.idea_id)
    _require_keeper(idea)
    if request.method == "GET":
        return _act_page(act_form=act_form(actor(), idea, comment))
    form = typed(request.form, "action", "reason")
    try:
        with transaction():
            _chosen(COMMENT_ACTS, form["action"])(actor(), get_comment(actor(), public_id), reason=form["reason"])
    except Invalid as refused:
        kept = act_form(actor(), get_idea_by_id(actor(), idea.id), get_comment(actor(), public_id))
        return _act_page(act_form=kept, reason=form["reason"], errors=texts_of(refused), status=422)
    flash(_("Done. Your reason is kept with it, and the author can read it."))
    return htmx.go(url_for("ideation.show", public_id=idea.public_id, _anchor=f"c-{public_id}"))


def _report(idea: Idea, comment: Comment | None) -> Response:
    actor().require_member()
    require(can_report(actor(), idea, comment))
    if request.method == "GET":
        return _report_page(idea, comment, {})
    form = typed(request.form, "reason", "text")
    try:
        is_new = _file(idea.public_id, comment.public_id if comment else None, form)
    except Invalid as refused:
        return _report_page(idea, comment, form, errors=texts_of(refused), status=422)
    if is_new:
        flash(_("Thank you. Somebody who looks after the board will read your report."))
    else:
        flash(_("You have reported this already. It was counted once."))
    anchor = f"c-{comment.public_id}" if comment else None
    return htmx.go(url_for("ideation.show", public_id=idea.public_id, _anchor=anchor))


def unsent_report(words: str, *, public_id: str) -> Response:
    """Return the form of a report as it was sent, with words about why it was not looked at."""
    comment = get_comment(actor(), public_id) if request.endpoint == "moderation.report_comment" else None
    idea = get_idea_by_id(actor(), comment.idea_id) if comment is not None else get_idea(actor(), public_id)
    sent = {name: request.form.get(name, "") for name in ("reason", "text")}
    return _report_page(idea, comment, sent, errors={"": words}, status=422)


def _file(idea_id: str, comment_id: str | None, form: Mapping[str, str]) -> bool:
    try:
        reason = ReportReason(form["reason"])
    except ValueError:
        raise Invalid({"reason": _l("Choose what is wrong.")}) from None
    with transaction():
        if comment_id is None:
            return services.report_idea(actor(), get_idea(actor(), idea_id), reason=reason, text=form["text"])
        return services.report_comment(actor(), get_comment(actor(), comment_id), reason=reason, text=form["text"])


def _report_page(
    idea: Idea,
    comment: Comment | None,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template("moderation/report.html", report=report_form(idea, comment), form=form, errors=errors or {})
    return make_response(page, status)


def _verdict(word: str) -> bool:
    if word not in VERDICTS:
        raise Invalid({"decision": _l("Choose whether to hide it or to leave it.")})
    return VERDICTS[word]


def _refused_decision(reported: Report, reason: str, refused: Invalid) -> Response:
    item = queue_item(actor(), reported, reason=reason, error=" ".join(texts_of(refused).values()))
    if item is None:
        raise refused
    if htmx.wants_fragment():
        return make_response(render_template("moderation/_item.html", item=item), 422)
    return _queue_page([item], is_whole=False, status=422)


def _hidden_page() -> Response:
    page = list_hidden(actor(), after=request.args.get("after"))
    following = url_for("moderation.queue", lane="hidden", after=page.next_cursor) if page.next_cursor else None
    return make_response(render_template("moderation/hidden.html", items=page.items, following=following))


def _queue_page(
    items: list[QueueItem], *, following: str | None = None, is_whole: bool = True, status: int = 200
) -> Response:
    page = render_template("moderation/queue.html", items=items, following=following, is_whole=is_whole)
    return make_response(page, status)


def _act_page(
    *, act_form: object, reason: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    return make_response(
        render_template("moderation/act.html", act=act_form, reason=reason, errors=errors or {}), status
    )


def _chosen(acts: Mapping[str, Callable[..., object]], word: str) -> Callable[..., object]:
    if word not in acts:
        raise Invalid({"action": _l("Choose what to do.")})
    return acts[word]


def _require_keeper(idea: Idea) -> None:
    actor().require_member()
    require(can_moderate(actor(), idea))
