"""What the page and the part about links between ideas need, and what is suggested about two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ideas.core.policy import Actor
from ideas.ideation.links import CHOSEN_KINDS, LinkView, links_of
from ideas.ideation.listing import IdeaRow
from ideas.ideation.merging import can_be_origin
from ideas.ideation.models import Category, Idea, Kind, LinkKind
from ideas.ideation.policy import can_moderate, can_split
from ideas.ideation.queries import is_author
from ideas.moderation.models import SUGGESTION_TEXT_MAX, SuggestedKind
from ideas.search.grammar import QUERY_MAX
from ideas.search.queries import search, similar
from ideas.voting.splitting import Question, open_questions
from ideas.web.once import new_nonce

#: On the page of an idea; the rest stands on its own page.
SHOWN = 5
CANDIDATES_MOST = 8

#: How a link reads from its first end, and from its second.
WORDS: Mapping[LinkKind, tuple[LazyString, LazyString]] = {
    LinkKind.RELATED: (_l("Related to"), _l("Related to")),
    LinkKind.PART_OF: (_l("Part of"), _l("Has as a part")),
    LinkKind.DEPENDS_ON: (_l("Depends on"), _l("Needed by")),
    LinkKind.DUPLICATES: (_l("Says the same as"), _l("Said again by")),
    LinkKind.SPLIT_FROM: (_l("Taken out of"), _l("Became an idea of its own")),
}

#: What can be said about this idea and another one.
CHOICES: Mapping[LinkKind, tuple[LazyString, LazyString]] = {
    LinkKind.RELATED: (_l("It is related to the other"), _l("Whoever reads one should know the other.")),
    LinkKind.PART_OF: (_l("It is part of the other"), _l("When the other is done, so is this.")),
    LinkKind.DEPENDS_ON: (_l("It depends on the other"), _l("The other has to be done first.")),
    LinkKind.DUPLICATES: (_l("It says the same as the other"), _l("Both stay; they are not counted together.")),
}
MERGE_CHOICE = (
    _l("They are the same: this one should be merged into the other"),
    _l("Whoever looks after the board decides. Everybody's support would count once, and nothing would be lost."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkItem:
    """One link as it reads from here."""

    words: LazyString
    url: str
    title: str
    kind: Kind
    board_name: str
    status_name: str
    category: Category
    support_count: int
    #: By which it is taken away; None where the reader may not.
    removable_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitQuestion:
    """What a supporter is asked about a part that was taken out."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksPart:
    """What the page of an idea shows of its links."""

    items: Sequence[LinkItem]
    #: All of them, and where more are made or suggested.
    count: int
    page_url: str
    questions: Sequence[SplitQuestion]

    @property
    def is_any(self) -> bool:
        """Whether there is anything to show or to ask."""
        return bool(self.items or self.questions)

    @property
    def more(self) -> int:
        """How many stand on their own page only."""
        return self.count - len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed on the page of links."""

    chosen: str = ""
    address: str = ""
    kind: str = ""
    text: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksPage:
    """The page of an idea's links, with the form for one more."""

    idea: Idea
    items: Sequence[LinkItem]
    #: Whether the reader may link, and not only suggest it.
    may_link: bool
    is_member: bool
    query: str
    candidates: Sequence[IdeaRow]
    kinds: Sequence[tuple[str, LazyString, LazyString]]
    typed: Typed
    #: For who may: where a part is taken out, and where the idea is merged into another.
    split_url: str | None
    merge_url: str | None
    errors: Mapping[str, str | LazyString] = field(default_factory=dict)
    query_max: int = QUERY_MAX
    text_max: int = SUGGESTION_TEXT_MAX


def links_part(actor: Actor, idea: Idea) -> LinksPart:
    """Return what the page of an idea shows of its links. One query; two more for members where it was split."""
    links = links_of(actor, idea)
    was_split = any(link.kind is LinkKind.SPLIT_FROM and not link.is_from_here for link in links)
    questions = open_questions(actor, idea) if was_split else []
    return LinksPart(
        items=[_item(link) for link in links[:SHOWN]],
        count=len(links),
        page_url=url_for("links.show", public_id=idea.public_id),
        questions=[_question(one) for one in questions],
    )


def links_page(
    actor: Actor,
    idea: Idea,
    *,
    query: str = "",
    typed: Typed | None = None,
    errors: Mapping[str, str | LazyString] | None = None,
) -> LinksPage:
    """Return the page of an idea's links; candidates are what was looked for, or else what resembles its title."""
    is_keeper = bool(can_moderate(actor, idea))
    may_link = is_keeper or is_author(actor, idea)
    links = links_of(actor, idea)
    linked = {link.other_id for link in links} | {idea.id}
    return LinksPage(
        idea=idea,
        items=[_item(link, may_remove=_may_remove(actor, link, is_keeper, may_link)) for link in links],
        may_link=may_link,
        is_member=actor.is_member,
        query=query,
        candidates=[row for row in _candidates(actor, idea, query) if row.id not in linked] if actor.is_member else [],
        kinds=_kinds(may_suggest_merge=not is_keeper),
        typed=typed or Typed(nonce=new_nonce()),
        split_url=url_for("splitting.show", public_id=idea.public_id) if can_split(actor, idea) else None,
        merge_url=url_for("merging.ask", public_id=idea.public_id) if is_keeper and can_be_origin(idea) else None,
        errors=errors or {},
    )


def read_wanted(kind: str) -> SuggestedKind | None:
    """Return what was chosen to be said about the two, or None where it is no choice."""
    return SuggestedKind(kind) if kind in list(SuggestedKind) else None


def _candidates(actor: Actor, idea: Idea, query: str) -> Sequence[IdeaRow]:
    if query.strip():
        return search(actor, query, size=CANDIDATES_MOST + 1).rows
    return similar(actor, idea.title, board_id=idea.board_id, most=CANDIDATES_MOST + 1)


def _kinds(*, may_suggest_merge: bool) -> Sequence[tuple[str, LazyString, LazyString]]:
    links = [(kind.value, *CHOICES[kind]) for kind in CHOSEN_KINDS]
    return [(SuggestedKind.MERGE.value, *MERGE_CHOICE), *links] if may_suggest_merge else links


def _may_remove(actor: Actor, link: LinkView, is_keeper: bool, is_own: bool) -> bool:  # noqa: FBT001 - two answers
    if link.kind is LinkKind.SPLIT_FROM or not actor.is_member:
        return False
    return is_keeper or (is_own and link.is_from_here) or link.actor_id == actor.member_id


def _item(link: LinkView, *, may_remove: bool = False) -> LinkItem:
    first, second = WORDS[link.kind]
    return LinkItem(
        words=first if link.is_from_here else second,
        url=url_for("ideation.show", public_id=link.other_public_id),
        title=link.other_title,
        kind=link.other_kind,
        board_name=link.other_board_name,
        status_name=link.status_name,
        category=link.category,
        support_count=link.support_count,
        removable_id=link.public_id if may_remove else None,
    )


def _question(question: Question) -> SplitQuestion:
    return SplitQuestion(
        url=url_for("splitting.ask", public_id=question.part_public_id),
        title=question.part_title,
    )
