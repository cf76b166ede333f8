"""Playing the demo community into an empty place: every act in its time, by the services that members use."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from flask_security import hash_password
from sqlalchemy import delete, exists, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Board, Role
from ideas.cli.demo.accounts import DEMO_PASSWORD
from ideas.cli.demo.content import read_content
from ideas.cli.demo.scenes import Scene, Step
from ideas.cli.demo.stage import Stage
from ideas.cli.demo.together import Together
from ideas.core import clock, mail
from ideas.core.db import session
from ideas.core.errors import Conflict, DomainError, Invalid
from ideas.core.outbox import OutboxRow
from ideas.ideation.models import Status
from ideas.notifications import recount as notifications
from ideas.notifications.jobs import SEND, fan_out
from ideas.notifications.models import Notification
from ideas.notifications.news import FAN_OUT
from ideas.voting.trends import set_trends

#: What members were told before that is read; the rest waits in their corner.
READ_AFTER = timedelta(days=10)


def is_empty() -> bool:
    """Tell whether nothing was ever put up here: no board, no member, no status."""
    return not session().scalar(
        select(exists(select(Board.id)) | exists(select(Member.id)) | exists(select(Status.id)))
    )


def load_demo(*, moment: datetime) -> None:
    """Play the community so that it stands at `moment`. The caller holds the transaction.

    The same moment gives the same community. Raises Conflict where the place is not empty.
    """
    if not is_empty():
        raise Conflict("The demo is loaded into an empty place only.")
    stage = Stage(content=read_content(), moment=moment, password_hash=hash_password(DEMO_PASSWORD))
    first = max(member["days_ago"] for member in stage.content.members)
    with clock.frozen(stage.at(first)):
        stage.prepare_site()
        stage.open_organisations()
    # Later steps are sorted behind earlier ones; steps of one moment keep the order in which they were told.
    for step in sorted(_steps(stage), key=lambda step: -step.days_ago):
        with clock.frozen(stage.at(step.days_ago)):
            _perform(step)
    set_trends(stage.ideas.values())
    calm_down(moment)


def _steps(stage: Stage) -> Iterator[Step]:
    for member in stage.content.members:
        yield Step(member["days_ago"], partial(stage.join, member))
    for board in stage.content.boards:
        yield Step(board["days_ago"], partial(stage.open_board, board))
        for role, keys in ((Role.PRODUCT_MANAGER, board["managers"]), (Role.MODERATOR, board["moderators"])):
            for key in keys:
                days_ago = min(board["days_ago"], stage.joined(key))
                yield Step(days_ago, partial(stage.grant, board["slug"], [key], role))
    for entry in stage.content.ideas:
        yield from Scene(stage, entry).steps()
    yield from Together(stage, stage.content.together).steps()


def _perform(step: Step) -> None:
    try:
        step.act()
    except DomainError as refused:
        reasons = refused.errors if isinstance(refused, Invalid) else refused.message
        raise DemoRefused(f"{step.days_ago} days ago: {reasons}") from refused
    _tell_members()


def _tell_members() -> None:
    """Do at once, in the time of the act, what a worker would do after it."""
    waiting = select(OutboxRow.id, OutboxRow.payload).where(OutboxRow.job == FAN_OUT).order_by(OutboxRow.id)
    rows = session().execute(waiting).all()
    for row in rows:
        fan_out(row.payload)
    if rows:
        session().execute(delete(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows])))


class DemoRefused(RuntimeError):
    """The services refused an act of the demo: its content does not fit the rules of the place."""


def calm_down(moment: datetime) -> None:
    """Send no mail about what was only played, and let members have read what is old by now."""
    session().execute(delete(OutboxRow).where(OutboxRow.job.in_([SEND, mail.JOB])))
    told = Notification.created_at < moment - READ_AFTER
    session().execute(update(Notification).where(told).values(read_at=Notification.created_at))
    session().execute(update(Notification).values(mailed_at=Notification.created_at))
    notifications.repair()
