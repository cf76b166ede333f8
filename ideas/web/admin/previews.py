"""Looking at every mail with made-up content, in development only."""

from flask import Response, current_app, make_response, render_template

from ideas.core.errors import NotFound
from ideas.core.settings import Settings
from ideas.web.admin.door import bp
from ideas.web.pages.letters import Letter, find_letter, letter_names


@bp.get("/admin/mail/preview")
def previews() -> str:
    """List all mails."""
    _only_in_development()
    return render_template("admin/previews.html", names=letter_names())


@bp.get("/admin/mail/preview/<mail_name>")
def preview(mail_name: str) -> str:
    """Show one mail: its headers, wide and narrow, and its plain form."""
    return render_template("admin/preview.html", letter=_letter(mail_name))


@bp.get("/admin/mail/preview/<mail_name>/html")
def preview_html(mail_name: str) -> Response:
    """Show the mail as a mail program gets it, to be framed."""
    return make_response(_letter(mail_name).html)


def _letter(name: str) -> Letter:
    _only_in_development()
    found = find_letter(name)
    if found is None:
        raise NotFound
    return found


def _only_in_development() -> None:
    settings: Settings = current_app.extensions["settings"]
    if settings.is_production:
        raise NotFound
