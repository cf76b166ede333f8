"""What the page of work behind the pages needs: kinds and ages in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ideas.accounts.failed_work import Workload
from ideas.core.dead_letters import DeadLetter, Standing

#: A kind that has no words here is shown by its own name.
JOB_WORDS: Mapping[str, LazyString] = {
    "entering.tell": _l("Answers to who signs in or registers"),
    "mail.send": _l("Mails"),
    "notifications.fan_out": _l("Telling people"),
    "notifications.send": _l("Mails about the community"),
    "periodic.run": _l("What is done by the clock"),
    "privacy.make_file": _l("Files with somebody’s data"),
    "search.rebuild": _l("Building the search index"),
    "search.refresh": _l("Search index"),
    "webhooks.deliver": _l("Messages to other programs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """One kind of work, as it is drawn."""

    job: str
    name: LazyString | str
    waiting: int
    failed: int
    due_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRow:
    """One piece of work that failed, as it is drawn."""

    id: int
    name: LazyString | str
    put_at: datetime
    failed_at: datetime
    tries: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage:
    """The page."""

    standings: Sequence[StandingRow]
    #: For how long the oldest due work has waited, in words; empty where nothing waits for a worker.
    oldest: str
    #: Whether it has waited for so long that no worker seems to run.
    is_stuck: bool
    failed: Sequence[FailedRow]
    next_cursor: str | None


#: Workers look each second; what waits longer waits behind a lot, or for a worker that does not run.
STUCK = timedelta(minutes=5)


def work_page(load: Workload) -> WorkPage:
    """Return the page, ready to draw."""
    return WorkPage(
        standings=[_standing(one) for one in load.standings],
        oldest=_age(load.oldest_age) if load.oldest_age else "",
        is_stuck=load.oldest_age >= STUCK,
        failed=[_failed(one) for one in load.failed.items],
        next_cursor=load.failed.next_cursor,
    )


def _standing(one: Standing) -> StandingRow:
    name = JOB_WORDS.get(one.job, one.job)
    return StandingRow(job=one.job, name=name, waiting=one.waiting, failed=one.failed, due_since=one.due_since)


def _failed(one: DeadLetter) -> FailedRow:
    return FailedRow(
        id=one.id,
        name=JOB_WORDS.get(one.job, one.job),
        put_at=one.put_at,
        failed_at=one.failed_at,
        tries=one.tries,
        reason=one.reason or _("unknown"),
    )


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return str(_("less than a minute"))
    if minutes < 120:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    return str(ngettext("%(num)s hour", "%(num)s hours", minutes // 60))
