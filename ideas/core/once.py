"""Forms that were sent twice: the first one counts, the second is led to what the first has made."""

from datetime import datetime

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import Dated
from ideas.core.db import Base, session
from ideas.core.sql import insert_or_skip

NONCE_MAX = 64


class Submission(Dated, Base):
    """A form that was taken, by the nonce it carried, and where its outcome stands."""

    __tablename__ = "submission"

    #: "<member id>:<nonce of the form>"
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    location: Mapped[str] = mapped_column(String(300), default="")


def take(member_id: int, nonce: str) -> bool:
    """Claim a form in the transaction under way. Returns False where it was taken before.

    A form without a nonce is always taken: only forms that make something carry one.
    """
    if not nonce:
        return True
    values = {"key": _key(member_id, nonce), "location": "", "created_at": clock.now()}
    return insert_or_skip(Submission, values, unique=["key"])


def keep_outcome(member_id: int, nonce: str, location: str) -> None:
    """Remember where the outcome of a taken form stands."""
    if nonce:
        chosen = Submission.key == _key(member_id, nonce)
        session().execute(update(Submission).where(chosen).values(location=location))


def find_outcome(member_id: int, nonce: str) -> str | None:
    """Return where the outcome of an earlier sending stands, or None."""
    return session().scalar(select(Submission.location).where(Submission.key == _key(member_id, nonce))) or None


def forget(member_id: int) -> None:
    """Forget all forms that a member sent."""
    session().execute(delete(Submission).where(Submission.key.startswith(f"{member_id}:")))


def drop_forms(*, before: datetime) -> None:
    """Forget the forms that were sent earlier than `before`: nobody sends one of them again."""
    session().execute(delete(Submission).where(Submission.created_at < before))


def _key(member_id: int, nonce: str) -> str:
    return f"{member_id}:{nonce[:NONCE_MAX]}"
