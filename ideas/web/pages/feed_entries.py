"""What happened, as entries of feeds: an idea is the same entry wherever it is told of."""

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from flask_babel import pgettext

from ideas.cocreation.queries import ReopeningView
from ideas.commenting.latest import SAID_RANK, Said
from ideas.core import markup
from ideas.core.streams import Spot
from ideas.ideation.latest import FRESH_RANK, Fresh
from ideas.ideation.models import Kind
from ideas.responding.queries import GIVEN_RANK, Given
from ideas.web.atom import Entry, id_of
from ideas.web.pages.feed_places import IdeaPlace
from ideas.web.pages.responding import answer_terms, answer_title
from ideas.web.paths import path_to

#: The rank of what reporters opened again where it stands among other things of the same moment.
STEP_RANK = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry, and where it stands in the order of its feed."""

    spot: Spot
    entry: Entry


def whole(path: str) -> str:
    """Return the whole address of a page, as the site is known to the world."""
    base: str = current_app.extensions["settings"].base_url
    return base.rstrip("/") + path


def written(template: str, **context: object) -> str:
    """Return a drawn template that needs nothing of what every page has: nobody looks, so nobody is asked for."""
    return str(current_app.jinja_env.get_template(template).render(context))


def kind_word(kind: Kind) -> str:
    """Return what an idea is, for people."""
    words: dict[Kind, str] = {
        Kind.IDEA: pgettext("kind", "Idea"),
        Kind.PROBLEM: pgettext("kind", "Problem"),
        Kind.FIX: pgettext("kind", "Fix"),
    }
    return words[kind]


def fresh_entry(fresh: Fresh) -> Placed:
    """Return a published idea."""
    url = whole(path_to("ideation.show", public_id=fresh.public_id))
    entry = Entry(
        id=id_of("idea", fresh.public_id),
        title=fresh.title,
        url=url,
        published=fresh.published_at,
        updated=fresh.edited_at or fresh.published_at,
        content=markup.absolute(fresh.body_html, base=url),
        author=fresh.author_name or _("Somebody"),
        categories=[(fresh.kind.value, kind_word(fresh.kind))],
    )
    return Placed(Spot(fresh.published_at, FRESH_RANK, fresh.id), entry)


def given_entry(given: Given) -> Placed:
    """Return an official answer."""
    answer = given.answer
    url = whole(path_to("ideation.show", public_id=given.idea_public_id, _anchor=f"r-{answer.public_id}"))
    text = written("feeds/_answer.html", html=markup.stored(answer.body_html), terms=answer_terms(answer))
    entry = Entry(
        id=id_of("response", answer.public_id),
        title=_("%(title)s: %(happened)s", title=given.idea_title, happened=answer_title(answer)),
        url=url,
        published=answer.created_at,
        updated=answer.created_at,
        content=markup.absolute(text, base=url),
        author=answer.author.name if answer.author else None,
        categories=[("response", _("Answer")), (answer.to_category.value, answer.to_name)],
    )
    return Placed(Spot(answer.created_at, GIVEN_RANK, answer.id), entry)


def said_entry(place: IdeaPlace, said: Said) -> Placed:
    """Return a comment on an idea."""
    url = whole(path_to("commenting.show", public_id=said.public_id))
    name = said.author_name or _("Somebody")
    entry = Entry(
        id=id_of("comment", said.public_id),
        title=_("%(who)s commented: %(title)s", who=name, title=place.title),
        url=url,
        published=said.created_at,
        updated=said.edited_at or said.created_at,
        content=markup.absolute(said.body_html, base=url),
        author=name,
        categories=[("comment", _("Official comment") if said.is_official else _("Comment"))],
    )
    return Placed(Spot(said.created_at, SAID_RANK, said.id), entry)


def reopened_entry(place: IdeaPlace, step: ReopeningView) -> Placed:
    """Return that a reporter opened a problem again; the place tells it without a name, as the page does."""
    url = whole(path_to("ideation.show", public_id=place.public_id, _anchor="answers"))
    entry = Entry(
        id=id_of(place.site_id, "step", step.change_id),
        title=_("Not fixed for somebody, so open again: %(title)s", title=place.title),
        url=url,
        published=step.reopened_at,
        updated=step.reopened_at,
        content=_words(step.note),
        categories=[("reopened", _("Reopened"))],
    )
    return Placed(Spot(step.reopened_at, STEP_RANK, step.change_id), entry)


def withdrawn_entry(place: IdeaPlace) -> Placed | None:
    """Return that an idea was withdrawn; None where it was not."""
    if place.withdrawn_at is None:
        return None
    entry = Entry(
        id=id_of("idea", place.public_id, "withdrawn"),
        title=_("Withdrawn by its author: %(title)s", title=place.title),
        url=whole(path_to("ideation.show", public_id=place.public_id)),
        published=place.withdrawn_at,
        updated=place.withdrawn_at,
        content=_words(place.withdrawn_reason or ""),
        categories=[("withdrawn", _("Withdrawn"))],
    )
    return Placed(Spot(place.withdrawn_at, STEP_RANK, place.id), entry)


def _words(words: str) -> str:
    return written("feeds/_words.html", words=words) if words else ""
