"""How members want to hear of each kind of news, and that it is kept to."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid, SignInNeeded
from ideas.core.outbox import OutboxRow
from ideas.core.policy import VISITOR
from ideas.notifications import jobs
from ideas.notifications.choices import (
    ALWAYS_TOLD,
    BY_MAIL,
    DEFAULTS,
    FOR_STAFF,
    channel_of,
    channels_for,
    channels_of,
    choices_of,
    choose,
    kinds_for,
)
from ideas.notifications.models import Channel, Notification, NotificationChoice, NotificationKind, ToldReason
from ideas.notifications.news import News, read
from ideas.notifications.words import CHANNEL_NAMES, KIND_WORDS, because, what_happened, why_told
from ideas.web.pages.hearing import GROUPS
from tests.factories import actor_of, make_idea, make_member, make_staff

CHOICES = st.dictionaries(st.sampled_from(NotificationKind), st.sampled_from(Channel), max_size=6)
#: Two who differ in whether they take mail at all, and noise who chooses nothing.
PEOPLE = 3


def rows_of(member: Member) -> list[tuple[NotificationKind, Channel]]:
    query = select(Notification.kind, Notification.channel).where(Notification.member_id == member.id)
    return [(row.kind, row.channel) for row in session().execute(query.order_by(Notification.id))]


def waits_for(member: Member, key: str) -> bool:
    return session().scalar(select(OutboxRow.id).where(OutboxRow.key == f"mail:{key}:{member.id}")) is not None


def tell_now(news: News) -> None:
    with transaction():
        jobs.fan_out(
            {
                **{name: getattr(news, name) for name in News.__dataclass_fields__},
                "kind": news.kind.value,
                "reason": news.reason.value,
            }
        )


@pytest.mark.once
def test_every_kind_has_a_default_words_and_one_place_in_the_settings() -> None:
    shown = [kind for _words, kinds in GROUPS for kind in kinds]
    assert set(DEFAULTS) == set(KIND_WORDS) == set(shown) == set(NotificationKind)
    assert len(shown) == len(set(shown))
    assert set(CHANNEL_NAMES) == set(Channel)
    assert all(str(what_happened(kind, who=None)) for kind in NotificationKind)
    assert len({str(why_told(reason)) for reason in ToldReason}) == len(ToldReason)
    assert len({str(because(reason)) for reason in ToldReason}) == len(ToldReason)


@pytest.mark.once
def test_what_is_for_oneself_comes_at_once_and_the_talk_of_others_in_a_letter() -> None:
    at_once = {"response", "please_confirm", "mention", "reply", "moderated", "credit", "support_entered"}
    assert {kind for kind, channel in DEFAULTS.items() if channel is Channel.AT_ONCE} >= at_once
    assert DEFAULTS[NotificationKind.COMMENT] is Channel.DAILY
    assert all(DEFAULTS[kind] in channels_for(kind) for kind in DEFAULTS)


def test_any_choices_are_kept_to_by_whatever_is_told(app: Flask) -> None:
    """A choice decides whether a row is written and a mail waits; who takes no mail has it in the corner."""
    people = [make_member() for _ in range(PEOPLE)]
    idea_id = make_idea().id
    with transaction():
        session().execute(update(Member).where(Member.id == people[1].id).values(wants_mail=False))
    number = 0

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CHOICES, st.sampled_from(NotificationKind))
    def holds(choices: dict[NotificationKind, Channel], kind: NotificationKind) -> None:
        nonlocal number
        number += 1
        allowed = {one: channel for one, channel in choices.items() if channel in channels_for(one)}
        for member in people[:2]:
            with transaction():
                choose(actor_of(member), {**DEFAULTS, **allowed})
        key = f"test:{number}"
        ids = tuple(member.id for member in people)
        tell_now(News(kind=kind, key=key, idea_id=idea_id, actor_id=None, member_ids=ids))
        wanted = {**DEFAULTS, **allowed}[kind]
        without_mail = Channel.APP if wanted in BY_MAIL else wanted
        expected = [wanted, without_mail, DEFAULTS[kind]]
        found = dict(
            session().execute(select(Notification.member_id, Notification.channel).where(Notification.key == key)).all()
        )
        assert [found.get(id_, Channel.NONE) for id_ in ids] == expected
        assert [waits_for(member, key) for member in people] == [one is Channel.AT_ONCE for one in expected]
        assert channels_of(ids, kind) == dict(zip(ids, [wanted, wanted, DEFAULTS[kind]], strict=True))
        kept = session().scalars(select(NotificationChoice.kind).where(NotificationChoice.member_id == people[0].id))
        assert set(kept) == {one for one, channel in allowed.items() if channel is not DEFAULTS[one]}
        session().rollback()

    holds()
    assert session().get_one(Member, people[2].id, populate_existing=True).unread_count == number


def test_what_is_done_to_ones_words_or_in_ones_name_cannot_be_turned_off(app: Flask) -> None:
    member = make_member()
    for kind in NotificationKind:
        if kind in ALWAYS_TOLD:
            with pytest.raises(Invalid) as refused, transaction():
                choose(actor_of(member), {kind: Channel.NONE})
            assert set(refused.value.errors) == {kind.value}
        else:
            with transaction():
                choose(actor_of(member), {kind: Channel.NONE})
        assert (channel_of(member.id, kind) is Channel.NONE) is (kind not in ALWAYS_TOLD)


def test_visitors_choose_nothing_and_customers_are_not_asked_about_the_work_of_staff(app: Flask) -> None:
    with pytest.raises(SignInNeeded):
        choose(VISITOR, {NotificationKind.COMMENT: Channel.NONE})
    assert set(kinds_for(actor_of(make_member()))) == set(NotificationKind) - FOR_STAFF
    assert set(choices_of(actor_of(make_staff()))) == set(NotificationKind)


def test_what_waits_to_be_mailed_goes_the_way_chosen_since(app: Flask) -> None:
    member, noise = make_member(), make_member()
    idea_id = make_idea().id
    ids = (member.id, noise.id)
    kinds = (NotificationKind.RESPONSE, NotificationKind.COMMENT, NotificationKind.WITHDRAWN)
    for kind in kinds:
        tell_now(News(kind=kind, key=f"{kind}:1", idea_id=idea_id, actor_id=None, member_ids=ids))
    chosen = {
        NotificationKind.RESPONSE: Channel.WEEKLY,
        NotificationKind.COMMENT: Channel.AT_ONCE,
        NotificationKind.WITHDRAWN: Channel.NONE,
    }
    with transaction():
        choose(actor_of(member), chosen)
    # Nobody would send it, had it become a mail at once; so it stays in the letter.
    now = [Channel.WEEKLY, Channel.DAILY, Channel.APP]
    assert rows_of(member) == list(zip(kinds, now, strict=True))
    assert rows_of(noise) == [(kind, DEFAULTS[kind]) for kind in kinds]


def test_what_was_mailed_or_stood_in_the_corner_only_is_not_mailed_for_a_new_choice(app: Flask) -> None:
    member, kind = make_member(), NotificationKind.COMMENT
    idea_id = make_idea().id
    with transaction():
        choose(actor_of(member), {kind: Channel.APP})
    tell_now(News(kind=kind, key="comment:1", idea_id=idea_id, actor_id=None, member_ids=(member.id,)))
    with transaction():
        choose(actor_of(member), {kind: Channel.DAILY})
    assert rows_of(member) == [(kind, Channel.APP)]


@pytest.mark.once
def test_news_comes_out_of_a_row_as_it_went_in() -> None:
    news = News(
        kind=NotificationKind.COMMENT, key="comment:7", idea_id=3, actor_id=None, comment_id=7, follows=(3, 4),
        member_ids=(5,), reason=ToldReason.REPORTED, replies_to_id=9,
    )  # fmt: skip
    payload = {name: getattr(news, name) for name in News.__dataclass_fields__}
    stored = {name: list(value) if isinstance(value, tuple) else value for name, value in payload.items()}
    assert read({**stored, "after": 12}) == news


def test_choices_are_counted_apart_for_each_member(app: Flask) -> None:
    member, noise = make_member(), make_member()
    with transaction():
        choose(actor_of(member), {NotificationKind.REPLY: Channel.WEEKLY})
        choose(actor_of(member), {NotificationKind.REPLY: Channel.NONE})
        choose(actor_of(noise), {NotificationKind.REPLY: Channel.WEEKLY})
    kinds = select(func.count()).select_from(NotificationChoice)
    assert session().scalar(kinds) == 2
    assert (channel_of(member.id, NotificationKind.REPLY), channel_of(noise.id, NotificationKind.REPLY)) == (
        Channel.NONE,
        Channel.WEEKLY,
    )
