"""Taking over a withdrawn idea, and whether its supporters still want it."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.cocreation.adopting import adopt_idea, can_adopt, find_adoption
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.policy import require
from ideas.ideation.queries import get_idea
from ideas.voting.adopting import answer_adoption, is_asked
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.pages.adopting import AdoptPage, StillWantedPage
from ideas.web.viewer import actor

bp = Blueprint("adopting", __name__)

#: What the two buttons of the question send.
ANSWERS = {"yes": True, "no": False}


@bp.get("/ideas/<public_id>/adopt")
def show(public_id: str) -> str:
    """Say what taking an idea over means, and ask why."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_adopt(actor(), idea))
    return render_template("adopting/adopt.html", page=AdoptPage(idea=idea))


@bp.post("/ideas/<public_id>/adopt")
def adopt(public_id: str) -> AnyResponse:
    """Take the idea over."""
    actor().require_member()
    sent = typed(request.form, "reason")
    try:
        with transaction():
            adopt_idea(actor(), get_idea(actor(), public_id, lock=True), reason=sent["reason"])
    except Invalid as refused:
        return _adopt_again(public_id, sent["reason"], texts_of(refused)["reason"])
    flash(_("It is yours now, and open again. Everybody who supported it is asked whether they still do."))
    return go(url_for("ideation.show", public_id=public_id))


@bp.get("/ideas/<public_id>/adopt/still-wanted")
def ask(public_id: str) -> AnyResponse:
    """Ask somebody who supported an idea before it was taken over; who is asked nothing is led to the idea."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    if not is_asked(actor(), idea):
        return go(url_for("ideation.show", public_id=public_id))
    page = StillWantedPage(idea=idea, view=find_adoption(idea))
    return make_response(render_template("adopting/still_wanted.html", page=page))


@bp.post("/ideas/<public_id>/adopt/still-wanted")
def answer(public_id: str) -> AnyResponse:
    """Let the support count again, or take it back."""
    actor().require_member()
    get_idea(actor(), public_id)
    sent = typed(request.form, "answer")
    if sent["answer"] not in ANSWERS:
        raise Invalid({"answer": _l("Choose yes or no.")})
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        was_asked = answer_adoption(actor(), idea, is_wanted=ANSWERS[sent["answer"]])
    if was_asked:
        flash(_("Your support counts again.") if ANSWERS[sent["answer"]] else _("Your support is taken back."))
    return go(url_for("ideation.show", public_id=public_id))


def unsent_adoption(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    return _adopt_again(public_id, request.form.get("reason", ""), words)


def _adopt_again(public_id: str, reason: str, error: str) -> Response:
    idea = get_idea(actor(), public_id)
    require(can_adopt(actor(), idea))
    page = AdoptPage(idea=idea, reason=reason, error=error)
    return make_response(render_template("adopting/adopt.html", page=page), 422)
