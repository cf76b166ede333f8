"""A person with a word of their own in every column that is theirs, in all tables."""

from itertools import count
from typing import Any

from flask_security import AsaList
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Enum,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)

from ideas.accounts.models import Member
from ideas.attachments.models import new_key
from ideas.cocreation.joining import RequestState
from ideas.core import clock
from ideas.core.columns import UtcDateTime
from ideas.core.db import db, session, transaction
from ideas.core.storage import store
from ideas.privacy.marks import What
from ideas.privacy.registry import REGISTRY
from ideas.rewards.models import ISSUED_ID, Account, AccountKind
from tests.factories import make_board, make_comment, make_idea, make_member
from tests.factories.people import make_staff

_number = count(10_000)
#: Where a check of the table asks for more than a value of the right type.
FITTING: dict[str, dict[str, Any]] = {
    "account": {"kind": AccountKind.MEMBER, "balance": 7},
    # One at a time waits.
    "co_author_request": {"state": RequestState.DECLINED},
    "ledger_entry": {"debit_account_id": ISSUED_ID},
}


class Canary:
    """The person; `words` maps "table.column" to the words put there for them, `what` to what that column is."""

    def __init__(self, *, name: str = "Canary Bird") -> None:
        self.member = make_member(name)
        self.words: dict[str, list[str]] = {}
        owner = make_staff()
        board = make_board(owner=owner)
        idea, another = make_idea(board), make_idea(board)
        #: What stands between two things stands between two different ones.
        self._fitting: dict[str, dict[str, Any]] = {
            **FITTING,
            # Its bytes go along where all that is one's own is given out.
            "attachment": {"key": _put_away(), "small_key": _put_away()},
            "idea_link": {"to_id": another.id},
            "merge": {"target_id": another.id},
            "suggestion": {"other_id": another.id},
        }
        with transaction():
            session().execute(insert(Account).values(id=ISSUED_ID, kind=AccountKind.ISSUED, balance=0))
            session().add(Account(kind=AccountKind.MEMBER, member_id=owner.id, balance=0))
        #: Rows of others, to which rows of the person belong.
        self._there: dict[str, int] = {
            "member": owner.id,
            "board": board.id,
            "idea": idea.id,
            "status": idea.status_id,
            "comment": make_comment(idea).id,
            "account": session().scalars(select(Account.id).where(Account.member_id == owner.id)).one(),
        }
        self._own: dict[str, int] = {"member": self.member.id}

    def settle_everywhere(self) -> None:
        """Put a row of the person into every table in every way it can belong to them."""
        with transaction():
            # The person first: some rows are theirs by their address.
            for table in sorted(db.metadata.sorted_tables, key=lambda table: table.name != "member"):
                ways = {mark.whose: None for mark in REGISTRY[table.name].values() if mark.whose not in {"", "*"}}
                for whose in ways:
                    self._settle(table, whose)
        session().expire_all()
        session().refresh(self.member)

    def words_of(self, *, sorts: frozenset[What] | None = None, but: frozenset[What] = frozenset()) -> set[str]:
        """Return the words in columns of the given sorts (all by default) but some."""
        return {
            word
            for place, words in self.words.items()
            for word in words
            if (sort := self.sort_of(place)) not in but and (sorts is None or sort in sorts)
        }

    @staticmethod
    def sort_of(place: str) -> What:
        """Return what a "table.column" is to the person."""
        table, column = place.split(".")
        return REGISTRY[table][column].what

    def _settle(self, table: Table, whose: str) -> None:
        mine = {name for name, mark in REGISTRY[table.name].items() if mark.whose == whose}
        values = {
            column.name: self._value(table, column, whose, is_mine=column.name in mine)
            for column in table.columns
            if not (column.name == "id" and isinstance(column.type, Integer))
        }
        values.update(self._fitting.get(table.name, {}))
        values = {name: value for name, value in values.items() if value is not None}
        if table.name == "member":
            values = {name: values[name] for name in mine - {"id"} if name in values} | {"organisation_id": None}
            session().execute(update(Member).where(Member.id == self.member.id).values(values))
            session().refresh(self.member)
            return
        key = _inserted(table, values)
        if isinstance(key, int):
            self._there.setdefault(table.name, key)
            if "member_id" in whose or "author_id" in whose or "actor_id" in whose:
                self._own.setdefault(table.name, key)

    def _value(self, table: Table, column: Column[Any], whose: str, *, is_mine: bool) -> Any:
        steps = whose.split(".")
        if column.foreign_keys:
            (key,) = column.foreign_keys
            there = key.column.table.name
            if column.name == steps[0]:
                return self._own[there]
            return None if column.nullable else self._base(there)
        if whose == f"@{column.name}":
            return self.member.email
        if isinstance(column.type, Enum):
            return next(iter(column.type.enum_class or []))
        return self._plain(table, column, is_mine=is_mine)

    def _base(self, table: str) -> int:
        if table not in self._there:
            row = {c.name: self._value(db.metadata.tables[table], c, "", is_mine=False) for c in _columns(table)}
            self._there[table] = _inserted(db.metadata.tables[table], row)
        return self._there[table]

    def _plain(self, table: Table, column: Column[Any], *, is_mine: bool) -> Any:
        word = f"cyq{next(_number)}"[: getattr(column.type, "length", None)]
        kinds: list[tuple[Any, Any]] = [
            (UtcDateTime, clock.now()),
            (Date, clock.now().date()),
            (Boolean, False),
            # The numbers of revisions differ.
            ((Integer, BigInteger, Float), next(_number) if column.name == "number" else 1),
            (AsaList, [word]),
            (JSON, {"word": word}),
            (LargeBinary, word.encode()),
            (String, word),
        ]
        value = next(value for kind, value in kinds if isinstance(column.type, kind))
        if is_mine and isinstance(column.type, (AsaList, JSON, LargeBinary, String)):
            self.words.setdefault(f"{table.name}.{column.name}", []).append(word)
        return value


def _put_away() -> str:
    key = new_key()
    store().put(key, b"A picture.")
    return key


def _inserted(table: Table, values: dict[str, Any]) -> Any:
    return session().scalar(insert(table).values(values).returning(*table.primary_key.columns))


def _columns(table: str) -> list[Column[Any]]:
    return [c for c in db.metadata.tables[table].columns if c.name != "id"]
