"""What is worth telling of texts that people write together, and of what becomes of ideas beside one another."""

from sqlalchemy import select

from ideas.boards.models import Board, BoardRole, Role
from ideas.cocreation.events import (
    AmendmentDecided,
    AmendmentHandedOver,
    AmendmentLeftOpen,
    AmendmentOutdated,
    AmendmentProposed,
    CoAuthorRequestDecided,
    CoAuthorRequested,
    RecurrenceSuspected,
)
from ideas.cocreation.joining import Direction, RequestState
from ideas.cocreation.models import AmendmentState
from ideas.core.db import session
from ideas.ideation.events import CoAuthorLeft, IdeaAdopted, IdeaEdited, IdeasMerged, IdeaSplit, MergeUndone
from ideas.ideation.models import Idea, Revision
from ideas.ideation.queries import authors_of
from ideas.moderation.events import SuggestionDecided, SuggestionMade
from ideas.notifications.models import NotificationKind, ToldReason
from ideas.notifications.news import News, tell
from ideas.notifications.receivers import find_receiver, who_sees


def on_idea_edited(event: IdeaEdited) -> None:
    """Who supports or follows it hears that it means something else; of other edits nobody is told."""
    if not event.changes_meaning:
        return
    revision = (Revision.idea_id == event.idea_id, Revision.number == event.revision_number)
    revision_id = session().scalars(select(Revision.id).where(*revision)).one()
    _tell_followers(NotificationKind.MEANING_CHANGED, f"meaning:{revision_id}", event.idea_id, event.actor_id)


def on_amendment_proposed(event: AmendmentProposed) -> None:
    """The authors hear that somebody proposes a change; it is theirs to decide."""
    _tell_authors(NotificationKind.AMENDMENT_PROPOSED, f"amendment:{event.amendment_id}", event)


def on_amendment_left_open(event: AmendmentLeftOpen) -> None:
    """The authors are reminded, once for each wording."""
    key = f"amendment-waits-{event.wording}:{event.amendment_id}"
    _tell_authors(NotificationKind.AMENDMENT_WAITING, key, event)


def on_amendment_handed_over(event: AmendmentHandedOver) -> None:
    """Those who look after the board hear that they may decide now."""
    key = f"amendment-handed-{event.wording}:{event.amendment_id}"
    staff = _keepers_of(event.idea_id, Role.PRODUCT_MANAGER)
    _tell_members(NotificationKind.AMENDMENT_WAITING, key, event.idea_id, None, staff, ToldReason.STAFF)


def on_amendment_decided(event: AmendmentDecided) -> None:
    """Whoever proposed it hears what became of it; what they took back themselves they know."""
    if event.state is AmendmentState.WITHDRAWN or event.author_id is None:
        return
    key = f"amendment-decided:{event.amendment_id}"
    _tell_members(
        NotificationKind.AMENDMENT_DECIDED, key, event.idea_id, event.actor_id, (event.author_id,), ToldReason.CONCERNED
    )


def on_amendment_outdated(event: AmendmentOutdated) -> None:
    """Whoever proposed it hears that the text has moved on in the same place."""
    if event.author_id is None:
        return
    key = f"amendment-outdated-{event.revision_number}:{event.amendment_id}"
    # Also where they moved it on themselves: their proposal waits for them.
    _tell_members(
        NotificationKind.AMENDMENT_OUTDATED, key, event.idea_id, None, (event.author_id,), ToldReason.CONCERNED
    )


def on_co_author_requested(event: CoAuthorRequested) -> None:
    """Whose yes is needed hears of it: the invited member, or the authors. Nobody else does."""
    key = f"co-author:{event.request_id}"
    if event.direction is Direction.INVITED:
        _tell_members(
            NotificationKind.CO_AUTHOR_INVITED,
            key,
            event.idea_id,
            event.actor_id,
            (event.member_id,),
            ToldReason.INVITED,
        )
        return
    _tell_authors(NotificationKind.CO_AUTHOR_ASKED, key, event)


def on_co_author_request_decided(event: CoAuthorRequestDecided) -> None:
    """Who began hears the answer."""
    if event.by_id is None or event.state not in {RequestState.ACCEPTED, RequestState.DECLINED}:
        return
    key = f"co-author-answered:{event.request_id}"
    _tell_members(
        NotificationKind.CO_AUTHOR_ANSWERED, key, event.idea_id, event.actor_id, (event.by_id,), ToldReason.CONCERNED
    )


def on_co_author_left(event: CoAuthorLeft) -> None:
    """The authors who stay hear that one of them left."""
    key = f"co-author-left-{event.idea_id}:{event.member_id}"
    _tell_authors(NotificationKind.CO_AUTHOR_LEFT, key, event)


def on_ideas_merged(event: IdeasMerged) -> None:
    """Who supports or follows what was merged hears where it went, and that they may say no for themselves."""
    _tell_followers(NotificationKind.MERGED, f"merge:{event.merge_id}", event.origin_id, event.actor_id)


def on_merge_undone(event: MergeUndone) -> None:
    """The same people hear that it stands for itself again."""
    _tell_followers(NotificationKind.MERGE_UNDONE, f"merge-undone:{event.merge_id}", event.origin_id, event.actor_id)


def on_idea_split(event: IdeaSplit) -> None:
    """Who supports or follows it hears that a part became an idea of its own, and may choose."""
    _tell_followers(NotificationKind.SPLIT, f"split:{event.link_id}", event.idea_id, event.actor_id)


def on_idea_adopted(event: IdeaAdopted) -> None:
    """Who had supported it is asked; whoever gave it up hears that it goes on."""
    former = (event.former_author_id,) if event.former_author_id is not None else ()
    tell(
        News(
            kind=NotificationKind.ADOPTED,
            key=f"adoption:{event.adoption_id}",
            idea_id=event.idea_id,
            actor_id=event.actor_id,
            follows=(event.idea_id,),
            member_ids=former,
        )
    )


def on_suggestion_made(event: SuggestionMade) -> None:
    """Those who keep the board hear that two ideas may belong together, where they may see both."""
    people = [find_receiver(member_id) for member_id in _keepers_of(event.idea_id, Role.MODERATOR)]
    seeing = who_sees([person for person in people if person is not None], idea_id=event.other_id)
    keepers = tuple(person.id for person in seeing)
    key = f"suggestion:{event.suggestion_id}"
    _tell_members(NotificationKind.SUGGESTED, key, event.idea_id, event.actor_id, keepers, ToldReason.STAFF)


def on_suggestion_decided(event: SuggestionDecided) -> None:
    """Whoever suggested it hears what came of it."""
    key = f"suggestion-decided:{event.suggestion_id}"
    _tell_members(
        NotificationKind.SUGGESTION_DECIDED,
        key,
        event.idea_id,
        event.actor_id,
        (event.member_id,),
        ToldReason.CONCERNED,
    )


def on_recurrence_suspected(event: RecurrenceSuspected) -> None:
    """Those who look after the board hear that a new problem resembles one that was fixed."""
    keepers = _keepers_of(event.problem_id, Role.PRODUCT_MANAGER)
    key = f"recurrence:{event.recurrence_id}"
    _tell_members(NotificationKind.RECURRENCE, key, event.problem_id, None, keepers, ToldReason.STAFF)


def _tell_followers(kind: NotificationKind, key: str, idea_id: int, actor_id: int | None) -> None:
    tell(News(kind=kind, key=key, idea_id=idea_id, actor_id=actor_id, follows=(idea_id,)))


def _tell_authors(
    kind: NotificationKind, key: str, event: AmendmentProposed | AmendmentLeftOpen | CoAuthorRequested | CoAuthorLeft
) -> None:
    authors = tuple(authors_of(event.idea_id))
    _tell_members(kind, key, event.idea_id, event.actor_id, authors, ToldReason.AUTHOR)


def _tell_members(
    kind: NotificationKind,
    key: str,
    idea_id: int,
    actor_id: int | None,
    member_ids: tuple[int, ...],
    reason: ToldReason,
) -> None:
    if not member_ids:
        return
    tell(News(kind=kind, key=key, idea_id=idea_id, actor_id=actor_id, member_ids=member_ids, reason=reason))


def _keepers_of(idea_id: int, role: Role) -> tuple[int, ...]:
    """Return the ids of owner and deputy of the idea's board, and of those who hold the role there, in order."""
    board = select(Board.id, Board.owner_id, Board.deputy_id).join(Idea, Idea.board_id == Board.id)
    row = session().execute(board.where(Idea.id == idea_id)).one()
    held = select(BoardRole.member_id).where(BoardRole.board_id == row.id, BoardRole.role == role)
    found = {row.owner_id, row.deputy_id, *session().scalars(held)}
    return tuple(sorted(member_id for member_id in found if member_id is not None))
