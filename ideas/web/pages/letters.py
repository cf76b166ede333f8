"""Every mail of the site with made-up content, drawn from its real templates: to be looked at, never sent.

Nothing is read from the database but the name of the place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flask import render_template

from ideas.cocreation.joining import RequestState
from ideas.cocreation.models import AmendmentState
from ideas.core.messages import compose, message_id_of, payload_of
from ideas.moderation.models import SuggestionState
from ideas.notifications.digest_mails import DigestLetter, Happening, IdeaNews
from ideas.notifications.letters import NO_ANSWERS, base_url, sender_name
from ideas.notifications.mails import CONVERSATION, WITH_STATUS, NewsLetter, Standing
from ideas.notifications.models import NotificationKind, ToldReason
from ideas.notifications.subjects import Outcome
from ideas.notifications.unsubscribing import headers_of, mutes
from ideas.notifications.words import next_step, what_happened, why_told

NEWS = "news-"
_TO = "somebody@example.org"
_TITLE = "Show the tide beside the route"
_PLANNED = Standing(category="planned", name="Planned", meaning="We will build it, and say when.")
_ANSWER = (
    "Forty of you wrote how you plan a crossing today: a paper table on your knees, a pencil between your teeth. "
    "That is reason enough.\n"
    "We will draw the tide along the route, hour by hour, from the tables of the harbour offices. Rivers come later, "
    "as their tables are not free to use.\n"
    "Mara's sketch is the one we start from. We show you a first version in March."
).splitlines()
_COMMENT = (
    "On the sand banks north of us the water falls two metres in three hours. An arrow that is right at breakfast is "
    "wrong at noon, so please let me move the time with a finger."
)
_MEANING = "Only the tables of harbours: rivers are an idea of their own now."
_WHY = "Whoever sails at night needs the hour of slack water too, not only the height."
_REFUSED = "Good, but another idea: it asks for currents, this one for heights."
_JOIN = "I wrote half of the examples, and I know the tables of the north."
_SAME = "Both ask for the tide beside the route; the other one has the larger talk."
_DELIVERED = Standing(category="delivered", name="Delivered", meaning="You can use it now.")
_TOKEN = "kX3b9Qd7Vn2LrT8wYp5Hs1Zc"  # noqa: S105 - leads nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail as it would be sent."""

    name: str
    subject: str
    text: str
    html: str
    #: As the mail server would be given them, without those of its parts.
    headers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What differs between made-up news of one kind and another."""

    reason: ToldReason
    who: str = "Ida Brandt"
    quote: tuple[str, ...] = ()
    points: int = 0
    outcome: Outcome | None = None
    notes: tuple[str, ...] = ()


_NEWS: Mapping[NotificationKind, _News] = {
    NotificationKind.RESPONSE: _News(reason=ToldReason.SUPPORT, quote=tuple(_ANSWER)),
    NotificationKind.STATUS: _News(reason=ToldReason.CHOSEN),
    NotificationKind.COMMENT: _News(reason=ToldReason.COMMENT, who="Rosa Quint", quote=(_COMMENT,)),
    NotificationKind.REPLY: _News(reason=ToldReason.REPLIED, who="Rosa Quint", quote=(_COMMENT,)),
    NotificationKind.MENTION: _News(reason=ToldReason.MENTIONED, who="Rosa Quint", quote=(_COMMENT,)),
    NotificationKind.FIX_PROPOSED: _News(reason=ToldReason.PROBLEM, who="Nils Aker", quote=(_ANSWER[1],)),
    NotificationKind.FIX_CHOSEN: _News(reason=ToldReason.FIX, quote=(_ANSWER[2],)),
    NotificationKind.PLEASE_CONFIRM: _News(reason=ToldReason.SUPPORT, quote=(_ANSWER[1],)),
    NotificationKind.REOPENED: _News(reason=ToldReason.AUTHOR, who="Rosa Quint", quote=(_COMMENT,)),
    NotificationKind.CREDIT: _News(reason=ToldReason.CONCERNED, points=25),
    NotificationKind.WITHDRAWN: _News(reason=ToldReason.SUPPORT, who="Mara Lind", quote=("The new chart has it.",)),
    NotificationKind.MODERATED: _News(reason=ToldReason.CONCERNED, quote=("It names a customer.",)),
    NotificationKind.SUPPORT_ENTERED: _News(
        reason=ToldReason.NAMED,
        quote=("I cross twice a week with children on board.",),
        notes=(
            "Where it was heard: call, 3 March.",
            "If it is not what you said, take it back on its page: press the key of support there.",
        ),
    ),
    NotificationKind.IDEA_ENTERED: _News(reason=ToldReason.NAMED, quote=(_COMMENT,)),
    NotificationKind.REPORT_DECIDED: _News(reason=ToldReason.REPORTED),
    NotificationKind.PROMISE_OVERDUE: _News(reason=ToldReason.STAFF, quote=(_COMMENT,)),
    NotificationKind.MEANING_CHANGED: _News(reason=ToldReason.SUPPORT, who="Mara Lind", quote=(_MEANING,)),
    NotificationKind.AMENDMENT_PROPOSED: _News(reason=ToldReason.AUTHOR, who="Nils Aker", quote=(_WHY,)),
    NotificationKind.AMENDMENT_WAITING: _News(reason=ToldReason.AUTHOR, quote=(_WHY,)),
    NotificationKind.AMENDMENT_DECIDED: _News(
        reason=ToldReason.CONCERNED, who="Mara Lind", outcome=AmendmentState.REJECTED, quote=(_REFUSED,)
    ),
    NotificationKind.AMENDMENT_OUTDATED: _News(reason=ToldReason.CONCERNED, quote=(_WHY,)),
    NotificationKind.CO_AUTHOR_INVITED: _News(reason=ToldReason.INVITED, who="Mara Lind"),
    NotificationKind.CO_AUTHOR_ASKED: _News(reason=ToldReason.AUTHOR, who="Nils Aker", quote=(_JOIN,)),
    NotificationKind.CO_AUTHOR_ANSWERED: _News(
        reason=ToldReason.CONCERNED, who="Nils Aker", outcome=RequestState.ACCEPTED
    ),
    NotificationKind.CO_AUTHOR_LEFT: _News(reason=ToldReason.AUTHOR, who="Nils Aker"),
    NotificationKind.MERGED: _News(reason=ToldReason.SUPPORT, quote=(_SAME,)),
    NotificationKind.MERGE_UNDONE: _News(reason=ToldReason.SUPPORT, quote=("They differ in rivers after all.",)),
    NotificationKind.SPLIT: _News(reason=ToldReason.SUPPORT, who="Mara Lind"),
    NotificationKind.ADOPTED: _News(reason=ToldReason.SUPPORT, who="Nils Aker", quote=(_JOIN,)),
    NotificationKind.SUGGESTION_DECIDED: _News(
        reason=ToldReason.CONCERNED, outcome=SuggestionState.DECLINED, quote=(_REFUSED,)
    ),
    NotificationKind.SUGGESTED: _News(reason=ToldReason.STAFF, who="Nils Aker", quote=(_SAME,)),
    NotificationKind.RECURRENCE: _News(reason=ToldReason.STAFF, who="", quote=(_COMMENT,)),
}

#: Where an idea stands after other news than an answer.
_STANDINGS: Mapping[NotificationKind, Standing] = {
    NotificationKind.CREDIT: _DELIVERED,
    NotificationKind.PLEASE_CONFIRM: _DELIVERED,
    NotificationKind.REOPENED: Standing(category="open", name="Open"),
}

#: Mails about signing in: the name of the template -> the words it needs beside the links.
_SIGNING_IN: Mapping[str, Mapping[str, str]] = {
    "code": {"login_token": "482913"},
    "link": {},
    "register": {},
    "account_exists": {},
    "reset": {},
    "changed": {},
    "factor": {
        "subject": "A passkey was added",
        "happened": "The passkey “My telephone” was added to your account just now.",
    },
    "address_old": {"new": "new@example.org"},
    "address_new": {},
    "address_changed": {"new": "new@example.org"},
    "address_taken": {},
}


def letter_names() -> list[str]:
    """Return the names of all mails, those about the community first."""
    return [*(f"{NEWS}{kind}" for kind in NotificationKind), *_OTHERS, *_SIGNING_IN]


def find_letter(name: str) -> Letter | None:
    """Return the mail of that name, or None."""
    if name.startswith(NEWS) and name.removeprefix(NEWS) in set(NotificationKind):
        return _news_letter(NotificationKind(name.removeprefix(NEWS)))
    if name in _OTHERS:
        return _OTHERS[name]()
    if name in _SIGNING_IN:
        return _sign_in_letter(name)
    return None


def _news_letter(kind: NotificationKind) -> Letter:
    news = _NEWS[kind]
    happened = str(what_happened(kind, who=news.who, outcome=news.outcome))
    link = f"{base_url()}/unsubscribe/{_TOKEN}"
    letter = NewsLetter(
        subject=f"[Charts] {_TITLE}" if kind in CONVERSATION else f"{happened}: {_TITLE}",
        preheader=happened,
        happened=happened,
        title=_TITLE,
        quote=list(news.quote),
        figure=str(news.points or ""),
        figure_words="points for you" if news.points else "",
        status=_STANDINGS.get(kind, _PLANNED) if kind in WITH_STATUS else None,
        notes=list(news.notes),
        url=f"{base_url()}/ideas/k3m9x2p7qa",
        step=str(next_step(kind)),
        why=str(why_told(news.reason)),
        can_reply=kind in CONVERSATION,
        mute_url=link if mutes(news.reason) else "",
        unsubscribe_url=link,
        settings_url=f"{base_url()}/me/settings/notifications",
    )
    headers = {**NO_ANSWERS, **headers_of(link)}
    thread = [message_id_of("preview:thread")]
    return _drawn(
        f"{NEWS}{kind}",
        "emails/notification",
        {"letter": letter, "hue": "pine"},
        subject=letter.subject,
        headers=headers,
        references=thread,
    )


def _digest() -> Letter:
    link = f"{base_url()}/unsubscribe/{_TOKEN}"
    url = f"{base_url()}/ideas/k3m9x2p7qa"
    talk = [Happening(what="Rosa Quint commented", words=_COMMENT, url=f"{base_url()}/comments/a1b2c3d4e5")]
    ideas = [
        IdeaNews(
            board="Charts",
            title=_TITLE,
            url=url,
            status=_PLANNED,
            happenings=[Happening(what="Ida Brandt answered", words=_ANSWER[1], url=url), *talk],
            more="And 4 more",
        ),
        IdeaNews(
            board="Motors",
            title="The motor wakes by itself after rain",
            url=url,
            status=Standing(category="delivered", name="Delivered"),
            happenings=[Happening(what="Per Holm says it is fixed. Is it, for you?", words="", url=url)],
            more="",
        ),
        IdeaNews(
            board="Charts",
            title="Name the harbours as the people there do",
            url=url,
            status=Standing(category="open", name="Open"),
            happenings=[Happening(what="Mara Lind mentioned you", words="@ada knows the old names.", url=url), *talk],
            more="",
        ),
    ]
    letter = DigestLetter(
        subject=f"Today: {_TITLE}, and 14 more ideas",
        preheader=f"Ida Brandt answered. {ideas[1].title}, {ideas[2].title}",
        eyebrow="Daily letter, 22 November 2026",
        heading="News of 15 ideas",
        ideas=ideas,
        more="And news of 12 more ideas.",
        corner_url=f"{base_url()}/me/notifications",
        why="You get this letter once a day because of what you wrote, support or follow.",
        unsubscribe_url=link,
        settings_url=f"{base_url()}/me/settings/notifications",
    )
    headers = {**NO_ANSWERS, **headers_of(link)}
    return _drawn("digest", "emails/digest", {"letter": letter}, subject=letter.subject, headers=headers)


def _invitation() -> Letter:
    words = {
        "board": "Charts",
        "purpose": "What stands on the chart, how it is drawn, and how you find your way with it.",
        "days": 14,
        "hue": "ochre",
        "url": f"{base_url()}/invitations/{_TOKEN}",
    }
    return _drawn("invitation", "emails/invitation", words, subject="You are invited: Charts")


def _standing() -> Letter:
    words = {
        "subject": "Still staff without a group: Per Holm",
        "name": "Per Holm",
        "handle": "per",
        "reason": "They look after a board, which needs somebody.",
        "url": f"{base_url()}/admin/members/per/edit",
    }
    return _drawn("standing", "emails/standing", words, subject=words["subject"])


def _webhook() -> Letter:
    words = {
        "subject": "Webhook switched off: Our tracker",
        "name": "Our tracker",
        "host": "tracker.example.com",
        "reason": "Nothing has got through to it for three days.",
        "url": f"{base_url()}/admin/webhooks/k3m9x2p7qa",
    }
    return _drawn("webhook", "emails/webhook", words, subject=words["subject"])


def _mail_in() -> Letter:
    words = {
        "heading": "Your reply was not posted",
        "why": "This idea takes no more comments.",
        "quote": _COMMENT,
        "url": f"{base_url()}/me",
    }
    return _drawn("mail_in", "emails/mail_in", words, subject=words["heading"])


def _sign_in_letter(name: str) -> Letter:
    words = {"link": f"{base_url()}/sign-in/link/{_TOKEN}", "reset_token": _TOKEN, **_SIGNING_IN[name]}
    return _drawn(name, f"security/mail/{name}", words, subject=words.get("subject", name))


def _drawn(
    name: str,
    template: str,
    words: Mapping[str, object],
    *,
    subject: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    references: Sequence[str] = (),
) -> Letter:
    text, html = (render_template(f"{template}.{form}", **words) for form in ("txt", "html"))
    payload = payload_of(
        to=_TO,
        subject=subject,
        text=text,
        html=html,
        headers=headers,
        references=references,
        message_id=message_id_of(f"preview:{name}"),
        sender_name=sender_name(),
    )
    message = compose(payload).message()
    shown = [(key, value) for key, value in message.items() if key not in {"Content-Type", "MIME-Version"}]
    return Letter(name=name, subject=payload["subject"], text=payload["text"], html=payload["html"], headers=shown)


_OTHERS: Mapping[str, Callable[[], Letter]] = {
    "digest": _digest,
    "invitation": _invitation,
    "mail_in": _mail_in,
    "standing": _standing,
    "webhook": _webhook,
}
