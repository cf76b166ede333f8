"""The one table that answers "what happens when …?": events to handlers, job names to functions."""

from collections.abc import Mapping, Sequence

from ideas.core import mail
from ideas.core.events import Event, Handler
from ideas.core.outbox import Job

HANDLERS: Mapping[type[Event], Sequence[Handler]] = {}

JOBS: Mapping[str, Job] = {
    mail.JOB: Job(run=mail.send, inside=False),
}
