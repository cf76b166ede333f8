"""Texts in which every word stands once, and changes of them: what must be there after any of them is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

#: Of words that one change puts in.
Words = frozenset[str]


@dataclass(frozen=True)
class Change:
    """What somebody makes of a text: the whole new text, which words came in and which went."""

    text: str
    put_in: Words
    taken_out: Words


@dataclass
class _Writer:
    """Changes lines in place; words put in bear the writer's number, so nobody else has them."""

    number: int
    lines: list[list[str]]
    made: int = 0
    put_in: set[str] = field(default_factory=set)
    taken_out: set[str] = field(default_factory=set)

    def new_word(self) -> str:
        self.made += 1
        word = f"n{self.number}x{self.made}"
        self.put_in.add(word)
        return word

    def insert_line(self, place: int, length: int) -> None:
        self.lines.insert(place % (len(self.lines) + 1), [self.new_word() for _ in range(1 + length % 4)])

    def drop_line(self, place: int, _length: int) -> None:
        if len(self.lines) > 1:
            self._drop(self.lines.pop(place % len(self.lines)))

    def move_line(self, place: int, length: int) -> None:
        line = self.lines.pop(place % len(self.lines))
        self.lines.insert(length % (len(self.lines) + 1), line)

    def insert_word(self, place: int, length: int) -> None:
        line = self.lines[place % len(self.lines)]
        line.insert(length % (len(line) + 1), self.new_word())

    def drop_word(self, place: int, length: int) -> None:
        line = self.lines[place % len(self.lines)]
        if len(line) > 1:
            self._drop([line.pop(length % len(line))])

    def replace_word(self, place: int, length: int) -> None:
        line = self.lines[place % len(self.lines)]
        if line:
            self._drop([line[length % len(line)]])
            line[length % len(line)] = self.new_word()

    def _drop(self, words: list[str]) -> None:
        self.taken_out.update(word for word in words if word not in self.put_in)
        self.put_in.difference_update(words)


#: After these it is plain from the texts alone who wrote which word.
BY_LINES = ("insert_line", "drop_line")
STEPS = (*BY_LINES, "move_line", "insert_word", "drop_word", "replace_word")
_places = st.integers(0, 30)


@st.composite
def texts(draw: st.DrawFn, *, most_lines: int = 8) -> str:
    """Draw a text of several lines, some of them blank, in which no word stands twice."""
    lengths = draw(st.lists(st.integers(0, 6), min_size=1, max_size=most_lines))
    lines = [" ".join(f"w{row}y{place}" for place in range(length)) for row, length in enumerate(lengths)]
    return "\n".join(["begin", *lines, "end"])


@st.composite
def changes(draw: st.DrawFn, base: str, *, number: int, names: Sequence[str] = STEPS, most_steps: int = 3) -> Change:
    """Draw what the writer of this number makes of the text."""
    writer = _Writer(number, [line.split() for line in base.split("\n")])
    steps = draw(st.lists(st.tuples(st.sampled_from(names), _places, _places), min_size=1, max_size=most_steps))
    for name, place, length in steps:
        getattr(writer, name)(place, length)
    text = "\n".join(" ".join(line) for line in writer.lines)
    return Change(text, frozenset(writer.put_in), frozenset(writer.taken_out))
