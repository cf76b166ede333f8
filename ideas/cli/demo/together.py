"""What members of the demo community write together, merge and keep fixed, as steps that call the real services."""

from collections.abc import Iterator, Sequence
from functools import partial

from ideas.accounts.models import Member
from ideas.cli.demo.content import Entry
from ideas.cli.demo.scenes import Step
from ideas.cli.demo.stage import Stage, address_of
from ideas.cocreation.amending import propose_amendment, support
from ideas.cocreation.amendments import get_amendment_by_id
from ideas.cocreation.coauthors import accept, invite
from ideas.cocreation.deciding import accept_amendment, reject_amendment
from ideas.cocreation.models import Amendment
from ideas.cocreation.prevention import close_problem
from ideas.cocreation.reproducing import reproduce
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.ideation.links import link_ideas
from ideas.ideation.merging import merge_ideas
from ideas.ideation.models import Idea, LinkKind
from ideas.ideation.queries import get_idea_by_id

#: Supporters of an amendment say so one after the other, by this share of the time until it is decided.
_SPREAD = 0.6


class Together:
    """The steps of the file together.toml."""

    def __init__(self, stage: Stage, entries: dict[str, list[Entry]]) -> None:
        self._stage = stage
        self._entries = entries
        self._amendments: dict[str, int] = {}
        self._requests: dict[tuple[str, str], str] = {}

    def steps(self) -> Iterator[Step]:
        """Yield the steps, in no order."""
        for entry in self._entries["amendment"]:
            yield from self._amendment_steps(entry)
        for entry in self._entries["co_author"]:
            yield Step(entry["days_ago"], partial(self._invite, entry))
            if "accepted_days_ago" in entry:
                yield Step(entry["accepted_days_ago"], partial(self._say_yes, entry))
        for name, act in (
            ("merge", self._merge),
            ("link", self._link),
            ("reproduction", self._reproduce),
            ("closing", self._close),
        ):
            for entry in self._entries[name]:
                yield Step(entry["days_ago"], partial(act, entry))

    def _amendment_steps(self, entry: Entry) -> Iterator[Step]:
        yield Step(entry["days_ago"], partial(self._propose, entry))
        decided = entry.get("accepted") or entry.get("rejected") or {"days_ago": 0.0}
        keys: Sequence[str] = entry.get("supporters", [])
        time = (entry["days_ago"] - decided["days_ago"]) * _SPREAD
        for position, key in enumerate(keys):
            yield Step(entry["days_ago"] - time * (position + 1) / len(keys), partial(self._want, entry, key))
        if "accepted" in entry:
            yield Step(decided["days_ago"], partial(self._accept, entry))
        elif "rejected" in entry:
            yield Step(decided["days_ago"], partial(self._reject, entry))

    def _propose(self, entry: Entry) -> None:
        idea, actor = self._idea(entry["idea"], entry["author"])
        if entry["find"] not in idea.body:
            raise ValueError(f"amendment {entry['key']}: the text does not say “{entry['find']}”")
        amendment = propose_amendment(
            actor,
            idea,
            title=idea.title,
            body=idea.body.replace(entry["find"], entry["put"]),
            reason=entry["reason"],
            seen_revision=idea.revision_count,
        )
        amendment.public_id = address_of(f"amendment {entry['key']}")
        session().flush()
        self._amendments[entry["key"]] = amendment.id

    def _want(self, entry: Entry, key: str) -> None:
        support(self._stage.actor(key), self._amendment(entry, key))

    def _accept(self, entry: Entry) -> None:
        by = entry["accepted"]["by"]
        accept_amendment(self._stage.actor(by), self._amendment(entry, by), seen_wording=0, changes_meaning=False)

    def _reject(self, entry: Entry) -> None:
        said = entry["rejected"]
        actor = self._stage.actor(said["by"])
        reject_amendment(actor, self._amendment(entry, said["by"]), reason=said["reason"], seen_wording=0)

    def _amendment(self, entry: Entry, key: str) -> Amendment:
        return get_amendment_by_id(self._stage.actor(key), self._amendments[entry["key"]])

    def _invite(self, entry: Entry) -> None:
        idea, actor = self._idea(entry["idea"], entry["invited_by"])
        member = session().get_one(Member, self._stage.members[entry["member"]])
        request = invite(actor, idea, member, note=entry["note"])
        request.public_id = address_of(f"co-author {entry['idea']} {entry['member']}")
        session().flush()
        self._requests[entry["idea"], entry["member"]] = request.public_id

    def _say_yes(self, entry: Entry) -> None:
        idea, actor = self._idea(entry["idea"], entry["member"])
        accept(actor, idea, self._requests[entry["idea"], entry["member"]])

    def _merge(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["by"])
        origin, target = (get_idea_by_id(actor, self._stage.ideas[entry[end]]) for end in ("origin", "target"))
        merge = merge_ideas(actor, origin, target, reason=entry["reason"])
        merge.public_id = address_of(f"merge {entry['key']}")
        session().flush()

    def _link(self, entry: Entry) -> None:
        actor = self._stage.actor(entry["by"])
        ends = [get_idea_by_id(actor, self._stage.ideas[entry[end]]) for end in ("from", "to")]
        link = link_ideas(actor, ends[0], ends[1], kind=LinkKind(entry["kind"]))
        link.public_id = address_of(f"link {entry['from']} {entry['to']}")
        session().flush()

    def _reproduce(self, entry: Entry) -> None:
        problem, actor = self._idea(entry["problem"], entry["member"])
        told = {name: entry.get(name, "") for name in ("version", "environment")}
        found = reproduce(actor, problem, steps=entry["steps"], **told)
        found.public_id = address_of(f"reproduction {entry['problem']} {entry['member']}")
        session().flush()

    def _close(self, entry: Entry) -> None:
        problem, actor = self._idea(entry["problem"], entry["by"])
        prevention = close_problem(actor, problem, text=entry["text"], holds=True)
        prevention.public_id = address_of(f"prevention {entry['problem']}")
        session().flush()

    def _idea(self, key: str, member: str) -> tuple[Idea, Actor]:
        actor = self._stage.actor(member)
        return self._stage.idea(key, actor), actor
