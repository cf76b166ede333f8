"""A small world of ideas that are merged, voted on, split and left, and a second way to count it: by plain sets.

Nothing of it is committed, so that an example costs little.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, select

from ideas.accounts.erasing import departure_of
from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.db import Base, abandon_writing, begin_writing, session
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.core.events import Event, Handler, connect
from ideas.core.policy import Actor
from ideas.following import erasing as following_erasing
from ideas.following import handlers as following
from ideas.ideation import erasing as ideation_erasing
from ideas.ideation.events import IdeaPublished, IdeasMerged, MergeUndone
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.splitting import Cut, split_idea
from ideas.voting import erasing as voting_erasing
from ideas.voting import handlers as voting
from ideas.voting.events import SupportCast, SupportTakenBack
from ideas.voting.merging import hold_voice_back, let_voice_through
from ideas.voting.models import MergeDecline, Support
from ideas.voting.services import cast_support, restore_support, set_support_aside, take_back_support
from ideas.wiring import HANDLERS
from tests.factories import make_admin, make_board, make_idea, make_member

#: Few of each, so that what is drawn by chance meets.
PEOPLE, IDEAS = 4, 4
BODY = "It would help all of us.\n\nAnd this is a second part."

#: What makes an idea what people see of it. The trend is a rounded sum and has a test of its own.
COMPARED = ("support", "follow", "co_author", "contribution_fact", "tally", "tag")
SEEN_OF_IDEA = (
    Idea.id,
    Idea.author_id,
    Idea.title,
    Idea.support_count,
    Idea.carried_count,
    Idea.comment_count,
    Idea.fix_count,
    Idea.origin_count,
    Idea.merged_into_id,
    Idea.is_listed,
    Idea.status_id,
)


@dataclass
class World:
    """People and ideas by number; they exist until the example ends."""

    keeper: Actor
    board: Board
    people: Sequence[Member]
    ideas: list[int]
    gone: set[int] = field(default_factory=set)

    def member(self, number: int) -> Member:
        """Return one of the people."""
        return self.people[number % len(self.people)]

    def idea(self, number: int) -> Idea:
        """Return one of the ideas as it stands, locked."""
        return get_idea_by_id(self.keeper, self.ideas[number % len(self.ideas)], lock=True)

    def merge(self, number: int, *, is_standing: bool = True) -> Merge | None:
        """Return one of the merges; None where there is none."""
        query = select(Merge).order_by(Merge.id).execution_options(populate_existing=True)
        found = session().scalars(query.where(Merge.undone_at.is_(None)) if is_standing else query).all()
        return found[number % len(found)] if found else None

    def number_of_merge(self, origin_id: int) -> int:
        """Return the number under which the standing merge of an idea is found."""
        standing = session().scalars(select(Merge.origin_id).where(Merge.undone_at.is_(None)).order_by(Merge.id))
        return standing.all().index(origin_id)


def make_world() -> World:
    """Return a new world, with one who follows everything by nothing but noise beside it."""
    board = make_board()
    people = [make_member() for _ in range(PEOPLE)]
    ideas = [make_idea(board, author=people[n % 2], body=BODY, tags=("shared",)).id for n in range(IDEAS)]
    make_idea(board, author=people[2])
    admin = make_admin()
    keeper = Actor(member_id=admin.id, is_staff=True, is_admin=True)
    return World(keeper=keeper, board=board, people=people, ideas=ideas)


#: What counts people. Telling others of it costs most of the time and changes none of the numbers.
COUNTING: Mapping[type[Event], Sequence[Handler]] = {
    IdeaPublished: (following.on_idea_published, voting.on_idea_published),
    IdeasMerged: (voting.on_ideas_merged,),
    MergeUndone: (voting.on_merge_undone,),
    SupportCast: (following.on_support_cast,),
    SupportTakenBack: (following.on_support_taken_back,),
}


@contextmanager
def only_counting() -> Iterator[None]:
    """Let events be heard by those alone who count, while the block runs."""
    connect(COUNTING)
    try:
        yield
    finally:
        connect(HANDLERS)


@contextmanager
def example(world: World) -> Iterator[World]:
    """Give the world for one example; what was done to it is undone at the end."""
    begin_writing()
    try:
        yield World(keeper=world.keeper, board=world.board, people=world.people, ideas=list(world.ideas))
    finally:
        abandon_writing()


def actor_of(member: Member) -> Actor:
    """Return the member as an actor without roles."""
    return Actor(member_id=member.id)


Step = Callable[[World, int, int], object]


def _merge(world: World, first: int, second: int) -> object:
    origin, target = world.idea(first), world.idea(second)
    return merge_ideas(world.keeper, origin, target, reason="They say the same.")


def _undo(world: World, first: int, _second: int) -> object:
    merge = world.merge(first)
    if merge is not None:
        undo_merge(world.keeper, merge, reason="They do not.")
    return merge


def _hold_back(world: World, first: int, second: int) -> object:
    merge = world.merge(second)
    return merge and hold_voice_back(actor_of(world.member(first)), merge)


def _let_through(world: World, first: int, second: int) -> object:
    merge = world.merge(second)
    return merge and let_voice_through(actor_of(world.member(first)), merge)


def _split(world: World, first: int, second: int) -> object:
    idea = world.idea(first)
    cut = Cut(
        title=f"A part of thing {second}", body="And this is a second part.", rest=idea.title, reason="It is two."
    )
    part = split_idea(world.keeper, idea, cut, seen_revision=idea.revision_count)
    world.ideas.append(part.id)
    return part


def _erase(world: World, first: int, second: int) -> object:
    member = world.member(first)
    if member.id in world.gone:
        return None
    world.gone.add(member.id)
    leaving = departure_of(member, keeps_content=bool(second % 2))
    for erase in (ideation_erasing.erase, voting_erasing.erase, following_erasing.erase):
        erase(leaving)
    session().expire_all()
    return member


def _living(step: Step) -> Step:
    """Return the step for those who have not left."""
    return lambda world, first, second: None if world.member(first).id in world.gone else step(world, first, second)


STEPS: Mapping[str, Step] = {
    "support": _living(lambda world, first, second: cast_support(actor_of(world.member(first)), world.idea(second))),
    "take back": _living(
        lambda world, first, second: take_back_support(actor_of(world.member(first)), world.idea(second))
    ),
    "merge": _merge,
    "undo": _undo,
    "hold back": _living(_hold_back),
    "let through": _living(_let_through),
    "set aside": lambda world, first, second: set_support_aside(
        world.keeper, world.idea(second), member_id=world.member(first).id
    ),
    "restore": lambda world, first, second: restore_support(
        world.keeper, world.idea(second), member_id=world.member(first).id
    ),
    "split": _split,
    "erase": _erase,
}


def take(world: World, step: str, first: int, second: int) -> bool:
    """Take one step. Returns whether it was allowed; a refused one has changed nothing."""
    inner = session().begin_nested()
    try:
        STEPS[step](world, first, second)
        session().flush()
        inner.commit()
    except (Conflict, Forbidden, Invalid):
        inner.rollback()
        return False
    return True


def counted_by_hand() -> Mapping[int, int]:
    """Return for each idea how many people it must show, counted from the rows without any of the program's queries."""
    edges = {row.origin_id: row for row in _rows(select(Merge.id, Merge.origin_id, Merge.target_id, Merge.undone_at))
             if row.undone_at is None}  # fmt: skip
    declined = {(row.merge_id, row.member_id) for row in _rows(select(MergeDecline.merge_id, MergeDecline.member_id))}
    people: dict[int, set[int]] = {row.id: set() for row in _rows(select(Idea.id))}
    numbers = dict.fromkeys(people, 0)
    for row in _rows(select(Support.idea_id, Support.member_id, Support.quarantined_at)):
        step: int | None = None if row.quarantined_at else row.idea_id
        while step is not None:
            people[step].add(row.member_id)
            edge = edges.get(step)
            step = None if edge is None or (edge.id, row.member_id) in declined else edge.target_id
    for row in _rows(select(Idea.id, Idea.carried_count)):
        step = row.id
        while step is not None:
            numbers[step] += row.carried_count
            step = edges[step].target_id if step in edges else None
    return {idea_id: len(people[idea_id]) + numbers[idea_id] for idea_id in people}


def shown() -> Mapping[int, int]:
    """Return for each idea how many people it shows."""
    return {row.id: row.support_count for row in _rows(select(Idea.id, Idea.support_count))}


def what_is_seen() -> Mapping[str, Sequence[Any]]:
    """Return what people see of all ideas: who wrote, supports and follows what, its numbers, who had which part."""
    tables: Mapping[str, Table] = Base.metadata.tables
    found = {name: _rows(select(tables[name]).order_by(*tables[name].primary_key)) for name in COMPARED}
    return {**found, "idea": _rows(select(*SEEN_OF_IDEA).order_by(Idea.id))}


def rows_of(idea_id: int) -> Sequence[Any]:
    """Return the supports of one idea, as they stand."""
    table: Table = Base.metadata.tables["support"]
    return _rows(select(table).where(table.c.idea_id == idea_id).order_by(table.c.id))


def _rows(query: Any) -> Sequence[Any]:
    session().flush()
    return session().connection().execute(query).all()
