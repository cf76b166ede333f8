"""What the forms around amendments need: proposing one, writing it anew, changing it before it is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import url_for
from flask_babel import gettext as _

from ideas.cocreation.amending import REASON_MIN
from ideas.cocreation.amendments import Carried, Wording, base_of, carried, wording_at
from ideas.cocreation.models import Amendment
from ideas.cocreation.rebasing import Clash
from ideas.core.errors import NotFound
from ideas.ideation.models import BODY_MAX, REASON_MAX, TITLE_MAX, TITLE_MIN, Idea
from ideas.ideation.revisions import must_say
from ideas.web.once import new_nonce
from ideas.web.pages.amendments import present_of, proposed_by, side_by_side
from ideas.web.pages.comparing import Comparison

Sent = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A comparison beneath a form, with what it shows."""

    heading: str
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePage:
    """A form in which the text of an idea is written by somebody, with what was typed before."""

    idea: Idea
    heading: str
    lede: str
    action: str
    button: str
    back_url: str
    back: str
    title: str
    body: str
    hidden: Mapping[str, str]
    #: Why; None: it is not asked.
    reason: str | None = None
    #: Whether it was said to mean something else; None: it is not asked.
    meaning: str | None = None
    #: Whether that has to be said.
    must_say: bool = False
    can_preview: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)
    #: That something came in between.
    notice: str | None = None
    #: Where both changed the same place.
    clashes: Sequence[Clash] = ()
    shown: Sequence[Shown] = ()
    #: What was typed before it was brought together with what came in between.
    as_sent: Wording | None = None
    title_min: int = TITLE_MIN
    title_max: int = TITLE_MAX
    body_max: int = BODY_MAX
    reason_min: int = REASON_MIN
    reason_max: int = REASON_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """A small form that asks before an amendment is rejected, taken back or removed."""

    idea: Idea
    public_id: str
    #: "reject", "withdraw" or "remove".
    act: str
    reason: str
    errors: Mapping[str, str]
    seen_wording: int
    reason_max: int = REASON_MAX


def new_page(idea: Idea, sent: Sent | None = None, *, errors: Mapping[str, str] | None = None) -> WritePage:
    """Return the form in which a change of the text is proposed."""
    kept = sent or {}
    return WritePage(
        idea=idea,
        heading=_("Propose a change"),
        lede=_("Change the text as you think it should be. Its authors see the difference and decide."),
        action=url_for("amendments.propose", public_id=idea.public_id),
        button=_("Propose this change"),
        back_url=url_for("ideation.show", public_id=idea.public_id),
        back=_("Leave it as it is"),
        title=kept.get("title", idea.title),
        body=kept.get("body", idea.body),
        reason=kept.get("reason", ""),
        hidden={
            "seen_revision": kept.get("seen_revision") or str(idea.revision_count),
            "nonce": kept.get("nonce") or new_nonce(),
        },
        errors=errors or {},
    )


def redo_page(
    idea: Idea, amendment: Amendment, sent: Sent | None = None, *, errors: Mapping[str, str] | None = None
) -> WritePage:
    """Return the form in which an amendment is written anew, brought together with the present text where it fits."""
    base, proposed, present = base_of(amendment), proposed_by(amendment), present_of(idea)
    found = carried(base, proposed, present)
    kept = sent or {"title": found.wording.title, "body": found.wording.body, "reason": amendment.reason}
    page = WritePage(
        idea=idea,
        heading=_("Write it anew"),
        lede=_("Whoever supported your change is told that it was reworded. The earlier wording stays readable."),
        action=url_for("amendments.write_anew", public_id=amendment.public_id),
        button=_("Propose it like this"),
        back_url=url_for("amendments.show", public_id=amendment.public_id),
        back=_("Leave it as it is"),
        title=kept["title"],
        body=kept["body"],
        reason=kept["reason"],
        hidden=_seen(idea, amendment, sent),
        errors=errors or {},
    )
    if not found.clashes:
        return page
    return replace(
        page,
        notice=None
        if sent
        else _("The text was changed in the same place since you proposed this. Below is the text as it stands now."),
        clashes=found.clashes,
        shown=[_meanwhile(amendment.base_revision, base, idea), _wanted(amendment.base_revision, base, proposed)],
    )


def change_page(
    idea: Idea, amendment: Amendment, sent: Sent | None = None, *, errors: Mapping[str, str] | None = None
) -> WritePage:
    """Return the form in which authors change an amendment before they accept it."""
    base, proposed = base_of(amendment), proposed_by(amendment)
    found = carried(base, proposed, present_of(idea))
    kept = sent or {"title": found.wording.title, "body": found.wording.body, "changes_meaning": ""}
    return WritePage(
        idea=idea,
        heading=_("Accept it with changes"),
        lede=_("Make of it what you can accept. Whoever proposed it is named with the version, and so are you."),
        action=url_for("amendments.accept_changed", public_id=amendment.public_id),
        button=_("Accept it like this"),
        back_url=url_for("amendments.show", public_id=amendment.public_id),
        back=_("Decide later"),
        title=kept["title"],
        body=kept["body"],
        meaning=kept["changes_meaning"],
        must_say=must_say(idea),
        hidden=_seen(idea, amendment, sent),
        errors=errors or {},
        clashes=found.clashes,
        shown=[_wanted(amendment.base_revision, base, proposed)],
    )


def own_page(
    idea: Idea, amendment: Amendment, sent: Sent | None = None, *, errors: Mapping[str, str] | None = None
) -> WritePage:
    """Return the form in which a rejected amendment becomes an idea of its own."""
    # Two ideas with one title cannot be told apart.
    title = "" if amendment.title == idea.title else amendment.title
    kept = sent or {"title": title, "body": amendment.body}
    return WritePage(
        idea=idea,
        heading=_("An idea of its own"),
        lede=_(
            "It is published under your name and linked with the one that you wanted to change. "
            "Give it a title of its own."
        ),
        action=url_for("amendments.make_own", public_id=amendment.public_id),
        button=_("Publish it"),
        back_url=url_for("amendments.show", public_id=amendment.public_id),
        back=_("Not now"),
        title=kept["title"],
        body=kept["body"],
        hidden={"nonce": kept.get("nonce") or new_nonce()},
        can_preview=False,
        errors=errors or {},
    )


def with_preview(page: WritePage) -> WritePage:
    """Return the form with the difference between the present text and what was typed."""
    typed = Wording(page.title.strip(), page.body.replace("\r\n", "\n").strip())
    comparison = side_by_side(present_of(page.idea), typed, old_label=_("As it stands"), new_label=_("As you have it"))
    return replace(page, shown=[Shown(heading=_("What it changes"), comparison=comparison)])


def brought_together(page: WritePage, *, seen_revision: int, notice: str) -> WritePage:
    """Return the form after the text was changed meanwhile: what was typed, with the present text where both changed.

    What was typed stands beneath it whole. Where the text is the one that was seen, only the `notice` is added.
    """
    idea = page.idea
    page = replace(page, notice=notice)
    if seen_revision == idea.revision_count:
        return page
    sent = Wording(page.title, page.body.replace("\r\n", "\n"))
    try:
        base = wording_at(idea.id, seen_revision)
    except NotFound:
        return page
    found: Carried = carried(base, sent, present_of(idea))
    return replace(
        page,
        title=found.wording.title,
        body=found.wording.body,
        hidden={**page.hidden, "seen_revision": str(idea.revision_count)},
        notice=_(
            "Somebody changed the text while you wrote. Nothing is lost: the form brings your text together with "
            "the present one; as you sent it, it stands at the end of this page. Look it over and send it again."
        ),
        clashes=found.clashes,
        shown=[_meanwhile(seen_revision, base, idea)],
        as_sent=sent,
    )


def _seen(idea: Idea, amendment: Amendment, sent: Sent | None) -> Mapping[str, str]:
    kept = sent or {}
    return {
        "seen_revision": kept.get("seen_revision") or str(idea.revision_count),
        "seen_wording": kept.get("seen_wording") or str(amendment.edit_count),
    }


def _meanwhile(number: int, base: Wording, idea: Idea) -> Shown:
    was, now = _("Version %(number)s", number=number), _("As it stands")
    comparison = side_by_side(base, present_of(idea), old_label=was, new_label=now)
    return Shown(heading=_("What was changed meanwhile"), comparison=comparison)


def _wanted(number: int, base: Wording, proposed: Wording) -> Shown:
    was = _("Version %(number)s", number=number)
    comparison = side_by_side(base, proposed, old_label=was, new_label=_("As it was proposed"))
    return Shown(heading=_("What was proposed"), comparison=comparison)
