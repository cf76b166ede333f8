"""What somebody who leaves said of fixes."""

from sqlalchemy import delete, select, update

from ideas.accounts.erasing import REMOVED, Departure, put, rename_mentions
from ideas.cocreation.joining import CoAuthorRequest
from ideas.cocreation.models import (
    Adoption,
    Choice,
    Confirmation,
    EndedChoice,
    Prevention,
    Recurrence,
    Reopening,
    Reproduction,
)
from ideas.ideation.models import StatusChange


def erase(leaving: Departure) -> None:
    """Keep verdicts, which count; empty the words beside them where the person wants it."""
    of = leaving.member_id
    if not leaving.keeps_content:
        put(update(CoAuthorRequest).where(CoAuthorRequest.by_id == of).values(note=""))
        put(update(Confirmation).where(Confirmation.member_id == of).values(note="", version="", environment=""))
        steps = select(StatusChange.id).where(StatusChange.actor_id == of)
        emptied = {"steps": REMOVED, "version": "", "environment": ""}
        put(update(Reproduction).where(Reproduction.member_id == of).values(emptied))
        put(update(Reopening).where(Reopening.change_id.in_(steps)).values(note=""))
        put(update(Adoption).where(Adoption.member_id == of).values(reason=""))
        put(update(Adoption).where(Adoption.former_author_id == of).values(withdrawn_reason=""))
    put(delete(CoAuthorRequest).where(CoAuthorRequest.member_id == of))
    for model in (Choice, CoAuthorRequest, Confirmation, Recurrence, Reopening):
        rename_mentions(leaving, model, "note")
    rename_mentions(leaving, Prevention, "text")
    rename_mentions(leaving, Reproduction, "steps")
    rename_mentions(leaving, EndedChoice, "note", "reason")
    rename_mentions(leaving, Adoption, "reason", "withdrawn_reason")
