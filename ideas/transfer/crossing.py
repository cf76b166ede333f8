"""What only several lines together can show: unknown references, ids given twice, threads too deep."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _

from ideas.accounts.models import Comparison as Compared
from ideas.accounts.rules import check_rule
from ideas.core.text import Refused
from ideas.transfer.groups import Organisation, Segment
from ideas.transfer.keys import Key, resolve
from ideas.transfer.records import (
    RECORD_TYPES,
    TYPE_WORDS,
    Board,
    Choice,
    Comment,
    Confirmation,
    Credit,
    Follow,
    Idea,
    Member,
    Response,
    Status,
    Support,
)
from ideas.transfer.rules import NAMESPACE_MARK, Rule
from ideas.transfer.shapes import Problem, Problems, plan_of
from ideas.transfer.ties import Link, Merge
from ideas.transfer.words import Category, CommentAudience, IdeaKind, LinkKind


class Crossings:
    """Remembers the keys of the records read so far; `source` is the namespace of the header."""

    def __init__(self, *, source: str | None) -> None:
        self._source = source or ""
        self._known: dict[str, dict[tuple[str, str], Any]] = {word: {} for word in RECORD_TYPES}
        self._taken: dict[type, set[Any]] = {cls: set() for cls in TYPE_WORDS}
        self._words: set[tuple[str, str]] = set()
        self._statuses: set[str] = set(Category)
        #: Where each idea stands merged, by its key.
        self._merged: dict[tuple[str, str], tuple[str, str]] = {}
        self._own: dict[type, Callable[[Any], Problems]] = {
            Status: self._add_status,
            Board: lambda board: self._once("slug", board.slug),
            Organisation: self._add_organisation,
            Member: self._add_member,
            Segment: self._judge_segment,
            Idea: self._judge_idea,
            Merge: self._judge_merge,
            Link: self._judge_link,
            Support: self._judge_support,
            Comment: self._judge_comment,
            Response: self._judge_response,
            Choice: self._judge_choice,
            Confirmation: self._judge_confirmation,
            Follow: lambda follow: self._once_per(follow, follow.idea, follow.member),
            Credit: lambda credit: self._once_per(credit, credit.idea, credit.member, (credit.kind,)),
        }

    def add(self, record: Any) -> Problems:
        """Return what is wrong with `record` beside the earlier ones, and remember it for the later ones.

        A faulty record is remembered too, so that it does not cast its shadow on every line that refers to it.
        """
        problems = [*self._dangling(record), *self._own[type(record)](record)]
        identifier = getattr(record, "external_id", None)
        if identifier is not None:
            problems.extend(self._remember(record, Key(record.source or self._source, identifier)))
        return problems

    def add_faulty(self, cls: type, values: dict[str, Any]) -> None:
        """Remember the id and slug of a record that could not be built, for the same reason."""
        identifier, source = values.get("external_id"), values.get("source") or self._source
        if isinstance(identifier, str) and isinstance(source, str):
            self._known[TYPE_WORDS[cls]].setdefault(Key(source, identifier), None)
        if cls is Status and isinstance(values.get("slug"), str):
            self._statuses.add(values["slug"])

    def _key(self, written: str) -> tuple[str, str]:
        # Most references are bare. A plain tuple equals the Key of the same parts and is made much faster.
        if NAMESPACE_MARK in written:
            return resolve(written, default_source=self._source)
        return self._source, written

    def _dangling(self, record: Any) -> Iterator[Problem]:
        for path, target, written in references_of(record):
            if self._key(written) not in self._known[target]:
                yield path, _("no earlier line holds the %(type)s “%(id)s”", type=target, id=written)

    def _remember(self, record: Any, key: Key) -> Problems:
        known = self._known[TYPE_WORDS[type(record)]]
        if key in known:
            return [("external_id", _("is already used by an earlier line"))]
        known[key] = self._remembered(record)
        return []

    def _remembered(self, record: Any) -> Any:
        if isinstance(record, Idea):
            return record.kind, self._key(record.board)
        if isinstance(record, Comment):
            return self._key(record.idea), record.parent is not None
        return True

    def _once(self, field: str, word: str) -> Problems:
        # One table for slugs, handles and addresses: the name of the field keeps them apart.
        if (field, word) in self._words:
            return [(field, _("is already used by an earlier line"))]
        self._words.add((field, word))
        return []

    def _once_per(self, record: Any, *references: Any) -> Problems:
        taken = self._taken[type(record)]
        mark = tuple(self._key(part) if isinstance(part, str) else part for part in references)
        if mark in taken:
            return [("", _("says again what an earlier line says"))]
        taken.add(mark)
        return []

    def _add_status(self, status: Status) -> Problems:
        problems = self._once("status slug", status.slug)
        self._statuses.add(status.slug)
        return [("slug", message) for _field, message in problems]

    def _add_organisation(self, organisation: Organisation) -> Problems:
        if ("organisation", organisation.name) in self._words:
            return [("name", _("is already used by an earlier line, or named by an earlier member"))]
        self._words.add(("organisation", organisation.name))
        return []

    def _judge_segment(self, segment: Segment) -> Problems:
        problems = [("slug", message) for _field, message in self._once("segment slug", segment.slug)]
        problems += [("name", message) for _field, message in self._once("segment name", segment.name)]
        for position, rule in enumerate(segment.rules):
            try:
                check_rule(rule.attribute, Compared(rule.comparison), rule.value)
            except Refused as refused:
                problems.append((f"rules[{position}]", refused.message))
        return problems

    def _judge_support(self, support: Support) -> Problems:
        problems = self._once_per(support, support.idea, support.member)
        if support.own and support.entered is None:
            problems.append(("own", _("belongs to a support with “entered” only")))
        return problems

    def _add_member(self, member: Member) -> Problems:
        problems: Problems = []
        if member.handle:
            problems += self._once("handle", member.handle.casefold())
        if member.email:
            problems += self._once("email", member.email.casefold())
        if member.organisation:
            self._words.add(("organisation", member.organisation))
        return problems

    def _judge_idea(self, idea: Idea) -> Problems:
        problems = self._unknown_status("status", idea.status)
        if idea.kind is not IdeaKind.FIX:
            if idea.problem is not None:
                problems.append(("problem", _("belongs to a fix only")))
            if idea.temporary:
                problems.append(("temporary", _("belongs to a fix only")))
            return problems
        if idea.problem is None:
            problems.append(("problem", _("is missing: a fix names its problem")))
        elif self._kind_of(idea.problem) not in (None, IdeaKind.PROBLEM):
            problems.append(("problem", _("must be of the kind “problem”")))
        elif self._board_of(idea.problem) not in (None, self._key(idea.board)):
            # Otherwise a fix could tell the public what stands on a board for staff.
            problems.append(("board", _("must be the board of the problem")))
        return problems

    def _judge_merge(self, merge: Merge) -> Problems:
        origin, target = self._key(merge.origin), self._key(merge.target)
        if origin == target:
            return [("target", _("is the idea itself"))]
        kinds = (self._kind_of(merge.origin), self._kind_of(merge.target))
        if None not in kinds and kinds[0] is not kinds[1]:
            return [("target", _("must be of the kind of the origin"))]
        if merge.undone is not None:
            return self._once_per(merge, merge.origin, merge.target, (merge.at,))
        if origin in self._merged:
            return [("origin", _("stands merged already by an earlier line"))]
        step: tuple[str, str] | None = target
        while step is not None and step != origin:
            step = self._merged.get(step)
        if step is not None:
            return [("target", _("stands merged beneath the origin itself"))]
        self._merged[origin] = target
        return self._once_per(merge, merge.origin, merge.target, (merge.at,))

    def _judge_link(self, link: Link) -> Problems:
        ends = [self._key(link.idea), self._key(link.other)]
        if ends[0] == ends[1]:
            return [("other", _("is the idea itself"))]
        if link.kind is LinkKind.RELATED:
            # Reads alike from both ends, so it is said once.
            ends.sort()
        return self._once_per(link, tuple(ends), (link.kind,))

    def _judge_comment(self, comment: Comment) -> Problems:
        if comment.official and comment.audience is CommentAudience.INTERNAL:
            return [("official", _("cannot be said of an internal comment"))]
        parent = None if comment.parent is None else self._known["comment"].get(self._key(comment.parent))
        if parent is None:
            return []
        idea, is_reply = parent
        if idea != self._key(comment.idea):
            return [("parent", _("belongs to another idea"))]
        if is_reply:
            return [("parent", _("is itself a reply; threads are two levels deep"))]
        return []

    def _judge_response(self, response: Response) -> Problems:
        problems: Problems = []
        if response.status_to is not None:
            problems += self._unknown_status("status_to", response.status_to)
        if response.status_from is not None:
            problems += self._unknown_status("status_from", response.status_from)
            if response.status_to is None:
                problems.append(("status_from", _("belongs to an answer with “status_to” only")))
        return problems

    def _judge_choice(self, chosen: Choice) -> Problems:
        if self._kind_of(chosen.fix) not in (None, IdeaKind.FIX):
            return [("fix", _("must be of the kind “fix”"))]
        return self._once_per(chosen, chosen.fix)

    def _judge_confirmation(self, said: Confirmation) -> Problems:
        if self._kind_of(said.idea) not in (None, IdeaKind.PROBLEM):
            return [("idea", _("must be of the kind “problem”"))]
        return self._once_per(said, said.idea, said.member)

    def _unknown_status(self, field: str, slug: str) -> Problems:
        if slug in self._statuses:
            return []
        return [(field, _("no earlier line holds the status “%(slug)s”", slug=slug))]

    def _kind_of(self, written: str) -> Any:
        remembered = self._known["idea"].get(self._key(written))
        return remembered and remembered[0]

    def _board_of(self, written: str) -> Any:
        remembered = self._known["idea"].get(self._key(written))
        return remembered and remembered[1]


def references_of(record: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (path, type of the target, reference) of a record and of the objects inside it, in their order."""
    cls: type = type(record)
    for name, rule in _referring(cls):
        value = getattr(record, name)
        if value is None:
            continue
        if rule.target:
            yield name, rule.target, value
            continue
        if not isinstance(value, tuple):
            for path, target, written in references_of(value):
                yield f"{name}.{path}", target, written
            continue
        for position, item in enumerate(value):
            for path, target, written in references_of(item):
                yield f"{name}[{position}].{path}", target, written


@cache
def _referring(cls: type) -> tuple[tuple[str, Rule], ...]:
    """Return the fields that refer to other records: directly, or through an object or a list of objects that do."""
    return tuple(
        (plan.name, plan.rule)
        for plan in plan_of(cls)
        if plan.rule.target or (plan.rule.nested and _referring(plan.rule.nested))
    )
