"""Mails that tell somebody that what they sign in with has changed."""

from flask import current_app, render_template
from flask_security import current_user

from ideas.core import mail


def tell_owner(subject: str, happened: str) -> None:
    """Queue a mail to whoever is signed in, in the transaction under way; without an address there is none."""
    if current_user.email is None:
        return
    words = {"base_url": current_app.extensions["settings"].base_url, "subject": subject, "happened": happened}
    text, html = (render_template(f"security/mail/factor.{form}", **words) for form in ("txt", "html"))
    mail.queue_mail(to=current_user.email, subject=subject, text=text, html=html)
