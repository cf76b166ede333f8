"""What the page of a board needs: at most eight queries for a member, three where it has not changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import LazyString, get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from ideas.boards.models import Audience, Board, Degree
from ideas.boards.policy import Permission, may
from ideas.boards.queries import BoardView, get_board, get_board_state
from ideas.core import clock, markup
from ideas.core.errors import Invalid
from ideas.core.memory import forgetful
from ideas.core.policy import YES, Actor
from ideas.ideation.listing import Filter, Order, list_ideas
from ideas.ideation.models import Kind
from ideas.ideation.policy import can_propose
from ideas.ideation.queries import StatusCount, TagView, list_tags, status_counts
from ideas.voting.queries import supported_of
from ideas.web.cards import card
from ideas.web.pages.problems import StayFixedWords, staying_of
from ideas.web.pages.rows import row_views, with_support
from ideas.web.paths import path_to

#: Drawn pages of boards, about 60 KB each.
KEPT = 256

Facet = tuple[str, str, int | None, bool, tuple[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the address asks of a board."""

    order: Order = Order.TRENDING
    status: str | None = None
    kind: Kind | None = None
    tag: str | None = None
    answered: str | None = None
    after: str | None = None

    def as_params(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an address with some of them changed; a change drops the cursor."""
        now = {
            "order": None if self.order is Order.TRENDING else self.order.value,
            "status": self.status,
            "kind": self.kind.value if self.kind else None,
            "tag": self.tag,
            "answered": self.answered,
        }
        return {name: value for name, value in {**now, **changes}.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The page of a board: its parts drawn, and what the page says around them."""

    name: str
    hue: str
    head: Markup
    filters: Markup
    tools: Markup
    #: Of the ideas shown, in their order.
    ids: Sequence[int]
    #: All rows.
    cards: Markup
    #: Each row as it is drawn for whoever does not support the idea, and for whoever does (empty for visitors).
    plain_cards: Sequence[Markup]
    pressed_cards: Sequence[Markup]
    is_filtered: bool
    #: None for members whom the board's level does not admit.
    propose_url: str | None
    clear_url: str
    #: Where guests are invited, for whoever may.
    guests_url: str | None
    more_url: str | None
    #: Its feed; None where the board is not for everybody.
    feed_url: str | None
    total: int | None
    is_first: bool

    @property
    def count(self) -> int:
        """How many ideas are shown."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardHead:
    """What the head of a board says of it."""

    board: Board
    owner_name: str | None
    deputy_name: str | None
    degree_name: str
    degree_duty: str
    kept: str | None
    #: How many delivered problems stayed fixed; None where none was delivered within a year.
    staying: StayFixedWords | None
    propose_url: str | None
    #: Why nothing can be proposed; None where it can.
    closed_reason: LazyString | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All on which the drawn page of a board depends, apart from whose supports it shows."""

    board_id: int
    slug: str
    #: Grows with every change of what the board shows.
    version: int
    choice: Choice
    #: The rights of whoever looks, without the person.
    keeper: Actor
    is_member: bool
    language: str
    #: Ages and promises are told to the minute.
    minute: int


def read_choice(args: Mapping[str, str]) -> Choice:
    """Return the choice named by an address. Raises Invalid for an unknown order, kind or answer filter."""
    answered = args.get("answered") or None
    if answered not in {None, "yes", "no"}:
        raise Invalid({"answered": _("Choose yes or no.")})
    return Choice(
        order=_one_of(Order, "order", args.get("order")) or Order.TRENDING,
        status=args.get("status") or None,
        kind=_one_of(Kind, "kind", args.get("kind")),
        tag=args.get("tag") or None,
        answered=answered,
        after=args.get("after") or None,
    )


def board_page(actor: Actor, slug: str, choice: Choice) -> BoardPage:
    """Return the page of a board. Raises NotFound, Invalid (cursor).

    What many see alike is drawn once and kept for as long as the board has not changed.
    """
    state = get_board_state(actor, slug)
    asked = Asked(
        board_id=state.id,
        slug=slug,
        version=state.version,
        choice=choice,
        keeper=actor.standing,
        is_member=actor.is_member,
        language=str(get_locale()),
        minute=clock.minute(),
    )
    return _with_own_supports(actor, _drawn(asked))


def _with_own_supports(actor: Actor, page: BoardPage) -> BoardPage:
    supported = supported_of(actor, page.ids)
    if not any(supported.values()):
        return page
    drawn = zip(page.ids, page.plain_cards, page.pressed_cards, strict=True)
    return replace(page, cards=markup.joined(pressed if supported[one] else plain for one, plain, pressed in drawn))


@forgetful
@lru_cache(maxsize=KEPT)
def _drawn(asked: Asked) -> BoardPage:
    choice, slug = asked.choice, asked.slug
    view = get_board(asked.keeper, slug)
    board = view.board
    counts = status_counts(board.id)
    statuses = {count.status.id: count.status for count in counts}
    page = list_ideas(asked.keeper, board.id, order=choice.order, wanted=filter_of(choice), after=choice.after)
    tags = list_tags(board.id)
    rows = row_views(page.items, statuses=statuses, boards={board.id: board}, actor=asked.keeper, supported=frozenset())
    proposing = can_propose(asked.keeper, board) if asked.is_member else YES
    propose_url = path_to("ideation.propose", board=slug) if proposing else None
    chosen = _chosen(slug, choice, statuses.values(), tags)
    clear_url = path_to("boards.show", slug=slug)
    cards = [card(row, as_link=not asked.is_member) for row in rows]
    parts: Any = current_app.jinja_env.get_template("boards/_parts.html").module
    return BoardPage(
        name=board.name,
        hue=board.hue,
        head=parts.head(_head(view, propose_url, proposing.reason)),
        filters=parts.filters(_facets(slug, choice, counts, tags)),
        tools=parts.tools(slug, _orders(slug, choice), chosen, clear_url),
        ids=[row.id for row in rows],
        cards=markup.joined(cards),
        plain_cards=cards,
        pressed_cards=[card(with_support(row)) for row in rows] if asked.is_member else [],
        is_filtered=bool(chosen),
        propose_url=propose_url,
        clear_url=clear_url,
        guests_url=path_to("invitations.people", slug=slug) if may(asked.keeper, Permission.INVITE, board.id) else None,
        more_url=_url(slug, choice, after=page.next_cursor) if page.next_cursor else None,
        feed_url=feed_of(board, choice),
        total=_total(choice, counts),
        is_first=choice.after is None,
    )


def _head(view: BoardView, propose_url: str | None, closed_reason: LazyString | str | None) -> BoardHead:
    name, duty = degree_words(view.board.degree)
    return BoardHead(
        board=view.board,
        owner_name=view.owner_name,
        deputy_name=view.deputy_name,
        degree_name=name,
        degree_duty=duty,
        kept=_kept(view.board),
        staying=staying_of([view.board])[view.board.id],
        propose_url=propose_url,
        closed_reason=closed_reason,
    )


def filter_of(choice: Choice) -> Filter:
    """Return which ideas of a board the address asks for."""
    return Filter(
        status=choice.status,
        kind=choice.kind,
        tag=choice.tag,
        is_answered=None if choice.answered is None else choice.answered == "yes",
    )


def feed_of(board: Board, choice: Choice) -> str | None:
    """Return the address of the feed of the ideas chosen; None where the board is not for everybody."""
    if board.audience is not Audience.PUBLIC:
        return None
    return path_to("feeds.board", slug=board.slug, **choice.as_params(order=None))


def degree_words(degree: Degree) -> tuple[str, str]:
    """Return the name of a degree of collaboration and its duty in a few words."""
    return {
        Degree.INFORM: (_("Inform"), _("We tell you what we do")),
        Degree.CONSULT: (_("Consult"), _("You advise, we decide and say why")),
        Degree.CO_DESIGN: (_("Co-design"), _("You help write it, we decide")),
        Degree.DECIDE: (_("Decide"), _("You decide, we carry it out")),
    }[degree]


def order_words(order: Order) -> str:
    """Return the name of an order for people."""
    words: dict[Order, str] = {
        Order.TRENDING: _("Trending"),
        Order.SUPPORTED: _("Most supported"),
        Order.NEWEST: _("Newest"),
        Order.ANSWERED: _("Lately answered"),
        Order.RANDOM: _("Random"),
    }
    return words[order]


def _one_of(kind: Any, name: str, value: str | None) -> Any:
    if not value:
        return None
    try:
        return kind(value)
    except ValueError:
        raise Invalid({name: _("There is no such choice.")}) from None


def _kept(board: Board) -> str | None:
    if not board.answered_count:
        return None
    return str(
        ngettext(
            "Kept for %(kept)d of %(num)d idea",
            "Kept for %(kept)d of %(num)d ideas",
            board.answered_count,
            kept=board.in_time_count,
        )
    )


def _url(slug: str, choice: Choice, **changes: str | None) -> str:
    return path_to("boards.show", slug=slug, **choice.as_params(**changes))


def _orders(slug: str, choice: Choice) -> list[tuple[str, str, None, bool]]:
    return [
        (
            _url(slug, choice, order=None if order is Order.TRENDING else order.value),
            order_words(order),
            None,
            order is choice.order,
        )
        for order in Order
    ]


def _facets(
    slug: str, choice: Choice, counts: Sequence[StatusCount], tags: Sequence[TagView]
) -> list[tuple[str, Sequence[Facet]]]:
    everything = sum(count.ideas + count.problems for count in counts)
    statuses: list[Facet] = [(_url(slug, choice, status=None), _("All"), everything, choice.status is None, None)]
    statuses += [
        (
            _url(slug, choice, status=count.status.slug),
            count.status.name,
            count.ideas + count.problems,
            choice.status == count.status.slug,
            ("status", count.status.category.value),
        )
        for count in counts
    ]
    return [
        (_("Status"), statuses),
        (_("Kind"), _kinds(slug, choice, counts)),
        (_("Answer"), _answers(slug, choice)),
        (
            _("Tags"),
            [
                (_url(slug, choice, tag=tag.slug), tag.name, tag.idea_count, choice.tag == tag.slug, None)
                for tag in tags
            ],
        ),
    ]


def _kinds(slug: str, choice: Choice, counts: Sequence[StatusCount]) -> list[Facet]:
    ideas, problems = sum(count.ideas for count in counts), sum(count.problems for count in counts)
    return [
        (_url(slug, choice, kind="idea"), _("Ideas"), ideas, choice.kind is Kind.IDEA, ("kind", "idea")),
        (_url(slug, choice, kind="problem"), _("Problems"), problems, choice.kind is Kind.PROBLEM, ("kind", "problem")),
    ]


def _answers(slug: str, choice: Choice) -> list[Facet]:
    return [
        (_url(slug, choice, answered="yes"), _("Answered"), None, choice.answered == "yes", None),
        (_url(slug, choice, answered="no"), _("Waiting for an answer"), None, choice.answered == "no", None),
    ]


def _chosen(slug: str, choice: Choice, statuses: Any, tags: Sequence[TagView]) -> list[tuple[str, str]]:
    names = {status.slug: status.name for status in statuses}
    tag_names = {tag.slug: tag.name for tag in tags}
    found = []
    if choice.status:
        found.append((names.get(choice.status, choice.status), _url(slug, choice, status=None)))
    if choice.kind:
        kind = _("Ideas") if choice.kind is Kind.IDEA else _("Problems")
        found.append((kind, _url(slug, choice, kind=None)))
    if choice.answered:
        answered = _("Answered") if choice.answered == "yes" else _("Waiting for an answer")
        found.append((answered, _url(slug, choice, answered=None)))
    if choice.tag:
        found.append((f"#{tag_names.get(choice.tag, choice.tag)}", _url(slug, choice, tag=None)))
    return found


def _total(choice: Choice, counts: Sequence[StatusCount]) -> int | None:
    """Return how many ideas the list holds, where the stored counts tell."""
    if choice.tag or choice.answered or choice.order is Order.ANSWERED:
        return None
    chosen = [count for count in counts if choice.status in {None, count.status.slug}]
    if choice.kind is Kind.IDEA:
        return sum(count.ideas for count in chosen)
    if choice.kind is Kind.PROBLEM:
        return sum(count.problems for count in chosen)
    return sum(count.ideas + count.problems for count in chosen)
