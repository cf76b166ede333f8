"""Mails that tell somebody that what they sign in with has changed."""

from flask import render_template

from ideas.core import mail
from ideas.notifications.letters import sender_name


def tell_owner(subject: str, happened: str, *, email: str | None) -> None:
    """Queue a mail to the address in the transaction under way; without an address there is none."""
    if email is None:
        return
    words = {"subject": subject, "happened": happened}
    text, html = (render_template(f"security/mail/factor.{form}", **words) for form in ("txt", "html"))
    mail.queue_mail(to=email, subject=subject, text=text, html=html, sender_name=sender_name())
