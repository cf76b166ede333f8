"""What the loaders of one import share: known rows, statuses, rendered texts, and the account of what is new."""

from collections import Counter
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import func, insert, select, update

from ideas.core import markup
from ideas.core.db import session
from ideas.ideation import models
from ideas.ideation.models import Category
from ideas.ideation.presets import Preset, default_statuses
from ideas.transfer.identity import Rows
from ideas.transfer.records import Status

#: Texts whose HTML is kept for the next time: communities repeat short ones ("+1", "per above").
RENDERED = 4_096


class Statuses:
    """The statuses of the place, by the words of a file."""

    def __init__(self) -> None:
        self._declared: set[str] = set()
        self._read()

    def add(self, records: list[Status]) -> int:
        """Add the statuses whose slug is new, after those there are; return how many."""
        self._declared.update(record.slug for record in records)
        fresh = [record for record in records if record.slug not in self._by_slug]
        for record in fresh:
            self._insert(record)
        self._read()
        return len(fresh)

    def find(self, word: str) -> models.Status:
        """Return the status that a slug of the file, or else a category, means here."""
        if word in self._declared:
            return self._by_slug[word]
        named = self._by_slug.get(word)
        if named is not None and named.category == word:
            return named
        category = Category(word)
        if category not in self._by_category:
            self._insert_preset(category)
        return self._by_category[category]

    def initial(self) -> models.Status:
        """Return the status in which ideas begin, choosing one where the place has none yet."""
        status = next((status for status in self._by_slug.values() if status.is_initial), None)
        if status is not None:
            return status
        status = self.find(Category.OPEN)
        session().execute(update(models.Status).where(models.Status.id == status.id).values(is_initial=True))
        self._read()
        return self.initial()

    def complete(self) -> None:
        """See that ideas can begin and go everywhere: each category has a status, one of them is the initial one."""
        self.initial()
        for category in Category:
            if category not in self._by_category:
                self._insert_preset(category)

    def _read(self) -> None:
        query = select(models.Status).order_by(models.Status.position, models.Status.id)
        rows = list(session().scalars(query.execution_options(populate_existing=True)))
        self._by_slug = {row.slug: row for row in rows}
        # The first of a category stands for it, the initial one before all.
        ordered = sorted(rows, key=lambda row: not row.is_initial)
        self._by_category = {row.category: row for row in reversed(ordered)}

    def _insert_preset(self, category: Category) -> None:
        preset = next(preset for preset in default_statuses() if preset.category is category)
        slug, number = preset.slug, 2
        while slug in self._by_slug:
            slug, number = f"{preset.slug}-{number}", number + 1
        self._insert(replace(preset, slug=slug))
        self._read()

    def _insert(self, status: Status | Preset) -> None:
        last = session().scalar(select(func.max(models.Status.position)))
        values = {
            "slug": status.slug,
            "name": status.name,
            "category": status.category,
            "meaning": status.meaning,
            "owes_answer": status.owes_answer,
            "position": 0 if last is None else last + 1,
            "is_initial": False,
        }
        session().execute(insert(models.Status).values(values))


class Landing:
    """The state of one import; `source` is the namespace of the file's header."""

    def __init__(self, *, source: str | None, with_addresses: bool) -> None:
        self.rows = Rows(source=source)
        self.statuses = Statuses()
        self.with_addresses = with_addresses
        #: Records by type: added now, and there already.
        self.new: Counter[str] = Counter()
        self.known: Counter[str] = Counter()
        #: Ideas whose totals have to be counted anew before the next commit.
        self.touched: set[int] = set()
        self.render = lru_cache(maxsize=RENDERED)(markup.render)

    def count(self, word: str, *, new: int, of: int) -> None:
        """Note that `new` of `of` records of a type were added."""
        self.new[word] += new
        self.known[word] += of - new
