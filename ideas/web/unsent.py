"""Forms that were sent too fast: each comes back as it was sent, with words about how long to wait."""

from collections.abc import Callable, Mapping

from flask import make_response, render_template, request
from flask_wtf import FlaskForm
from werkzeug import Response as AnyResponse

from ideas.accounts.providers import list_open_providers
from ideas.web import (
    adopting,
    amendments,
    authors,
    cocreation,
    commenting,
    customers,
    drafting,
    ideation,
    invitations,
    links,
    merging,
    moderation,
    problems,
    splitting,
    voting,
)
from ideas.web.forms.sign_in import CodeForm, ForgotForm, RegisterForm, SignInForm
from ideas.web.signing_in import addresses, registering, setup

#: By endpoint: what draws its form again, called with the words and with the parts of the address.
UNSENT: Mapping[str, Callable[..., AnyResponse]] = {
    "addresses.ask": addresses.unsent_address,
    "amendments.accept_changed": amendments.unsent_change,
    "amendments.make_own": amendments.unsent_own,
    "amendments.propose": amendments.unsent_amendment,
    "amendments.write_anew": amendments.unsent_wording,
    "authors.ask": authors.unsent_invitation,
    "authors.invite": authors.unsent_invitation,
    "adopting.adopt": adopting.unsent_adoption,
    "cocreation.confirm": cocreation.unsent_word,
    "cocreation.publish_fix": cocreation.unsent_fix,
    "commenting.post": commenting.unsent_comment,
    "commenting.save": commenting.unsent_change,
    "customers.enter": customers.unsent_support,
    "customers.propose": customers.unsent_proposal,
    "drafting.name": drafting.unsent_name,
    "ideation.publish": ideation.unsent_idea,
    "ideation.save": ideation.unsent_revision,
    "invitations.invite": invitations.unsent_invitations,
    "links.link": links.unsent_link,
    "links.suggest_link": links.unsent_link,
    "merging.merge": merging.unsent_merge,
    "merging.undo": merging.unsent_undo,
    "moderation.report": moderation.unsent_report,
    "moderation.report_comment": moderation.unsent_report,
    "problems.say_how": problems.unsent_steps,
    "registering.open_account": registering.unsent_account,
    "setup.finish": setup.unsent_set_up,
    "splitting.split": splitting.unsent_cut,
    "voting.need": voting.unsent_need,
}

#: By endpoint: the form, its template and the name under which the template knows it.
SIGN_IN_FORMS: Mapping[str, tuple[Callable[[], FlaskForm], str, str]] = {
    "security.forgot_password": (ForgotForm, "security/forgot.html", "forgot_password_form"),
    "security.login": (SignInForm, "security/sign_in.html", "login_user_form"),
    "security.register": (RegisterForm, "security/register.html", "register_user_form"),
    "security.us_signin": (CodeForm, "security/code.html", "us_signin_form"),
    "security.us_signin_send_code": (CodeForm, "security/code.html", "us_signin_form"),
    "sign_in_link.send": (CodeForm, "security/code.html", "us_signin_form"),
}


def find_unsent(words: str) -> AnyResponse | None:
    """Return the form of the request under way with what was sent in it, or None where it has none of its own.

    Passwords and codes are not sent back. Raises DomainError where whoever asks may not see the form.
    """
    endpoint = request.endpoint or ""
    if endpoint in UNSENT:
        return UNSENT[endpoint](words, **(request.view_args or {}))
    if endpoint not in SIGN_IN_FORMS:
        return None
    kind, template, name = SIGN_IN_FORMS[endpoint]
    form = kind()
    form.form_errors = [words]
    return make_response(render_template(template, providers=list_open_providers(), **{name: form}))
