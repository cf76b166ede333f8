"""A board's own fields: opening, changing, retiring them, and what they take as answers."""

from collections.abc import Mapping

import pytest
from flask import Flask

from ideas.boards.fields import (
    FieldDraft,
    change_field,
    check_answers,
    get_field,
    list_fields,
    new_field,
    retire_field,
)
from ideas.boards.models import FIELDS_PER_BOARD, BoardField, FieldKind, FieldUse
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.fields import Fields
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff
from tests.factories.fields import make_field
from tests.factories.world import ROOT


def field(kind: FieldKind, *, options: str = "", is_required: bool = False) -> BoardField:
    return BoardField(board_id=1, key="it", label="It", kind=kind, options=options, is_required=is_required)


def checked(asked: BoardField, text: str, *, needs_required: bool = True) -> Mapping[str, str]:
    fields = Fields()
    found = check_answers(fields, [asked], {"it": text}, needs_required=needs_required)
    fields.done()
    return found


def draft(**changes: object) -> FieldDraft:
    usual = {"label": "Firmware", "hint": "", "kind": FieldKind.TEXT, "options": "", "is_required": False,
             "applies_to": FieldUse.BOTH, "position": 1}  # fmt: skip
    return FieldDraft(**{**usual, **changes})  # type: ignore[arg-type]


TAKEN = [
    (FieldKind.TEXT, "  Model  4 ", "Model 4"),
    (FieldKind.NUMBER, "-2,5", "-2.5"),
    (FieldKind.NUMBER, "007", "007"),
    (FieldKind.DATE, "2026-02-28", "2026-02-28"),
    (FieldKind.CHECKBOX, "yes", "yes"),
    (FieldKind.CHOICE, "Two", "Two"),
]
REFUSED = [
    (FieldKind.NUMBER, "1e9"),
    (FieldKind.NUMBER, "1."),
    (FieldKind.NUMBER, ".5"),
    (FieldKind.NUMBER, "1.2.3"),
    (FieldKind.NUMBER, "٣"),
    (FieldKind.NUMBER, "9" * 13),
    (FieldKind.DATE, "2026-02-30"),
    (FieldKind.DATE, "28.2.2026"),
    (FieldKind.CHECKBOX, "no"),
    (FieldKind.CHOICE, "Three"),
    (FieldKind.TEXT, "x" * 201),
]


@pytest.mark.once
@pytest.mark.parametrize(("kind", "text", "kept"), TAKEN)
def test_each_kind_keeps_what_it_takes(kind: FieldKind, text: str, kept: str) -> None:
    assert checked(field(kind, options="One\nTwo"), text) == {"it": kept}


@pytest.mark.once
@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_each_kind_refuses_what_it_does_not_take(kind: FieldKind, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(field(kind, options="One\nTwo"), text)
    assert set(refused.value.errors) == {"field_it"}


@pytest.mark.once
def test_what_is_required_is_missed_only_where_it_is_needed() -> None:
    asked = field(FieldKind.TEXT, is_required=True)
    assert checked(asked, " ", needs_required=False) == {}
    with pytest.raises(Invalid) as refused:
        checked(asked, " ")
    assert set(refused.value.errors) == {"field_it"}


@pytest.mark.once
def test_an_answer_to_what_is_not_asked_is_refused() -> None:
    fields = Fields()
    check_answers(fields, [], {"made_up": "1"}, needs_required=True)
    with pytest.raises(Invalid) as refused:
        fields.done()
    assert set(refused.value.errors) == {"field_made_up"}


def test_fields_are_listed_in_their_order_by_board_and_use(app: Flask) -> None:
    board = make_board()
    ideas = make_field(board, "Wish", applies_to=FieldUse.IDEAS)
    both = make_field(board, "Serial number")
    retired = make_field(board, "Serial number")
    make_field(make_board(), "Serial number")
    with transaction() as current:
        retire_field(ROOT, current.get_one(BoardField, retired.id), is_retired=True)
    assert [one.key for one in list_fields(board.id)] == [ideas.key, both.key]
    assert [one.key for one in list_fields(board.id, use=FieldUse.PROBLEMS)] == [both.key]
    assert [one.key for one in list_fields(board.id, with_retired=True)] == ["wish", "serial_number", "serial_number_2"]


def test_only_admins_open_change_and_retire_fields(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    found = make_field(board)
    for member in (owner, make_member()):
        stranger = actor_of(member)
        with pytest.raises(Forbidden), transaction():
            new_field(stranger, board, draft())
        with pytest.raises(Forbidden), transaction():
            change_field(stranger, found, draft())
        with pytest.raises(Forbidden), transaction():
            retire_field(stranger, found, is_retired=True)
    admin = actor_of(make_admin())
    with transaction():
        assert new_field(admin, board, draft()).key == "firmware"


def test_the_words_change_but_neither_the_key_nor_what_it_takes(app: Flask) -> None:
    found = make_field(make_board())
    with transaction() as current:
        change_field(ROOT, current.get_one(BoardField, found.id), draft(label="Number on the plate"))
    fresh = session().get_one(BoardField, found.id, populate_existing=True)
    assert (fresh.label, fresh.key) == ("Number on the plate", "serial_number")
    with pytest.raises(Conflict), transaction():
        change_field(ROOT, fresh, draft(kind=FieldKind.DATE))


@pytest.mark.parametrize(("changes", "name"), [({"label": "x"}, "label"), ({"hint": "x" * 201}, "hint"),
    ({"position": -1}, "position"), ({"kind": FieldKind.CHOICE, "options": "One\nOne\n "}, "options"),
    ({"kind": FieldKind.CHOICE, "options": "\n".join(map(str, range(31)))}, "options"),
    ({"kind": FieldKind.CHOICE, "options": "One\n" + "x" * 81}, "options")])  # fmt: skip
def test_what_a_field_cannot_be_is_said_beside_it(app: Flask, changes: Mapping[str, object], name: str) -> None:
    board = make_board()
    with pytest.raises(Invalid) as refused, transaction():
        new_field(ROOT, board, draft(**changes))
    assert set(refused.value.errors) == {name}


def test_a_board_asks_no_more_than_anybody_answers(app: Flask) -> None:
    board = make_board()
    for _number in range(FIELDS_PER_BOARD):
        make_field(board)
    with pytest.raises(Conflict):
        make_field(board)


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "9" * 40, "٣"])
def test_a_field_that_is_not_there_is_not_found(app: Flask, number: str) -> None:
    with pytest.raises(NotFound):
        get_field(number)
