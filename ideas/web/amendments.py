"""Amendments: proposing a change of a text, supporting it, deciding on it."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.cocreation import amending, deciding
from ideas.cocreation.amending import propose_amendment
from ideas.cocreation.amendment_policy import (
    can_amend,
    can_decide,
    can_make_own,
    can_remove,
    can_take_back,
    can_write_anew,
)
from ideas.cocreation.amendments import get_amendment, get_amendment_view
from ideas.cocreation.models import Amendment
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, get_idea_by_id
from ideas.web.forms.fields import typed
from ideas.web.forms.ideas import read_meaning, read_revision
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import fragment_or_go, go
from ideas.web.limits import limiter
from ideas.web.once import made_once
from ideas.web.pages.amending import (
    AskPage,
    WritePage,
    brought_together,
    change_page,
    new_page,
    own_page,
    redo_page,
    with_preview,
)
from ideas.web.pages.amendments import amendment_page, amendments_page, support_key
from ideas.web.viewer import actor

bp = Blueprint("amendments", __name__)

#: Draws a form again from what was sent in it and what was refused.
Draw = Callable[[dict[str, str], dict[str, str]], WritePage]

WORDS = ("title", "body", "reason", "seen_revision")


@bp.get("/ideas/<public_id>/amendments")
def index(public_id: str) -> str:
    """Show what waits for a decision, and what was decided on."""
    limiter.count("comparing")
    page = amendments_page(actor(), public_id, after=request.args.get("after"), decided=request.args.get("decided"))
    return render_template("amendments/index.html", page=page)


@bp.get("/ideas/<public_id>/amendments/new")
def new(public_id: str) -> str:
    """Show the form of a change; a visitor is led to sign in first."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_amend(actor(), idea))
    return render_template("amendments/write.html", page=new_page(idea))


@bp.post("/ideas/<public_id>/amendments/new")
def propose(public_id: str) -> AnyResponse:
    """Propose a change, or show what it changes; refused input comes back as it was typed."""
    actor().require_member()
    sent = typed(request.form, *WORDS, "action") | {"nonce": request.form.get("nonce", "")}
    idea = get_idea(actor(), public_id)
    require(can_amend(actor(), idea))
    if sent["action"] == "preview":
        return _write(with_preview(new_page(idea, sent)))
    return _tried(
        lambda: go(_propose(public_id, sent)),
        lambda kept, errors: new_page(get_idea(actor(), public_id), kept, errors=errors),
        sent,
    )


@bp.get("/amendments/<public_id>")
def show(public_id: str) -> str:
    """Show one amendment with its difference and its discussion."""
    page = amendment_page(actor(), public_id, order=request.args.get("order"), after=request.args.get("after"))
    return render_template("amendments/show.html", page=page)


@bp.post("/amendments/<public_id>/support")
def support(public_id: str) -> AnyResponse:
    """Want it to be accepted."""
    return _switched(public_id, amending.support)


@bp.post("/amendments/<public_id>/support/back")
def support_back(public_id: str) -> AnyResponse:
    """Want it no more."""
    return _switched(public_id, amending.take_support_back)


@bp.post("/amendments/<public_id>/accept")
def accept(public_id: str) -> AnyResponse:
    """Make it part of the text as it was proposed."""
    actor().require_member()
    sent = typed(request.form, "seen_wording", "changes_meaning")
    try:
        meaning, seen = read_meaning(sent["changes_meaning"]), _read_wording(sent)
        with transaction():
            amendment = get_amendment(actor(), public_id)
            deciding.accept_amendment(actor(), amendment, seen_wording=seen, changes_meaning=meaning)
    except Invalid as refused:
        return _show_again(public_id, 422, errors=texts_of(refused))
    except Conflict as refused:
        return _show_again(public_id, 409, refusal=str(refused.message))
    flash(_("It is part of the text now. Whoever proposed it is named with the version and asked to be a co-author."))
    return go(url_for("amendments.show", public_id=public_id))


@bp.get("/amendments/<public_id>/change")
def change(public_id: str) -> str:
    """Show the form in which authors change it before they accept it."""
    idea, amendment = _pair(public_id)
    require(can_decide(actor(), amendment, idea))
    return render_template("amendments/write.html", page=change_page(idea, amendment))


@bp.post("/amendments/<public_id>/change")
def accept_changed(public_id: str) -> AnyResponse:
    """Make what the authors made of it the text."""
    sent = typed(request.form, "title", "body", "changes_meaning", "seen_revision", "seen_wording", "action")
    idea, amendment = _pair(public_id)
    require(can_decide(actor(), amendment, idea))
    if sent["action"] == "preview":
        return _write(with_preview(change_page(idea, amendment, sent)))

    def take_in() -> AnyResponse:
        with transaction():
            deciding.accept_changed(
                actor(),
                get_amendment(actor(), public_id),
                title=sent["title"],
                body=sent["body"],
                seen_revision=read_revision(sent["seen_revision"]),
                seen_wording=_read_wording(sent),
                changes_meaning=read_meaning(sent["changes_meaning"]),
            )
        flash(_("It is part of the text now, with your changes."))
        return go(url_for("amendments.show", public_id=public_id))

    return _tried(take_in, lambda kept, errors: change_page(*_pair(public_id), kept, errors=errors), sent)


@bp.get("/amendments/<public_id>/reject")
def ask_to_reject(public_id: str) -> AnyResponse:
    """Ask for the reason."""
    idea, amendment = _pair(public_id)
    require(can_decide(actor(), amendment, idea))
    return _ask("reject", amendment)


@bp.post("/amendments/<public_id>/reject")
def reject(public_id: str) -> AnyResponse:
    """Say no, with a reason."""
    actor().require_member()
    sent = typed(request.form, "reason", "seen_wording")
    try:
        with transaction():
            amendment = get_amendment(actor(), public_id)
            deciding.reject_amendment(actor(), amendment, reason=sent["reason"], seen_wording=_read_wording(sent))
    except Invalid as refused:
        return _ask("reject", get_amendment(actor(), public_id), sent["reason"], texts_of(refused), status=422)
    except Conflict as refused:
        return _ask("reject", get_amendment(actor(), public_id), sent["reason"], {"": str(refused.message)}, status=409)
    flash(_("It is rejected. Whoever proposed it reads your reason."))
    return go(url_for("amendments.show", public_id=public_id))


@bp.get("/amendments/<public_id>/withdraw")
def ask_to_take_back(public_id: str) -> AnyResponse:
    """Ask whether to take it back."""
    _idea, amendment = _pair(public_id)
    require(can_take_back(actor(), amendment))
    return _ask("withdraw", amendment)


@bp.post("/amendments/<public_id>/withdraw")
def take_back(public_id: str) -> AnyResponse:
    """Take one's own amendment back."""
    actor().require_member()
    typed(request.form)
    with transaction():
        amending.take_back(actor(), get_amendment(actor(), public_id))
    flash(_("You have taken it back. It stays readable."))
    return go(url_for("amendments.show", public_id=public_id))


@bp.get("/amendments/<public_id>/remove")
def ask_to_remove(public_id: str) -> AnyResponse:
    """Ask for the reason."""
    idea, amendment = _pair(public_id)
    require(can_remove(actor(), amendment, idea))
    return _ask("remove", amendment)


@bp.post("/amendments/<public_id>/remove")
def remove(public_id: str) -> AnyResponse:
    """Take its words out of sight as a moderator."""
    actor().require_member()
    sent = typed(request.form, "reason")
    try:
        with transaction():
            deciding.remove_amendment(actor(), get_amendment(actor(), public_id), reason=sent["reason"])
    except Invalid as refused:
        return _ask("remove", get_amendment(actor(), public_id), sent["reason"], texts_of(refused), status=422)
    flash(_("Its words are out of sight. Whoever proposed it reads your reason."))
    return go(url_for("amendments.show", public_id=public_id))


@bp.get("/amendments/<public_id>/redo")
def redo(public_id: str) -> str:
    """Show the form in which one's own amendment is written anew."""
    idea, amendment = _pair(public_id)
    require(can_write_anew(actor(), amendment, idea))
    return render_template("amendments/write.html", page=redo_page(idea, amendment))


@bp.post("/amendments/<public_id>/redo")
def write_anew(public_id: str) -> AnyResponse:
    """Give one's own amendment another wording."""
    sent = typed(request.form, *WORDS, "seen_wording", "action")
    idea, amendment = _pair(public_id)
    require(can_write_anew(actor(), amendment, idea))
    if sent["action"] == "preview":
        return _write(with_preview(redo_page(idea, amendment, sent)))

    def store() -> AnyResponse:
        with transaction():
            amending.write_anew(
                actor(),
                get_amendment(actor(), public_id),
                title=sent["title"],
                body=sent["body"],
                reason=sent["reason"],
                seen_revision=read_revision(sent["seen_revision"]),
                seen_wording=_read_wording(sent),
            )
        flash(_("It is reworded."))
        return go(url_for("amendments.show", public_id=public_id))

    return _tried(store, lambda kept, errors: redo_page(*_pair(public_id), kept, errors=errors), sent)


@bp.get("/amendments/<public_id>/own-idea")
def own_idea(public_id: str) -> str:
    """Show the form in which what was rejected becomes an idea of its own."""
    idea, amendment = _pair(public_id)
    require(can_make_own(actor(), amendment, idea, _problem_of(idea)))
    return render_template("amendments/write.html", page=own_page(idea, amendment))


@bp.post("/amendments/<public_id>/own-idea")
def make_own(public_id: str) -> AnyResponse:
    """Publish what was rejected as an idea of its own."""
    actor().require_member()
    sent = typed(request.form, "title", "body") | {"nonce": request.form.get("nonce", "")}

    def make() -> str:
        made = amending.make_own(actor(), get_amendment(actor(), public_id), title=sent["title"], body=sent["body"])
        return url_for("ideation.show", public_id=made.public_id)

    try:
        location = made_once(actor(), sent["nonce"], make)
    except Invalid as refused:
        return _write(own_page(*_pair(public_id), sent, errors=texts_of(refused)), 422)
    flash(_("It is published, and linked with the one that you wanted to change."))
    return go(location)


def unsent_amendment(words: str, *, public_id: str) -> Response:
    """Return the form of a change as it was sent, with words about why it was not looked at."""
    idea = get_idea(actor(), public_id)
    require(can_amend(actor(), idea))
    sent = {name: request.form.get(name, "") for name in (*WORDS, "nonce")}
    return _write(new_page(idea, sent, errors={"": words} if words else {}), 422)


def unsent_wording(words: str, *, public_id: str) -> Response:
    """Return the form of a reworded amendment as it was sent, with words about why it was not looked at."""
    idea, amendment = _pair(public_id)
    require(can_write_anew(actor(), amendment, idea))
    sent = {name: request.form.get(name, "") for name in (*WORDS, "seen_wording")}
    return _write(redo_page(idea, amendment, sent, errors={"": words} if words else {}), 422)


def unsent_change(words: str, *, public_id: str) -> Response:
    """Return the form of a changed amendment as it was sent, with words about why it was not looked at."""
    idea, amendment = _pair(public_id)
    require(can_decide(actor(), amendment, idea))
    names = ("title", "body", "changes_meaning", "seen_revision", "seen_wording")
    sent = {name: request.form.get(name, "") for name in names}
    return _write(change_page(idea, amendment, sent, errors={"": words} if words else {}), 422)


def unsent_own(words: str, *, public_id: str) -> Response:
    """Return the form of an idea of its own as it was sent, with words about why it was not looked at."""
    idea, amendment = _pair(public_id)
    require(can_make_own(actor(), amendment, idea, _problem_of(idea)))
    sent = {name: request.form.get(name, "") for name in ("title", "body", "nonce")}
    return _write(own_page(idea, amendment, sent, errors={"": words} if words else {}), 422)


def _propose(public_id: str, sent: dict[str, str]) -> str:
    seen = read_revision(sent["seen_revision"])

    def make() -> str:
        amendment = propose_amendment(
            actor(),
            get_idea(actor(), public_id, lock=True),
            title=sent["title"],
            body=sent["body"],
            reason=sent["reason"],
            seen_revision=seen,
        )
        flash(_("Your change is proposed. Its authors are told; you are told what they decide."))
        return url_for("amendments.show", public_id=amendment.public_id)

    return made_once(actor(), sent["nonce"], make)


def _tried(act: Callable[[], AnyResponse], draw: Draw, sent: dict[str, str]) -> AnyResponse:
    """Act; where that is refused, draw the form again. What came in between is brought together with what was typed."""
    try:
        return act()
    except Invalid as refused:
        return _write(draw(sent, texts_of(refused)), 422)
    except Conflict as refused:
        # Without the number of the wording that was seen, the form takes the one that it shows now.
        page = draw(sent | {"seen_wording": ""}, {})
        seen = read_revision(sent["seen_revision"])
        return _write(brought_together(page, seen_revision=seen, notice=str(refused.message)), 409)


def _switched(public_id: str, verb: Callable[[Actor, Amendment], bool]) -> AnyResponse:
    typed(request.form)
    actor().require_member()
    with transaction():
        amendment = get_amendment(actor(), public_id)
        verb(actor(), amendment)
    idea, amendment = _pair(public_id)
    key = support_key(actor(), idea, get_amendment_view(actor(), idea, amendment))
    location = url_for("amendments.show", public_id=public_id)
    return fragment_or_go("amendments/_support.html", location, key=key)


def _show_again(
    public_id: str, status: int, *, errors: dict[str, str] | None = None, refusal: str | None = None
) -> Response:
    page = amendment_page(actor(), public_id, refusal=refusal, errors=errors)
    return make_response(render_template("amendments/show.html", page=page), status)


def _ask(
    act: str, amendment: Amendment, reason: str = "", errors: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    """Show the small form that asks before something is rejected, taken back or removed."""
    idea = get_idea_by_id(actor(), amendment.idea_id)
    page = AskPage(
        idea=idea,
        public_id=amendment.public_id,
        act=act,
        reason=reason,
        errors=errors or {},
        seen_wording=amendment.edit_count,
    )
    return make_response(render_template("amendments/ask.html", page=page), status)


def _write(page: WritePage, status: int = 200) -> Response:
    return make_response(render_template("amendments/write.html", page=page), status)


def _pair(public_id: str) -> tuple[Idea, Amendment]:
    """Return the idea and its amendment for whoever is signed in. Raises SignInNeeded, NotFound."""
    actor().require_member()
    amendment = get_amendment(actor(), public_id)
    return get_idea_by_id(actor(), amendment.idea_id), amendment


def _problem_of(idea: Idea) -> Idea | None:
    return get_idea_by_id(actor(), idea.problem_id) if idea.problem_id is not None else None


def _read_wording(sent: dict[str, str]) -> int:
    return read_revision(sent["seen_wording"])
