"""Problems and fixes: proposing a fix, choosing one, saying whether it helped."""

from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.cocreation.confirming import confirm as confirm_problem
from ideas.cocreation.models import Verdict
from ideas.cocreation.services import choose_fix, unchoose_fix
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation import services
from ideas.ideation.models import Category, Idea
from ideas.ideation.policy import can_propose_fix
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import fragment_or_go, fragment_or_page, go
from ideas.web.once import made_once
from ideas.web.pages.cocreation import (
    ChoiceForm,
    ChoicePage,
    FixForm,
    fix_form,
    fixes_part,
    own_confirmations_part,
)
from ideas.web.viewer import actor

bp = Blueprint("cocreation", __name__)

#: What is said beside "fixed" or "not fixed".
WORDS = ("note", "version", "environment")


@bp.get("/ideas/<public_id>/fixes/new")
def propose_fix(public_id: str) -> str:
    """Show the form of a fix; a visitor is led to sign in first."""
    problem = get_idea(actor(), public_id)
    actor().require_member()
    require(can_propose_fix(actor(), problem))
    return render_template("cocreation/propose_fix.html", page=fix_form(problem))


@bp.post("/ideas/<public_id>/fixes/new")
def publish_fix(public_id: str) -> AnyResponse:
    """Publish a fix; refused input comes back as it was typed."""
    problem = get_idea(actor(), public_id)
    sent = typed(request.form, "title", "body", "workaround")
    form = FixForm(
        problem=problem,
        title=sent["title"],
        body=sent["body"],
        is_temporary=bool(sent["workaround"]),
        nonce=request.form.get("nonce", ""),
    )
    try:
        location = _publish(public_id, form)
    except Invalid as refused:
        page = replace(form, problem=get_idea(actor(), public_id), errors=texts_of(refused))
        return make_response(render_template("cocreation/propose_fix.html", page=page), 422)
    flash(_("Your fix is proposed. Everybody who follows the problem is told."))
    return go(location)


@bp.post("/ideas/<public_id>/choose")
def choose(public_id: str) -> AnyResponse:
    """Choose a fix, with words for everybody."""
    sent = typed(request.form, "note")
    try:
        with transaction():
            choose_fix(actor(), get_idea(actor(), public_id, lock=True), note=sent["note"])
    except Invalid as refused:
        form = ChoiceForm(public_id=public_id, is_chosen=False, typed=sent["note"], error=texts_of(refused)["note"])
        return _choose_again(form)
    return _chosen(public_id)


@bp.post("/ideas/<public_id>/choose/back")
def unchoose(public_id: str) -> AnyResponse:
    """Take the choice of a fix back, with a reason."""
    sent = typed(request.form, "reason")
    try:
        with transaction():
            unchoose_fix(actor(), get_idea(actor(), public_id, lock=True), reason=sent["reason"])
    except Invalid as refused:
        form = ChoiceForm(public_id=public_id, is_chosen=True, typed=sent["reason"], error=texts_of(refused)["reason"])
        return _choose_again(form)
    return _chosen(public_id)


@bp.post("/ideas/<public_id>/confirmations")
def confirm(public_id: str) -> AnyResponse:
    """Say whether a delivered problem is gone. What opens it again changes the whole page, so it is loaded anew."""
    sent = typed(request.form, "verdict", *WORDS)
    words = {name: sent[name] for name in WORDS}
    try:
        verdict = _read_verdict(sent["verdict"])
        with transaction():
            confirm_problem(actor(), get_idea(actor(), public_id, lock=True), verdict=verdict, **words)
    except Invalid as refused:
        part = own_confirmations_part(actor(), get_idea(actor(), public_id), typed=words, errors=texts_of(refused))
        if part is None or part.ask is None:
            raise
        return fragment_or_page("cocreation/_confirm.html", "cocreation/confirm.html", status=422, confirmations=part)
    location = url_for("ideation.show", public_id=public_id)
    problem = get_idea(actor(), public_id)
    if problem.category is not Category.DELIVERED:
        flash(_("Thank you. The problem is open again."))
        return go(location)
    part = own_confirmations_part(actor(), problem)
    if part is None:
        return go(location)
    return fragment_or_go("cocreation/_confirmed.html", location, confirmations=replace(part, is_beside=True))


def unsent_fix(words: str, *, public_id: str) -> Response:
    """Return the form of a fix as it was sent, with words about why it was not looked at."""
    page = FixForm(
        problem=get_idea(actor(), public_id),
        title=request.form.get("title", ""),
        body=request.form.get("body", ""),
        is_temporary=bool(request.form.get("workaround")),
        nonce=request.form.get("nonce", ""),
        errors={"": words},
    )
    return make_response(render_template("cocreation/propose_fix.html", page=page), 422)


def unsent_word(words: str, *, public_id: str) -> Response:
    """Return the question whether it is fixed with what was sent, and words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in WORDS}
    part = own_confirmations_part(actor(), get_idea(actor(), public_id), typed=sent, errors={"": words})
    if part is None or part.ask is None:
        raise NotFound
    return fragment_or_page("cocreation/_confirm.html", "cocreation/confirm.html", status=422, confirmations=part)


def _publish(public_id: str, form: FixForm) -> str:
    def make() -> str:
        problem = get_idea(actor(), public_id, lock=True)
        fix = services.propose_fix(actor(), problem, title=form.title, body=form.body, is_temporary=form.is_temporary)
        return url_for("ideation.show", public_id=public_id, _anchor=f"fix-{fix.public_id}")

    return made_once(actor(), form.nonce, make)


def _chosen(public_id: str) -> AnyResponse:
    fix, problem = _fix_and_problem(public_id)
    location = url_for("ideation.show", public_id=problem.public_id, _anchor=f"fix-{fix.public_id}")
    return fragment_or_go("cocreation/_fixes.html", location, fixes=fixes_part(actor(), problem), has_changed=True)


def _choose_again(form: ChoiceForm) -> Response:
    fix, problem = _fix_and_problem(form.public_id)
    alone = ChoicePage(
        fix=fix, problem_url=url_for("ideation.show", public_id=problem.public_id, _anchor="fixes"), form=form
    )
    fixes = fixes_part(actor(), problem, refused=form)
    return fragment_or_page("cocreation/_fixes.html", "cocreation/choose.html", status=422, fixes=fixes, choice=alone)


def _fix_and_problem(public_id: str) -> tuple[Idea, Idea]:
    fix = get_idea(actor(), public_id)
    if fix.problem_id is None:
        raise NotFound
    return fix, get_idea_by_id(actor(), fix.problem_id)


def _read_verdict(value: str) -> Verdict:
    try:
        return Verdict(value)
    except ValueError:
        raise Invalid({"verdict": _l("Choose whether it is fixed for you.")}) from None
