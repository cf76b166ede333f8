"""Who and what is there already while the demo community is being played, and the acts on the place itself."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from ideas.accounts.models import Member, MemberKind
from ideas.accounts.organisations import OrganisationDraft, open_organisation
from ideas.accounts.services import change_profile, create_member
from ideas.boards.models import Audience, Board, Degree, Hue, Role
from ideas.boards.queries import load_frame
from ideas.boards.services import BoardDraft, describe_site, grant_role, open_board
from ideas.cli.demo.content import Content, Entry
from ideas.cli.running import OPERATOR
from ideas.commenting.models import Comment
from ideas.core.columns import PUBLIC_ALPHABET, PUBLIC_LENGTH
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.ideation.models import Category, Idea, Status
from ideas.ideation.queries import get_idea_by_id


def address_of(word: str) -> str:
    """Return the public id of a thing of the demo: always the same, so that addresses outlive a new start."""
    number = int.from_bytes(hashlib.sha256(f"demo {word}".encode()).digest())
    signs = []
    for _position in range(PUBLIC_LENGTH):
        number, sign = divmod(number, len(PUBLIC_ALPHABET))
        signs.append(PUBLIC_ALPHABET[sign])
    return "".join(signs)


@dataclass
class Stage:
    """Numbers of the rows made so far, by the keys of the content."""

    content: Content
    #: The moment from which `days_ago` counts.
    moment: datetime
    password_hash: str
    members: dict[str, int] = field(default_factory=dict)
    boards: dict[str, int] = field(default_factory=dict)
    ideas: dict[str, int] = field(default_factory=dict)
    comments: dict[tuple[str, str], int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def at(self, days_ago: float) -> datetime:
        """Return the moment so many days before the demo begins, in whole seconds."""
        return (self.moment - timedelta(days=days_ago)).replace(microsecond=0)

    def joined(self, key: str) -> float:
        """Return how many days ago a member joined."""
        return next(float(entry["days_ago"]) for entry in self.content.members if entry["key"] == key)

    def actor(self, key: str) -> Actor:
        """Return the actor that a request of this member would have now."""
        if key not in self.actors:
            member = session().get_one(Member, self.members[key])
            grants = load_frame(member.id).grants
            self.actors[key] = Actor(
                member_id=member.id,
                is_staff=member.is_staff or member.is_admin,
                is_admin=member.is_admin,
                grants=grants,
            )
        return self.actors[key]

    def idea(self, key: str, actor: Actor) -> Idea:
        """Return an idea as the actor would load it for a change."""
        return get_idea_by_id(actor, self.ideas[key], lock=True)

    def comment(self, idea: str, key: str) -> Comment:
        """Return a comment."""
        return session().get_one(Comment, self.comments[idea, key])

    def status(self, slug: str) -> Status:
        """Return a status."""
        return session().scalars(select(Status).where(Status.slug == slug)).one()

    def prepare_site(self) -> None:
        """Give the place its words and statuses."""
        site = self.content.site
        hue = Hue(site["hue"])
        describe_site(OPERATOR, name=site["name"], tagline=site["tagline"], footer=site["footer"], hue=hue)
        for position, entry in enumerate(self.content.statuses):
            values = {name: entry[name] for name in ("slug", "name", "meaning", "owes_answer")}
            category = Category(entry["category"])
            session().add(Status(**values, category=category, position=position, is_initial=position == 0))
        session().flush()

    def open_organisations(self) -> None:
        """Note what is known of the customers' organisations."""
        for entry in self.content.organisations.values():
            known = {name: entry.get(name, "") for name in ("plan", "annual_value", "currency")}
            open_organisation(OPERATOR, OrganisationDraft(name=entry["name"], external_id=entry["key"], **known))

    def join(self, entry: Entry) -> None:
        """Let a member join."""
        member = create_member(
            name=entry["name"],
            email=entry["email"],
            kind=MemberKind(entry["kind"]),
            handle=entry["handle"],
            organisation=self.content.organisations[entry["organisation"]]["name"] if entry["organisation"] else None,
            is_admin=entry["role"] == "admin",
            password_hash=self.password_hash,
        )
        member.public_id = address_of(f"member {entry['key']}")
        current_app.extensions["security"].datastore.us_setup_email(member)
        session().flush()
        self.members[entry["key"]] = member.id
        change_profile(self.actor(entry["key"]), name=entry["name"], bio=entry["bio"])

    def open_board(self, entry: Entry) -> None:
        """Open a board in the order of the file; its address is the one written there."""
        draft = BoardDraft(
            name=entry["name"],
            purpose=entry["purpose"],
            owner_id=self.members[entry["owner"]],
            deputy_id=self.members[entry["deputy"]],
            audience=Audience(entry["audience"]),
            degree=Degree(entry["degree"]),
            hue=Hue(entry["hue"]),
            promise_days=entry["promise_days"],
            cannot=entry["cannot"],
            guidance="\n".join(entry["guidance"]),
        )
        board = open_board(OPERATOR, draft)
        board.slug = entry["slug"]
        board.position = [other["slug"] for other in self.content.boards].index(entry["slug"])
        session().flush()
        self.boards[entry["slug"]] = board.id
        self.actors.clear()

    def grant(self, slug: str, keys: Iterable[str], role: Role) -> None:
        """Give members a role on a board."""
        board = session().get_one(Board, self.boards[slug])
        for key in keys:
            grant_role(OPERATOR, board=board, member_id=self.members[key], role=role)
        self.actors.clear()
