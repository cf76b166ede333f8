"""Reading the form of a new idea as a draft, and back: whatever stands there is kept, fit for publishing or not."""

from collections.abc import Mapping

from ideas.boards.fields import PREFIX
from ideas.boards.queries import list_boards
from ideas.core.policy import Actor
from ideas.drafting.services import UNSAVED, Typed
from ideas.ideation.intake import Given
from ideas.ideation.models import Kind


def read_typed(actor: Actor, *, title: str, body: str, tags: str, kind: str, board: str, given: Given) -> Typed:
    """Return what stands in the form; a board that the actor does not see counts as not chosen."""
    found = next((one for one in list_boards(actor) if one.slug == board), None)
    beside = {"since": given.since, "version": given.version, "environment": given.environment}
    own = {f"{PREFIX}{key}": text for key, text in given.answers.items()}
    return Typed(
        title=title,
        body=body,
        tags=tags,
        kind=Kind.PROBLEM if kind == Kind.PROBLEM else Kind.IDEA,
        board_id=found.id if found else None,
        answers={name: text for name, text in {**beside, **own}.items() if text},
    )


def given_in(answers: Mapping[str, str]) -> Given:
    """Return what was answered beside the text of a draft, as the form holds it."""
    return Given(
        since=answers.get("since", ""),
        version=answers.get("version", ""),
        environment=answers.get("environment", ""),
        answers={name.removeprefix(PREFIX): text for name, text in answers.items() if name.startswith(PREFIX)},
    )


def read_seen(value: str) -> int:
    """Return the number that the writer began from; what says nothing of the sort has seen none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else UNSAVED
