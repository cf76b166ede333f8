"""Makers of boards' own fields."""

from ideas.boards.fields import FieldDraft, new_field
from ideas.boards.models import Board, BoardField, FieldKind, FieldUse
from ideas.core.db import transaction
from tests.factories.world import ROOT


def make_field(
    board: Board,
    label: str = "Serial number",
    *,
    kind: FieldKind = FieldKind.TEXT,
    options: str = "",
    is_required: bool = False,
    applies_to: FieldUse = FieldUse.BOTH,
) -> BoardField:
    """Have the board ask one thing more."""
    draft = FieldDraft(
        label=label,
        hint="",
        kind=kind,
        options=options,
        is_required=is_required,
        applies_to=applies_to,
        position=10,
    )
    with transaction():
        return new_field(ROOT, board, draft)
