"""What the page of an idea needs, put together from its parts: a fixed number of queries, whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from ideas.accounts.queries import Person
from ideas.boards.models import Audience
from ideas.core import markup
from ideas.core.policy import Actor
from ideas.following.queries import find_stance
from ideas.ideation.models import Idea, Kind
from ideas.ideation.policy import can_edit, can_propose, can_withdraw
from ideas.ideation.queries import IdeaView, get_idea_view
from ideas.voting.models import Support
from ideas.voting.voices import can_see_voices
from ideas.web.pages.adopting import AdoptionPart, adoption_part
from ideas.web.pages.amendments import AmendmentsPart, amendments_part
from ideas.web.pages.authors import AuthorsPart, authors_part
from ideas.web.pages.cocreation import ConfirmationsPart, FixesPart, confirmations_part, fixes_part
from ideas.web.pages.commenting import ThreadPart, thread_part
from ideas.web.pages.customers import SourceWords, WeightPart, source_words, weight_part
from ideas.web.pages.following import FollowPart, follow_part
from ideas.web.pages.links import LinksPart, links_part
from ideas.web.pages.merging import LineagePart, lineage_part
from ideas.web.pages.moderation import ModerationPart, moderation_part
from ideas.web.pages.problems import Facts, ProblemPart, intake_facts, problem_part
from ideas.web.pages.responding import AnswersPart, StaffPanel, answers_part, staff_panel_part
from ideas.web.pages.rewards import CreditsPart, credits_part
from ideas.web.pages.versions import EditedPart, edited_part
from ideas.web.pages.voting import SupportBox, support_part
from ideas.web.pages.ways import Way, ways_from


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaPage:
    """The page of an idea."""

    idea: Idea
    html: Markup
    author: Person | None
    problem_url: str | None
    problem_title: str | None
    tags: Sequence[tuple[str, str]]
    acts: Sequence[tuple[str, str]]
    versions_url: str | None
    ways: Sequence[Way]
    #: Where another idea is proposed on this board; None for members whom its level does not admit.
    propose_url: str | None
    #: Its feed; None where it is not for everybody.
    feed_url: str | None
    box: SupportBox
    follow: FollowPart
    edited: EditedPart | None
    authors: AuthorsPart
    #: Who took it over, or where it can be; None where that is nothing.
    adoption: AdoptionPart | None
    #: What was merged into it, and what it was merged into; None where nothing was.
    lineage: LineagePart | None
    links: LinksPart
    answers: AnswersPart
    #: What was asked beside the text, as (label, words).
    facts: Facts
    #: How it happens and whether it stays away; None for what is no problem.
    problem: ProblemPart | None
    fixes: FixesPart | None
    confirmations: ConfirmationsPart | None
    #: None where none wait and none can be proposed.
    amendments: AmendmentsPart | None
    thread: ThreadPart
    credits: CreditsPart | None
    moderation: ModerationPart
    staff: StaffPanel | None
    #: Where staff heard it, for staff and for the author in whose name they published it.
    source: SourceWords | None
    weight: WeightPart | None


def idea_page(actor: Actor, public_id: str, *, order: str | None, after: str | None) -> IdeaPage:
    """Return the page of an idea. Raises NotFound, Invalid (order or cursor of the discussion)."""
    view = get_idea_view(actor, public_id)
    idea = view.idea
    stance = find_stance(actor, idea.id, has_origins=idea.origin_count > 0)
    fixes = fixes_part(actor, idea, dict.fromkeys(stance.supported_fixes, True))
    authors = authors_part(actor, idea, originator=view.author)
    amendments, links = amendments_part(actor, idea), links_part(actor, idea)
    return IdeaPage(
        idea=idea,
        html=markup.stored(idea.body_html),
        author=view.author,
        problem_url=url_for("ideation.show", public_id=view.problem_public_id) if view.problem_public_id else None,
        problem_title=view.problem_title,
        tags=[(tag.name, url_for("boards.show", slug=idea.board.slug, tag=tag.slug)) for tag in view.tags],
        acts=_acts(actor, idea, authors, amendments, links),
        versions_url=url_for("ideation.versions", public_id=public_id) if idea.revision_count > 1 else None,
        ways=ways_from(idea),
        propose_url=_propose_url(actor, idea),
        feed_url=_feed_url(idea),
        box=support_part(actor, idea, stance.support, is_carried=stance.is_carried),
        follow=follow_part(actor, idea, stance.follow, hears_by_origin=stance.hears_by_origin),
        authors=authors,
        adoption=_adoption(actor, idea),
        lineage=lineage_part(actor, idea),
        links=links,
        edited=edited_part(idea, stance.support),
        answers=answers_part(actor, idea),
        facts=intake_facts(idea),
        problem=problem_part(actor, idea),
        fixes=fixes,
        confirmations=_confirmations(actor, idea, stance.support),
        amendments=amendments,
        thread=thread_part(actor, idea, order, after),
        credits=credits_part(actor, idea),
        moderation=moderation_part(actor, idea),
        staff=staff_panel_part(actor, idea, view.assignee_name),
        source=_source(actor, view),
        weight=weight_part(actor, idea),
    )


def _source(actor: Actor, view: IdeaView) -> SourceWords | None:
    idea = view.idea
    is_theirs = actor.is_member and idea.author_id == actor.member_id
    if idea.entered_via is None or not (is_theirs or can_see_voices(actor, idea.board_id)):
        return None
    return source_words(via=idea.entered_via, where=idea.entered_from, who=view.enterer_name)


def _acts(
    actor: Actor, idea: Idea, authors: AuthorsPart, amendments: AmendmentsPart | None, links: LinksPart
) -> list[tuple[str, str]]:
    """Return what the reader may do with the text, as (name of the act, address); what a part offers is left to it."""
    found = []
    if can_edit(actor, idea):
        found.append(("edit", url_for("ideation.edit", public_id=idea.public_id)))
    if amendments is not None and amendments.propose_url and not amendments.items:
        found.append(("amend", amendments.propose_url))
    if not authors.is_shown and (authors.can_invite or authors.can_ask):
        found.append(("invite" if authors.can_invite else "ask", authors.url))
    if can_withdraw(actor, idea):
        found.append(("withdraw", url_for("ideation.ask_to_withdraw", public_id=idea.public_id)))
    if not links.is_any:
        found.append(("link", links.page_url))
    return found


def _propose_url(actor: Actor, idea: Idea) -> str | None:
    offers = not actor.is_member or can_propose(actor, idea.board)
    return url_for("ideation.propose", board=idea.board.slug) if offers else None


def _feed_url(idea: Idea) -> str | None:
    is_open = idea.board.audience is Audience.PUBLIC and idea.hidden_at is None
    return url_for("feeds.idea", public_id=idea.public_id) if is_open else None


def _adoption(actor: Actor, idea: Idea) -> AdoptionPart | None:
    # Who takes an idea over leaves a version of it.
    return adoption_part(actor, idea) if idea.withdrawn_at is not None or idea.revision_count > 1 else None


def _confirmations(actor: Actor, idea: Idea, support: Support | None) -> ConfirmationsPart | None:
    return confirmations_part(actor, idea, support) if idea.kind is Kind.PROBLEM else None
