"""How mails about the community are drawn: from templates, in the language of whoever gets them, in both forms."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale

from ideas.boards.queries import load_frame

LANGUAGE = "en"
#: Programs that answer for people who are away leave these alone.
NO_ANSWERS = {"X-Auto-Response-Suppress": "All"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mail in both forms."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent: what `mail.send` reads."""

    payload: dict[str, Any]


def draw(template: str, *, language: str | None, **words: object) -> Drawn:
    """Return the mail drawn from `<template>.txt` and `<template>.html`; None: in the first language of the site."""
    with force_locale(language or LANGUAGE):
        text, html = (render_template(f"{template}.{form}", **words) for form in ("txt", "html"))
    return Drawn(text, html)


def base_url() -> str:
    """Return the address of the site, as links in mails begin."""
    return str(current_app.extensions["settings"].base_url)


def sender_name() -> str:
    """Return from whom mails say they are."""
    return load_frame(None).full_name
