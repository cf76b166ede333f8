"""The first run: until somebody runs the place, nothing is shown but the set-up page, and that to one link only."""

from collections.abc import Mapping

from flask import Blueprint, Flask, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import hash_password
from flask_security.mail_util import EmailValidateException
from flask_security.utils import login_user
from werkzeug import Response

from ideas.accounts.audit import note
from ideas.accounts.models import Member, MemberKind
from ideas.accounts.services import create_member
from ideas.accounts.setting_up import has_admin, is_set_up_link, use_set_up_link
from ideas.boards.models import Hue, Registration
from ideas.boards.presets import PRESETS, BoardPreset, draft_of
from ideas.boards.registration import set_registration
from ideas.boards.services import describe_site, open_board
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.web import htmx
from ideas.web.admin.forms import chosen
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.admin import HUE_WORDS, REGISTRATION_WORDS, options

bp = Blueprint("setup", __name__)

FIELDS = ("your_name", "email", "password", "name", "hue", "registration", "domains", "board")
BLANK: Mapping[str, str] = {
    **dict.fromkeys(FIELDS, ""),
    "hue": Hue.PETROL,
    "registration": Registration.OPEN,
    "board": BoardPreset.PRODUCT,
}
#: Where the application remembers that it has an admin: the last one stays, so it need not be asked again.
KNOWN = "is_set_up"
#: Answered before set-up too.
ALWAYS = {"home.health", "setup.show", "setup.finish"}


def init_setup(app: Flask) -> None:
    """Let nobody in before the place is set up."""
    app.extensions[KNOWN] = False

    @app.before_request
    def wait_for_set_up() -> Response | None:
        if request.endpoint in ALWAYS or is_set_up():
            return None
        return not_set_up()


def is_set_up() -> bool:
    """Tell whether somebody runs the place; asks the database only until it is so."""
    if not current_app.extensions[KNOWN]:
        current_app.extensions[KNOWN] = has_admin()
    return bool(current_app.extensions[KNOWN])


def not_set_up() -> Response:
    """Return the page of a place that nobody runs yet. It tells nothing else."""
    response = make_response(render_template("setup/waiting.html"), 503)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/set-up/<token>")
def show(token: str) -> Response:
    """Show the set-up page; that uses nothing up."""
    _require_link(token)
    return _page(BLANK)


@bp.post("/set-up/<token>")
def finish(token: str) -> Response:
    """Set the place up, sign its admin in and lead to the first board."""
    _require_link(token)
    try:
        form = typed(request.form, *FIELDS)
    except Invalid as refused:
        return _page({**BLANK, **request.form.to_dict(), "password": ""}, errors=texts_of(refused))
    try:
        member, slug = _set_up(token, form)
    except Invalid as refused:
        return _page(form, errors=texts_of(refused))
    current_app.extensions[KNOWN] = True
    login_user(member, authn_via=["password"])
    flash(_("Your place is set up. This is its first board."))
    return _private(htmx.go(url_for("boards.show", slug=slug)))


def unsent_set_up(words: str, *, token: str) -> Response:
    """Return the form as it was sent, without the password, with words about why it was not looked at."""
    _require_link(token)
    sent = {name: request.form.get(name, "") for name in FIELDS}
    return _page({**BLANK, **sent, "password": ""}, errors={"": words})


def _require_link(token: str) -> None:
    """Raise NotFound unless the place waits to be set up and this is its link; nothing tells which is not so."""
    if is_set_up() or not is_set_up_link(token):
        raise NotFound


def _set_up(token: str, form: Mapping[str, str]) -> tuple[Member, str]:
    fields = Fields()
    hue = chosen(fields, "hue", form["hue"], Hue)
    registration = chosen(fields, "registration", form["registration"], Registration)
    preset = chosen(fields, "board", form["board"], BoardPreset)
    your_name = fields.line("your_name", form["your_name"], least=2, most=80)
    fields.line("name", form["name"], least=2, most=60)
    email = _address(fields, form["email"])
    password = _password(fields, form["password"], email=email, name=your_name)
    fields.done()
    # Hashing is slow on purpose: nobody waits for it behind the write lock.
    password_hash = hash_password(password)
    with transaction():
        use_set_up_link(token)
        member = _admin(name=your_name, email=email, password_hash=password_hash)
        actor = Actor(member_id=member.id, is_staff=True, is_admin=True)
        describe_site(actor, name=form["name"], tagline="", footer="", hue=hue)
        set_registration(actor, registration=registration, domains=form["domains"])
        board = open_board(actor, draft_of(preset, owner_id=member.id, hue=hue))
        note(actor, "site.set_up", member_id=member.id, after={"is_admin": True})
        slug = board.slug
    session().refresh(member)
    return member, slug


def _admin(*, name: str, email: str, password_hash: str) -> Member:
    datastore = current_app.extensions["security"].datastore
    if datastore.find_user(email=email) is not None:
        raise Invalid({"email": _l("Somebody here has this address already.")})
    member = create_member(name=name, email=email, kind=MemberKind.STAFF, is_admin=True, password_hash=password_hash)
    datastore.us_setup_email(member)
    session().flush()
    return member


def _address(fields: Fields, value: str) -> str:
    try:
        return str(current_app.extensions["security"].mail_util.validate(value.strip())).lower()
    except EmailValidateException as refused:
        fields.refuse("email", str(refused.msg))
        return ""


def _password(fields: Fields, value: str, **known: str) -> str:
    """Return the password, checked as at registration."""
    problems, password = current_app.extensions["security"].password_util.validate(value, True, **known)
    if problems:
        fields.refuse("password", str(problems[0]))
    return str(password)


def _page(form: Mapping[str, str], *, errors: Mapping[str, str] | None = None) -> Response:
    page = render_template(
        "setup/set_up.html",
        form=form,
        errors=errors or {},
        hues=list(HUE_WORDS.items()),
        registrations=options(REGISTRATION_WORDS),
        presets=[(preset, words.name, words.hint) for preset, words in PRESETS.items()],
    )
    return _private(make_response(page, 422 if errors else 200))


def _private(response: Response) -> Response:
    """Keep the page out of caches, and its address, which holds the token, out of what browsers tell others."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
