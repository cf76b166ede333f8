"""Feeds that anybody may read: of the site, a board or some of its ideas, a search, an idea.

What was drawn is kept for as long as nothing that it shows has changed. Its tag is a hash of it: the tag changes
exactly when a reader would be told something else, whatever process answers, and however often it was drawn anew.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_

from ideas.boards.queries import list_boards
from ideas.cocreation.queries import list_reopenings
from ideas.commenting.latest import list_latest_comments
from ideas.core import clock
from ideas.core.errors import Invalid
from ideas.core.memory import forgetful
from ideas.core.policy import VISITOR
from ideas.core.streams import Spot, spot_in
from ideas.ideation.latest import list_fresh
from ideas.ideation.listing import conditions
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import list_statuses
from ideas.responding.queries import list_given
from ideas.search.queries import RESULTS_MAX, index_state, search
from ideas.web import atom
from ideas.web.pages.board import Choice, filter_of, read_choice
from ideas.web.pages.feed_entries import (
    Placed,
    fresh_entry,
    given_entry,
    kind_word,
    reopened_entry,
    said_entry,
    whole,
    withdrawn_entry,
)
from ideas.web.pages.feed_places import BoardPlace, IdeaPlace, Place, board_place, idea_place, site_place
from ideas.web.pages.search import Asked, board_named, read_asked, wanted_of
from ideas.web.paths import path_to

#: Entries of one feed.
MOST = 50
#: Drawn feeds, some 50 KB each.
KEPT = 64
#: Moments are told to the second, and what was changed may be there only a little later.
SETTLED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A feed as it is sent."""

    body: bytes
    #: Changes exactly when the body does.
    tag: str
    #: At least as late as the last change of the body; None where that is not known.
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish(ABC):
    """All on which a drawn feed depends."""

    language: str
    after: Spot | None

    @property
    @abstractmethod
    def place(self) -> Place:
        """Of what it is."""

    @abstractmethod
    def feed(self) -> atom.Feed:
        """Put together what is wished for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWish(Wish):
    """What was proposed and answered everywhere."""

    place: Place

    def feed(self) -> atom.Feed:
        """Put together what is wished for."""
        return _feed(
            self,
            names=(),
            title=self.place.site_name,
            subtitle=self.place.tagline,
            path=path_to("feeds.site"),
            page=path_to("home.index"),
            # Answers are looked through from the newest on; said as for ideas, it would be idea by idea, all of them.
            placed=_happened(self, [Idea.is_listed.is_(True)], answered=[Idea.is_listed.is_not(False)]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWish(Wish):
    """What was proposed and answered on a board, of the ideas chosen."""

    place: BoardPlace
    choice: Choice

    def feed(self) -> atom.Feed:
        """Put together what is wished for."""
        place, params = self.place, self.choice.as_params()
        among = [Idea.board_id == place.id, Idea.is_listed.is_(True), *conditions(place.id, filter_of(self.choice))]
        return _feed(
            self,
            names=("board", place.id, *(f"{name}={value}" for name, value in params.items())),
            title=" · ".join([place.name, *_words_of(self.choice), place.site_name]),
            subtitle=place.purpose,
            path=path_to("feeds.board", slug=place.slug, **params),
            page=path_to("boards.show", slug=place.slug, **params),
            placed=_happened(self, among),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWish(Wish):
    """What was found, and its answers."""

    place: Place
    asked: Asked
    #: The state of the index that is asked.
    index: str

    def feed(self) -> atom.Feed:
        """Put together what is wished for. Raises NotFound (board), Invalid (status)."""
        asked, words = self.asked, self.asked.text.strip()
        boards = {board.id: board for board in list_boards(VISITOR)}
        wanted = wanted_of(asked, board_named(boards.values(), asked.board), list_statuses())
        found = search(VISITOR, asked.text, wanted=wanted, size=RESULTS_MAX, board_ids=boards)
        path = asked.feed_url()
        return _feed(
            self,
            names=(path,),
            title=" · ".join([_("Search: %(words)s", words=words), self.place.site_name]),
            subtitle="",
            path=path,
            page=asked.url(),
            placed=_happened(self, [Idea.id.in_([row.id for row in found.rows])]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaWish(Wish):
    """What happened to an idea."""

    place: IdeaPlace

    def feed(self) -> atom.Feed:
        """Put together what is wished for."""
        place = self.place
        return _feed(
            self,
            names=("idea", place.public_id),
            title=" · ".join([place.title, place.board_name, place.site_name]),
            subtitle=kind_word(place.kind),
            path=path_to("feeds.idea", public_id=place.public_id),
            page=path_to("ideation.show", public_id=place.public_id),
            placed=_of_idea(self, place),
        )


def site_feed(args: Mapping[str, str]) -> Drawn:
    """Return what was proposed and answered everywhere. Raises Invalid (cursor)."""
    return _answered(SiteWish(place=site_place(), language=_language(), after=spot_in(args)))


def board_feed(slug: str, args: Mapping[str, str]) -> Drawn:
    """Return what was proposed and answered on a board, of the ideas chosen as on its page; the order is the feed's.

    Raises NotFound, Invalid (filters, cursor).
    """
    place, choice = board_place(slug), replace(read_choice(args), order=Choice().order, after=None)
    return _answered(BoardWish(place=place, language=_language(), after=spot_in(args), choice=choice))


def search_feed(args: Mapping[str, str]) -> Drawn:
    """Return the ideas found as by the search page, and their answers, latest first.

    Raises NotFound (board), Invalid (no words, filters, cursor).
    """
    asked = replace(read_asked(args), offset=0)
    if not asked.text.strip():
        raise Invalid({"q": _("Say what to look for.")})
    wish = SearchWish(
        place=site_place(), language=_language(), after=spot_in(args), asked=asked, index=index_state()
    )  # fmt: skip
    # What the index finds depends on more than the boards: nobody knows when it began to find something else.
    return replace(_answered(wish), changed_at=None)


def idea_feed(public_id: str, args: Mapping[str, str]) -> Drawn:
    """Return what happened to an idea: answers, comments, fixes, reopenings. Raises NotFound, Invalid (cursor)."""
    return _answered(IdeaWish(place=idea_place(public_id), language=_language(), after=spot_in(args)))


def drawn(body: bytes, *, changed_at: datetime | None = None) -> Drawn:
    """Return a feed as it is sent. A change of a moment ago is not told as one: another may follow in its second."""
    settled = changed_at is not None and clock.now() - changed_at > SETTLED
    return Drawn(body, hashlib.sha256(body).hexdigest()[:32], changed_at if settled else None)


def _language() -> str:
    return str(get_locale())


def _answered(wish: Wish) -> Drawn:
    return drawn(_draw(wish), changed_at=wish.place.changed_at)


@forgetful
@lru_cache(maxsize=KEPT)
def _draw(wish: Wish) -> bytes:
    return atom.draw(wish.feed())


def _happened(
    wish: Wish, among: Sequence[ColumnElement[bool]], *, answered: Sequence[ColumnElement[bool]] | None = None
) -> list[Placed]:
    """Return what was proposed and answered among some ideas; of each kind one more than a feed holds.

    `answered`: the same conditions, put as suits the search for answers.
    """
    fresh = list_fresh(VISITOR, among=among, after=wish.after, most=MOST + 1)
    given = list_given(VISITOR, among=answered or among, after=wish.after, most=MOST + 1)
    return [*map(fresh_entry, fresh), *map(given_entry, given)]


def _of_idea(wish: Wish, place: IdeaPlace) -> list[Placed]:
    """Return what the page of the idea shows; of a withdrawn one only that it was withdrawn, and why."""
    if gone := withdrawn_entry(place):
        return [gone]
    fixes = and_(Idea.problem_id == place.id, Idea.withdrawn_at.is_(None))
    fresh = list_fresh(VISITOR, among=[or_(Idea.id == place.id, fixes)], after=wish.after, most=MOST + 1)
    given = list_given(VISITOR, among=[Idea.id == place.id], after=wish.after, most=MOST + 1)
    said = list_latest_comments(VISITOR, place.id, after=wish.after, most=MOST + 1)
    steps = list_reopenings(place.id) if place.kind is Kind.PROBLEM else []
    placed = [reopened_entry(place, step) for step in steps]
    return [
        *map(fresh_entry, fresh),
        *map(given_entry, given),
        *(said_entry(place, one) for one in said),
        *(one for one in placed if wish.after is None or one.spot < wish.after),
    ]


def _feed(
    wish: Wish, *, names: tuple[str | int, ...], title: str, subtitle: str, path: str, page: str, placed: list[Placed]
) -> atom.Feed:
    latest = sorted(placed, key=lambda one: one.spot, reverse=True)
    shown = latest[:MOST]
    return atom.Feed(
        id=atom.id_of(wish.place.site_id, *names),
        title=title,
        subtitle=subtitle,
        author=wish.place.site_name,
        language=wish.language,
        self_url=whole(_behind(path, wish.after)),
        page_url=whole(page),
        next_url=whole(_behind(path, shown[-1].spot)) if len(latest) > MOST else None,
        entries=[one.entry for one in shown],
    )


def _behind(path: str, after: Spot | None) -> str:
    """Return the address of the page of a feed behind a spot."""
    if after is None:
        return path
    return f"{path}{'&' if '?' in path else '?'}after={after.cursor}"


def _words_of(choice: Choice) -> list[str]:
    answered = {None: "", "yes": _("Answered"), "no": _("Waiting for an answer")}[choice.answered]
    kind = kind_word(choice.kind) if choice.kind else ""
    tag = f"#{choice.tag}" if choice.tag else ""
    return [word for word in (choice.status or "", kind, answered, tag) if word]
