"""What happens to one idea of the demo community, as steps in time that call the real services."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.cli.demo.content import Entry
from ideas.cli.demo.stage import Stage, address_of
from ideas.cocreation.confirming import confirm
from ideas.cocreation.models import Verdict
from ideas.cocreation.services import choose_fix
from ideas.commenting.models import CommentAudience, ReactionKind
from ideas.commenting.services import post_comment, react
from ideas.core import clock
from ideas.core.db import session
from ideas.ideation.models import Idea, Kind
from ideas.ideation.provenance import check_heard
from ideas.ideation.services import edit_idea, enter_idea, propose_fix, publish_idea, withdraw_idea
from ideas.ideation.tagging import put_tags
from ideas.moderation.models import ReportReason
from ideas.moderation.services import hide_comment, lock_idea, report_comment, report_idea
from ideas.responding.models import DeclineReason, Response
from ideas.responding.services import assign, respond
from ideas.rewards.models import ContributionKind
from ideas.rewards.services import CreditLine, settle_credit
from ideas.voting.entering import enter_support
from ideas.voting.services import cast_support

#: Reactions carry no time: they follow the comment when a tenth of the time since then has passed.
REACTION_SHARE = 0.9
#: An idea goes onto somebody's desk a quarter of a day after it was published.
ASSIGNED_AFTER_DAYS = 0.25
CLOSING = frozenset({"delivered", "declined"})


@dataclass(frozen=True, slots=True)
class Step:
    """One act and when it happens."""

    days_ago: float
    act: Callable[[], object]


class Scene:
    """The steps of one idea."""

    def __init__(self, stage: Stage, entry: Entry) -> None:
        self._stage = stage
        self._entry = entry
        self._key: str = entry["key"]

    def steps(self) -> Iterator[Step]:
        """Yield the steps, in no order; those of one moment happen in the order given."""
        entry = self._entry
        yield Step(entry["days_ago"], self._publish)
        if "assignee" in entry:
            yield Step(entry["days_ago"] - ASSIGNED_AFTER_DAYS, self._assign)
        yield from self._supports()
        for revision in entry.get("revision", []):
            yield Step(revision["days_ago"], partial(self._edit, revision))
        for comment in entry.get("comment", []):
            yield from self._comment_steps(comment)
        for number, response in enumerate(entry.get("response", [])):
            yield Step(response["days_ago"], partial(self._respond, response, number))
        yield from self._rest()

    def _rest(self) -> Iterator[Step]:
        entry = self._entry
        if "chosen" in entry:
            yield Step(entry["chosen"]["days_ago"], self._choose)
        for said in entry.get("confirmation", []):
            yield Step(said["days_ago"], partial(self._confirm, said))
        if "credited" in entry:
            yield Step(entry["credited"]["days_ago"], self._settle)
        if "withdrawn" in entry:
            yield Step(entry["withdrawn"]["days_ago"], self._withdraw)
        if "locked" in entry:
            yield Step(entry["locked"]["days_ago"], self._lock)
        for report in entry.get("report", []):
            yield Step(report["days_ago"], partial(self._report, report))

    def _publish(self) -> None:
        stage, entry = self._stage, self._entry
        actor = stage.actor(entry["author"])
        words = {"title": entry["title"], "body": entry["body"]}
        kind = Kind(entry["kind"])
        if kind is Kind.FIX:
            problem = stage.idea(entry["problem"], actor)
            idea = propose_fix(actor, problem, **words, is_temporary=entry["temporary"])
            put_tags(idea, entry["tags"])
        elif "entered" in entry:
            entered = entry["entered"]
            idea = enter_idea(
                stage.actor(entered["by"]),
                session().get_one(Board, stage.boards[entry["board"]]),
                session().get_one(Member, stage.members[entry["author"]]),
                heard=check_heard(via=entered["via"], where=entered["where"]),
                kind=kind,
                **words,
                tags=entry["tags"],
            )
        else:
            board = session().get_one(Board, stage.boards[entry["board"]])
            idea = publish_idea(actor, board, kind=kind, **words, tags=entry["tags"])
        idea.public_id = address_of(f"idea {self._key}")
        self._carry(idea)
        stage.ideas[self._key] = idea.id

    def _carry(self, idea: Idea) -> None:
        session().flush()
        session().refresh(idea, ["support_count"])
        carried = self._entry.get("carried")
        if carried:
            idea.carried_count, idea.carried_source = carried["count"], carried["source"]
            idea.support_count += carried["count"]
            session().flush()

    def _assign(self) -> None:
        board = session().get_one(Board, self._stage.boards[self._entry["board"]])
        owner = next(key for key, row in self._stage.members.items() if row == board.owner_id)
        actor = self._stage.actor(owner)
        assign(actor, self._stage.idea(self._key, actor), assignee_id=self._stage.members[self._entry["assignee"]])

    def _supports(self) -> Iterator[Step]:
        keys = self._entry.get("supporters", [])
        for position, key in enumerate(keys):
            start = min(self._entry["days_ago"], self._stage.joined(key))
            days_ago = start - (start - self._end()) * (position + 1) / (len(keys) + 1)
            yield Step(days_ago, partial(self._support, {"member": key}))
        for support in self._entry.get("support", []):
            yield Step(support["days_ago"], partial(self._support, support))

    def _end(self) -> float:
        """Return how many days ago the idea was closed for the first time; 0 where it is open."""
        entry = self._entry
        ends = [each["days_ago"] for each in entry.get("response", []) if each.get("status_to") in CLOSING]
        ends += [entry[name]["days_ago"] for name in ("withdrawn", "chosen") if name in entry]
        return float(max(ends, default=0))

    def _support(self, entry: Entry) -> None:
        if "entered_by" in entry:
            self._enter_support(entry)
            return
        actor = self._stage.actor(entry["member"])
        told = {name: entry.get(name) for name in ("need", "strength", "version", "environment")}
        cast_support(actor, self._stage.idea(self._key, actor), **told)

    def _enter_support(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["entered_by"])
        enter_support(
            actor,
            self._stage.idea(self._key, actor),
            session().get_one(Member, self._stage.members[entry["member"]]),
            heard=check_heard(via=entry["via"], where=entry["where"]),
            need=entry.get("need"),
            strength=entry.get("strength"),
        )

    def _edit(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["author"])
        idea = self._stage.idea(self._key, actor)
        words = {"title": entry.get("title", idea.title), "body": entry.get("body", idea.body)}
        changes = entry.get("changes_meaning", False)
        edit_idea(actor, idea, **words, note=entry["note"], changes_meaning=changes, seen_revision=idea.revision_count)

    def _comment_steps(self, entry: Entry) -> Iterator[Step]:
        yield Step(entry["days_ago"], partial(self._comment, entry))
        for kind in ReactionKind:
            for key in entry.get(kind.value, []):
                yield Step(self._reacted(entry, key), partial(self._react, entry, kind, key))
        if "hidden_reason" in entry:
            yield Step(entry["hidden_days_ago"], partial(self._hide, entry))

    def _reacted(self, entry: Entry, key: str) -> float:
        """Return how many days ago a member reacted to a comment: before the thread was locked or credit settled."""
        joined, said = self._stage.joined(key), float(entry["days_ago"])
        ends = [float(self._entry[name]["days_ago"]) for name in ("locked", "credited") if name in self._entry]
        chances = [(said + end) / 2 for end in ends if end < said and joined > (said + end) / 2]
        return max([REACTION_SHARE * min(said, joined), *chances])

    def _comment(self, entry: Entry) -> None:
        stage = self._stage
        actor = stage.actor(entry["author"])
        comment = post_comment(
            actor,
            stage.idea(self._key, actor),
            body=entry["body"],
            parent=stage.comment(self._key, entry["parent"]) if "parent" in entry else None,
            audience=CommentAudience(entry.get("audience", CommentAudience.PUBLIC)),
            is_official=entry.get("official", False),
        )
        comment.public_id = address_of(f"comment {self._key} {entry['key']}")
        session().flush()
        stage.comments[self._key, entry["key"]] = comment.id

    def _react(self, entry: Entry, kind: ReactionKind, key: str) -> None:
        react(self._stage.actor(key), self._stage.comment(self._key, entry["key"]), kind=kind)

    def _hide(self, entry: Entry) -> None:
        comment = self._stage.comment(self._key, entry["key"])
        hide_comment(self._stage.actor(entry["hidden_by"]), comment, reason=entry["hidden_reason"])

    def _respond(self, entry: Entry, number: int) -> Response:
        actor = self._stage.actor(entry["author"])
        reason, days = entry.get("reason_kind"), entry.get("review_days")
        response = respond(
            actor,
            self._stage.idea(self._key, actor),
            body=entry["body"],
            status=self._stage.status(entry["status_to"]) if "status_to" in entry else None,
            decline_reason=DeclineReason(reason) if reason else None,
            would_change=entry.get("would_change"),
            review_on=(clock.now() + timedelta(days=days)).date() if days else None,
        )
        response.public_id = address_of(f"response {self._key} {number}")
        session().flush()
        return response

    def _choose(self) -> None:
        chosen = self._entry["chosen"]
        actor = self._stage.actor(chosen["by"])
        choose_fix(actor, self._stage.idea(self._key, actor), note=chosen["note"])

    def _confirm(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["member"])
        confirm(actor, self._stage.idea(self._key, actor), verdict=Verdict(entry["result"]), note=entry["note"])

    def _settle(self) -> None:
        actor = self._stage.actor(self._entry["credited"]["by"])
        lines = [
            CreditLine(
                self._stage.members[line["member"]], ContributionKind(line["kind"]), line["points"], line["note"]
            )
            for line in self._entry["credit"]
        ]
        settle_credit(actor, self._stage.idea(self._key, actor), lines=lines)

    def _withdraw(self) -> None:
        actor = self._stage.actor(self._entry["author"])
        withdraw_idea(actor, self._stage.idea(self._key, actor), reason=self._entry["withdrawn"]["reason"])

    def _lock(self) -> None:
        actor = self._stage.actor(self._entry["locked"]["by"])
        lock_idea(actor, self._stage.idea(self._key, actor), reason=self._entry["locked"]["reason"])

    def _report(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["reporter"])
        reason, text = ReportReason(entry["reason"]), entry["text"]
        if "comment" in entry:
            report_comment(actor, self._stage.comment(self._key, entry["comment"]), reason=reason, text=text)
        else:
            report_idea(actor, self._stage.idea(self._key, actor), reason=reason, text=text)
