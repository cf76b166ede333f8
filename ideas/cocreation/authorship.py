"""Who wrote what of an idea's present text: its versions, and what of them came from amendments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from ideas.accounts.erasing import REMOVED
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.cocreation.rebasing import rebase, rebase_line
from ideas.core.db import session
from ideas.ideation.blame import Line, Step, blame, shares
from ideas.ideation.models import Revision


@dataclass(frozen=True, slots=True)
class Written:
    """The present text by lines, each with where its words are from."""

    title: Sequence[Line]
    body: Sequence[Line]

    @property
    def shares(self) -> dict[int | None, int]:
        """How many signs of title and text everybody wrote, most first; they sum to all of them."""
        return shares([*self.title, *self.body])


@dataclass(frozen=True, slots=True)
class _Text:
    title: str
    body: str


def written_by(idea_id: int) -> Written:
    """Return who wrote what of an idea's present text, in one query. Empty where there is no such idea.

    What an author changed of an amendment before letting it in is theirs; the rest of it is whose amendment it was.
    """
    rows = (
        session()
        .execute(
            select(
                Revision.number,
                Revision.title,
                Revision.body,
                Revision.author_id,
                Revision.accepted_by_id,
                Amendment.title.label("proposed_title"),
                Amendment.body.label("proposed_body"),
                Amendment.base_revision,
                Amendment.state,
            )
            .outerjoin(Amendment, Amendment.id == Revision.amendment_id)
            .where(Revision.idea_id == idea_id)
            .order_by(Revision.number)
        )
        .all()
    )
    titles, bodies = zip(*_steps(rows), strict=True) if rows else ((), ())
    return Written(title=blame(titles), body=blame(bodies))


def _steps(rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[tuple[Step, Step]]:
    """Give the steps of title and text; an amendment that an author changed is a step of its own before theirs.

    Where whoever proposed it has taken the words along, nobody can tell any more which of them the author changed.
    """
    texts = {row.number: _Text(row.title, row.body) for row in rows}
    for row in rows:
        author_id = row.author_id
        if row.state is AmendmentState.PARTLY and row.number - 1 in texts and row.proposed_body != REMOVED:
            proposed = _Text(row.proposed_title, row.proposed_body)
            base = texts.get(row.base_revision, texts[row.number - 1])
            yield _pair(row.number, _brought_on(base, proposed, texts[row.number - 1]), author_id)
            author_id = row.accepted_by_id
        yield _pair(row.number, texts[row.number], author_id)


def _brought_on(base: _Text, proposed: _Text, present: _Text) -> _Text:
    return _Text(
        rebase_line(base.title, proposed=proposed.title, present=present.title).text,
        rebase(base.body, proposed=proposed.body, present=present.body).text,
    )


def _pair(number: int, text: _Text, author_id: int | None) -> tuple[Step, Step]:
    return (
        Step(number=number, text=text.title, author_id=author_id),
        Step(number=number, text=text.body, author_id=author_id),
    )
