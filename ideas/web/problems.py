"""Problems on their way: seeing one happen, closing it for good, saying whether it has come back."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.cocreation.policy import can_close, can_judge_recurrence, can_reproduce
from ideas.cocreation.prevention import close_problem
from ideas.cocreation.recurrence import get_recurrence, judge_recurrence
from ideas.cocreation.reproducing import remove_reproduction, reproduce, take_back_reproduction
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import earlier_outcome, keep_outcome
from ideas.web.pages.problems import close_page, judge_page, reproductions_page
from ideas.web.viewer import actor

bp = Blueprint("problems", __name__)

STEPS = ("steps", "version", "environment")
YES, NO = "yes", "no"


@bp.get("/ideas/<public_id>/reproductions")
def reproductions(public_id: str) -> str:
    """Show how people saw a problem happen, with the form of one's own."""
    return render_template("problems/reproductions.html", page=reproductions_page(actor(), _problem(public_id)))


@bp.post("/ideas/<public_id>/reproductions")
def say_how(public_id: str) -> AnyResponse:
    """Keep how one sees the problem happen."""
    problem = _problem(public_id)
    actor().require_member()
    require(can_reproduce(actor(), problem))
    sent = typed(request.form, *STEPS)
    location = url_for("problems.reproductions", public_id=public_id)
    try:
        with transaction():
            nonce = request.form.get("nonce", "")
            if earlier_outcome(actor(), nonce) is None:
                reproduce(actor(), get_idea(actor(), public_id, lock=True), **sent)
                keep_outcome(actor(), nonce, location)
    except Invalid as refused:
        return _reproductions_again(public_id, sent, texts_of(refused))
    flash(_("Thank you. Whoever looks for the cause can follow your steps."))
    return go(location)


@bp.post("/ideas/<public_id>/reproductions/back")
def take_back_steps(public_id: str) -> AnyResponse:
    """Take back how one saw it happen."""
    typed(request.form)
    with transaction():
        take_back_reproduction(actor(), _problem(public_id))
    return go(url_for("problems.reproductions", public_id=public_id))


@bp.post("/ideas/<public_id>/reproductions/remove")
def remove_steps(public_id: str) -> AnyResponse:
    """Remove what somebody else said, as one who keeps order."""
    sent = typed(request.form, "which")
    with transaction():
        remove_reproduction(actor(), _problem(public_id), public_id=sent["which"])
    flash(_("It is removed. That you did it is on record."))
    return go(url_for("problems.reproductions", public_id=public_id))


@bp.get("/ideas/<public_id>/close")
def ask_to_close(public_id: str) -> str:
    """Ask what keeps the problem from coming back."""
    problem = _problem(public_id)
    actor().require_member()
    require(can_close(actor(), problem))
    return render_template("problems/close.html", page=close_page(problem))


@bp.post("/ideas/<public_id>/close")
def close(public_id: str) -> AnyResponse:
    """Close the problem with what keeps it from coming back."""
    actor().require_member()
    require(can_close(actor(), _problem(public_id)))
    sent = typed(request.form, "prevention", "holds")
    holds = bool(sent["holds"])
    try:
        with transaction():
            close_problem(actor(), get_idea(actor(), public_id, lock=True), text=sent["prevention"], holds=holds)
    except Invalid as refused:
        page = close_page(_problem(public_id), text=sent["prevention"], holds=holds, errors=texts_of(refused))
        return make_response(render_template("problems/close.html", page=page), 422)
    flash(_("It is closed, and watched in case it comes back."))
    return go(url_for("ideation.show", public_id=public_id, _anchor="staying"))


@bp.route("/recurrences/<public_id>", methods=["GET", "POST"])
def judge(public_id: str) -> AnyResponse:
    """Say whether a new problem is a fixed one that has come back."""
    recurrence = get_recurrence(actor(), public_id)
    problem = get_idea_by_id(actor(), recurrence.problem_id)
    actor().require_member()
    require(can_judge_recurrence(actor(), problem))
    if request.method == "GET":
        return make_response(render_template("problems/judge.html", page=judge_page(problem, recurrence)))
    sent = typed(request.form, "answer", "note")
    try:
        has_come_back = _read_answer(sent["answer"])
        with transaction():
            pair = get_recurrence(actor(), public_id, lock=True)
            judge_recurrence(actor(), pair, has_come_back=has_come_back, note=sent["note"])
    except Invalid as refused:
        return _judge_again(public_id, sent["note"], texts_of(refused))
    flash(_("Your judgement is kept. It counts in the share of problems that stay fixed."))
    return go(url_for("ideation.show", public_id=problem.public_id, _anchor="staying"))


def unsent_steps(words: str, *, public_id: str) -> Response:
    """Return the form of a reproduction as it was sent, with words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in STEPS}
    return _reproductions_again(public_id, sent, {"": words})


def _problem(public_id: str) -> Idea:
    """Return the problem. Raises NotFound for what is not one, or not for the actor."""
    idea = get_idea(actor(), public_id)
    if idea.kind is not Kind.PROBLEM:
        raise NotFound
    return idea


def _reproductions_again(public_id: str, sent: dict[str, str], errors: dict[str, str]) -> Response:
    page = reproductions_page(actor(), _problem(public_id), typed=sent, errors=errors)
    return make_response(render_template("problems/reproductions.html", page=page), 422)


def _judge_again(public_id: str, note: str, errors: dict[str, str]) -> Response:
    recurrence = get_recurrence(actor(), public_id)
    problem = get_idea_by_id(actor(), recurrence.problem_id)
    page = judge_page(problem, recurrence, note=note, errors=errors)
    return make_response(render_template("problems/judge.html", page=page), 422)


def _read_answer(value: str) -> bool:
    if value not in {YES, NO}:
        raise Invalid({"answer": _l("Say whether it is the same problem.")})
    return value == YES
