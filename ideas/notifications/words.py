"""What happened, in words: the same in the list and in the mail."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.cocreation.joining import RequestState
from ideas.cocreation.models import AmendmentState
from ideas.ideation.provenance import CHANNEL_WORDS, Heard
from ideas.moderation.models import ModerationAction, SuggestionState
from ideas.moderation.queries import Decided
from ideas.notifications.models import Channel, NotificationKind, ToldReason
from ideas.notifications.subjects import Outcome

#: Told because it was done in the member's name.
IN_THEIR_NAME = frozenset({NotificationKind.SUPPORT_ENTERED, NotificationKind.IDEA_ENTERED})


#: Told because of a follow, so that the page of the idea can stop it.
BY_FOLLOWING = frozenset(
    {
        ToldReason.AUTHOR,
        ToldReason.SUPPORT,
        ToldReason.COMMENT,
        ToldReason.FIX,
        ToldReason.CHOSEN,
        ToldReason.PROBLEM,
    },
)


def what_happened(
    kind: NotificationKind,
    *,
    who: str | None,
    decision: Decided | None = None,
    is_upheld: bool | None = None,
    outcome: Outcome | None = None,
) -> LazyString:
    """Return a sentence about the event; `who` is the name of whoever did it, None where nobody knows.

    `decision`: what a moderator did, so that several acts can be told apart. `is_upheld`: what became of a report.
    `outcome`: what came of a question, where it was decided.
    """
    name = who or _("Somebody")
    if outcome is not None and (ended := _how_it_ended(kind, outcome, name)) is not None:
        return ended
    if decision is not None:
        return _what_was_decided(decision, name)
    if is_upheld is not None:
        return (
            _("What you reported was taken out of sight")
            if is_upheld
            else _("A moderator looked at what you reported: it stays")
        )
    return {
        NotificationKind.RESPONSE: _("%(who)s answered", who=name),
        NotificationKind.STATUS: _("%(who)s changed where it stands", who=name),
        NotificationKind.COMMENT: _("%(who)s commented", who=name),
        NotificationKind.FIX_PROPOSED: _("%(who)s proposed a fix for a problem you follow", who=name),
        NotificationKind.FIX_CHOSEN: _("%(who)s chose this fix", who=name),
        NotificationKind.PLEASE_CONFIRM: _("%(who)s says it is fixed. Is it, for you?", who=name),
        NotificationKind.REOPENED: _("It is not fixed for %(who)s and stands open again", who=name),
        NotificationKind.CREDIT: _("%(who)s credited your help", who=name),
        NotificationKind.WITHDRAWN: _("%(who)s took it back", who=name),
        NotificationKind.MODERATED: _("%(who)s moderated something you wrote", who=name),
        NotificationKind.SUPPORT_ENTERED: _("%(who)s entered in your name that you support this", who=name),
        NotificationKind.IDEA_ENTERED: _("%(who)s published this in your name", who=name),
        NotificationKind.MENTION: _("%(who)s mentioned you", who=name),
        NotificationKind.REPLY: _("%(who)s replied to you", who=name),
        NotificationKind.REPORT_DECIDED: _("A moderator decided on what you reported"),
        NotificationKind.PROMISE_OVERDUE: _("Nobody has answered this in the promised time"),
        **_together(name),
    }[kind]


def _together(name: str | LazyString) -> Mapping[NotificationKind, LazyString]:
    """Return sentences about what people write together, and about what becomes of ideas."""
    return {
        NotificationKind.MEANING_CHANGED: _("%(who)s changed the text: it means something else now", who=name),
        NotificationKind.AMENDMENT_PROPOSED: _("%(who)s proposed a change of the text", who=name),
        NotificationKind.AMENDMENT_WAITING: _("A proposed change of the text waits for an answer"),
        NotificationKind.AMENDMENT_DECIDED: _("%(who)s decided on the change you proposed", who=name),
        NotificationKind.AMENDMENT_OUTDATED: _("The text has moved on where you proposed a change: write it anew"),
        NotificationKind.CO_AUTHOR_INVITED: _("%(who)s invites you to be named as an author", who=name),
        NotificationKind.CO_AUTHOR_ASKED: _("%(who)s asks to be named as an author", who=name),
        NotificationKind.CO_AUTHOR_ANSWERED: _("%(who)s answered whether you write this together", who=name),
        NotificationKind.CO_AUTHOR_LEFT: _("%(who)s is no longer named as an author", who=name),
        NotificationKind.MERGED: _("%(who)s merged it into another idea", who=name),
        NotificationKind.MERGE_UNDONE: _("%(who)s undid a merge: it stands for itself again", who=name),
        NotificationKind.SPLIT: _("%(who)s made a part of it an idea of its own", who=name),
        NotificationKind.ADOPTED: _("%(who)s took over what its author had given up", who=name),
        NotificationKind.SUGGESTED: _("%(who)s thinks that it belongs together with another idea", who=name),
        NotificationKind.SUGGESTION_DECIDED: _("%(who)s decided on what you suggested", who=name),
        NotificationKind.RECURRENCE: _("It looks like a problem that was fixed before"),
    }


def _how_it_ended(kind: NotificationKind, outcome: Outcome, name: str | LazyString) -> LazyString | None:
    """Return a sentence about what came of it, or None where that has none of its own."""
    if kind is NotificationKind.AMENDMENT_DECIDED:
        return {
            AmendmentState.ACCEPTED: _("%(who)s accepted the change you proposed", who=name),
            AmendmentState.PARTLY: _("%(who)s accepted a part of the change you proposed", who=name),
            AmendmentState.REJECTED: _("%(who)s did not accept the change you proposed", who=name),
            AmendmentState.REMOVED: _("%(who)s took the change you proposed out of sight", who=name),
        }.get(AmendmentState(outcome))
    if kind is NotificationKind.CO_AUTHOR_ANSWERED:
        return {
            RequestState.ACCEPTED: _("%(who)s said yes: you write this together now", who=name),
            RequestState.DECLINED: _("%(who)s said no to writing this together", who=name),
        }.get(RequestState(outcome))
    return {
        SuggestionState.TAKEN: _("%(who)s took up what you suggested", who=name),
        SuggestionState.DECLINED: _("%(who)s decided against what you suggested", who=name),
    }.get(SuggestionState(outcome))


def how_to_object(kind: NotificationKind, heard: Heard | None) -> list[LazyString]:
    """Return sentences on where staff heard what they entered, and what to do where it is wrong; empty for the rest.

    `heard` is None where it was taken back since.
    """
    if kind not in IN_THEIR_NAME:
        return []
    if heard is None:
        return [_("It was taken back since.")]
    source = CHANNEL_WORDS[heard.via]
    found = [
        _("Where it was heard: %(source)s, %(where)s.", source=source, where=heard.where)
        if heard.where
        else _("Where it was heard: %(source)s.", source=source)
    ]
    if kind is NotificationKind.SUPPORT_ENTERED:
        found.append(_("If it is not what you said, take it back on its page: press the key of support there."))
    else:
        found.append(_("It is yours: change it or withdraw it on its page. Report it there if you never said so."))
    return found


def _what_was_decided(decision: Decided, name: str | LazyString) -> LazyString:
    if decision.is_about_comment:
        found = {
            ModerationAction.HIDE: _("%(who)s hid your comment", who=name),
            ModerationAction.RESTORE: _("%(who)s brought your comment back", who=name),
        }
    else:
        found = {
            ModerationAction.HIDE: _("%(who)s hid what you wrote", who=name),
            ModerationAction.RESTORE: _("%(who)s brought back what you wrote", who=name),
            ModerationAction.RETITLE: _("%(who)s changed the title of what you wrote", who=name),
            ModerationAction.TAG: _("%(who)s changed the tags of what you wrote", who=name),
            ModerationAction.LOCK: _("%(who)s locked what you wrote", who=name),
            ModerationAction.UNLOCK: _("%(who)s unlocked what you wrote", who=name),
        }
    return found.get(decision.action) or _("%(who)s moderated something you wrote", who=name)


def next_step(kind: NotificationKind) -> LazyString:
    """Return what the link of a mail says."""
    if kind in {NotificationKind.COMMENT, NotificationKind.REPLY, NotificationKind.MENTION}:
        return _("Read and reply")
    if kind in {NotificationKind.FIX_PROPOSED, NotificationKind.FIX_CHOSEN}:
        return _("Look at the fix")
    return {
        NotificationKind.RESPONSE: _("Read the answer"),
        NotificationKind.PLEASE_CONFIRM: _("Say whether it is fixed for you"),
        NotificationKind.CREDIT: _("See who helped, and how"),
        NotificationKind.PROMISE_OVERDUE: _("Answer it"),
        NotificationKind.MEANING_CHANGED: _("See what changed, and keep or take back your support"),
        NotificationKind.MERGED: _("See where it went, or say no for yourself"),
        NotificationKind.SPLIT: _("Choose what you support"),
        NotificationKind.ADOPTED: _("See it, and say whether you still support it"),
        NotificationKind.AMENDMENT_PROPOSED: _("Read the change"),
        NotificationKind.AMENDMENT_WAITING: _("Read the change"),
        NotificationKind.AMENDMENT_DECIDED: _("See what became of it"),
        NotificationKind.AMENDMENT_OUTDATED: _("Write it anew"),
        NotificationKind.CO_AUTHOR_INVITED: _("Say yes or no"),
        NotificationKind.CO_AUTHOR_ASKED: _("Say yes or no"),
        NotificationKind.SUGGESTED: _("Look at both"),
        NotificationKind.SUGGESTION_DECIDED: _("See what became of it"),
        NotificationKind.RECURRENCE: _("Look at both"),
    }.get(kind) or _("See it on its page")


def why_told(reason: ToldReason, *, is_problem: bool = False) -> LazyString:
    """Return why this member was told, as a mail says it at its end. `is_problem`: of the idea it is about."""
    if reason is ToldReason.SUPPORT and is_problem:
        return _("You get this because the problem hits you too.")
    return {
        ToldReason.AUTHOR: _("You get this because you wrote it."),
        ToldReason.SUPPORT: _("You get this because you support it."),
        ToldReason.COMMENT: _("You get this because you commented."),
        ToldReason.FIX: _("You get this because you proposed a fix."),
        ToldReason.CHOSEN: _("You get this because you chose to follow it."),
        ToldReason.PROBLEM: _("You get this because you follow its problem."),
        ToldReason.REPLIED: _("You get this because it answers a comment of yours."),
        ToldReason.MENTIONED: _("You get this because it mentions you."),
        ToldReason.CONCERNED: _("You get this because it is about something you wrote or helped with."),
        ToldReason.NAMED: _("You get this because it was entered in your name."),
        ToldReason.REPORTED: _("You get this because you reported it."),
        ToldReason.INVITED: _("You get this because you are invited."),
        ToldReason.STAFF: _("You get this because you look after the board."),
    }[reason]


def because(reason: ToldReason, *, is_problem: bool = False) -> LazyString:
    """Return why this member was told, as a few words beside the news. `is_problem`: of the idea it is about."""
    if reason is ToldReason.SUPPORT and is_problem:
        return _("because it hits you too")
    return {
        ToldReason.AUTHOR: _("because you wrote it"),
        ToldReason.SUPPORT: _("because you support it"),
        ToldReason.COMMENT: _("because you commented"),
        ToldReason.FIX: _("because you proposed a fix"),
        ToldReason.CHOSEN: _("because you chose to follow it"),
        ToldReason.PROBLEM: _("because you follow its problem"),
        ToldReason.REPLIED: _("because it answers you"),
        ToldReason.MENTIONED: _("because it mentions you"),
        ToldReason.CONCERNED: _("because it is about your words or your help"),
        ToldReason.NAMED: _("because it was done in your name"),
        ToldReason.REPORTED: _("because you reported it"),
        ToldReason.INVITED: _("because you are invited"),
        ToldReason.STAFF: _("because you look after the board"),
    }[reason]


#: Each kind of news, as the settings name it.
KIND_WORDS: Mapping[NotificationKind, LazyString] = {
    NotificationKind.RESPONSE: _("An answer of the staff"),
    NotificationKind.STATUS: _("Its status changes without an answer"),
    NotificationKind.PLEASE_CONFIRM: _("You are asked whether it is fixed"),
    NotificationKind.FIX_CHOSEN: _("A fix is chosen"),
    NotificationKind.REOPENED: _("A problem stands open again"),
    NotificationKind.FIX_PROPOSED: _("A fix is proposed"),
    NotificationKind.WITHDRAWN: _("Its author takes it back"),
    NotificationKind.MENTION: _("Somebody mentions you"),
    NotificationKind.REPLY: _("A reply to your comment"),
    NotificationKind.COMMENT: _("A comment"),
    NotificationKind.CREDIT: _("Credit for your help"),
    NotificationKind.MODERATED: _("Your words are moderated"),
    NotificationKind.REPORT_DECIDED: _("What you reported is decided"),
    NotificationKind.SUPPORT_ENTERED: _("A support is entered in your name"),
    NotificationKind.IDEA_ENTERED: _("An idea is entered in your name"),
    NotificationKind.PROMISE_OVERDUE: _("An answer is overdue on a board you look after"),
    NotificationKind.MEANING_CHANGED: _("The text means something else"),
    NotificationKind.AMENDMENT_PROPOSED: _("A change of your text is proposed"),
    NotificationKind.AMENDMENT_WAITING: _("A proposed change waits for you"),
    NotificationKind.AMENDMENT_DECIDED: _("A change you proposed is decided"),
    NotificationKind.AMENDMENT_OUTDATED: _("A change you proposed does not fit any more"),
    NotificationKind.CO_AUTHOR_INVITED: _("You are invited to be named as an author"),
    NotificationKind.CO_AUTHOR_ASKED: _("Somebody asks to be named as an author"),
    NotificationKind.CO_AUTHOR_ANSWERED: _("Whether you write something together is answered"),
    NotificationKind.CO_AUTHOR_LEFT: _("A co-author leaves"),
    NotificationKind.MERGED: _("It is merged into another idea"),
    NotificationKind.MERGE_UNDONE: _("A merge is undone"),
    NotificationKind.SPLIT: _("A part of it becomes an idea of its own"),
    NotificationKind.ADOPTED: _("Somebody takes over what was given up"),
    NotificationKind.SUGGESTED: _("Members think that two ideas belong together"),
    NotificationKind.SUGGESTION_DECIDED: _("What you suggested is decided"),
    NotificationKind.RECURRENCE: _("A new problem looks like one that was fixed"),
}

CHANNEL_NAMES: Mapping[Channel, LazyString] = {
    Channel.AT_ONCE: _("At once"),
    Channel.DAILY: _("Daily"),
    Channel.WEEKLY: _("Weekly"),
    Channel.APP: _("Here only"),
    Channel.NONE: _("Not at all"),
}
