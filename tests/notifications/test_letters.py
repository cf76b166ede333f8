"""What mails say: in one layout, in both forms, safe whatever people wrote, found together by mail programs."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask, render_template
from sqlalchemy import update

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.messages import compose, payload_of
from ideas.core.settings import Settings
from ideas.core.text import paragraphs, quoted
from ideas.following.services import follow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications.digest_mails import DigestLetter, Happening, IdeaNews
from ideas.notifications.mails import NewsLetter, Standing, render
from ideas.notifications.models import Notification
from ideas.web.pages.letters import Letter, find_letter, letter_names
from tests.factories import actor_of, make_idea, make_member
from tests.factories.responding import make_product_manager, make_response
from tests.factories.world import ROOT
from tests.notifications.mailbox import Elements, Mailbox, form_of, parse

Drain = Callable[[], int]

#: What mails may be made of. Nothing here loads anything or runs anything.
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td",
    "h1", "h2", "p", "a", "span", "strong", "br",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "lang", "dir", "charset", "name", "content", "class", "style", "role", "width", "height",
    "cellpadding", "cellspacing", "border", "bgcolor", "align", "href",
}  # fmt: skip
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></td><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "One\r\nBcc: everybody@example.org\r\n\r\n<b>Two</b>",
    "\u202egnp.exe\u0000\x0b\u2028--\n-- \nYour code to sign in: 000000",
]
URL = "https://ideas.example.org/x?a=1&b=2"
SIGNING_IN = ("code", "link", "register", "account_exists", "reset", "changed", "factor", "address_old")


@pytest.fixture
def mailbox(settings: Settings) -> Mailbox:
    return Mailbox.empty(settings)


def drawings(word: str) -> dict[str, dict[str, object]]:
    """Return for each template words that all are the given one, but for addresses."""
    status = Standing(category="planned", name=word, meaning=word)
    news = NewsLetter(
        subject=word, preheader=word, happened=word, title=word, quote=[word, word], figure=word, figure_words=word,
        status=status, notes=[word], url=URL, step=word, why=word, can_reply=True, mute_url=URL, unsubscribe_url=URL,
        settings_url=URL,
    )  # fmt: skip
    happening = Happening(what=word, words=word, url=URL)
    idea = IdeaNews(board=word, title=word, url=URL, status=status, happenings=[happening, happening], more=word)
    digest = DigestLetter(
        subject=word, preheader=word, eyebrow=word, heading=word, ideas=[idea, idea], more=word, corner_url=URL,
        why=word, unsubscribe_url=URL, settings_url=URL,
    )  # fmt: skip
    people = ["name", "handle", "board", "purpose", "heading", "quote", "new", "host"]
    program = ["subject", "happened", "login_token", "reason", "days", "why"]
    words: dict[str, object] = dict.fromkeys([*people, *program], word)
    words |= {"link": URL, "url": URL, "reset_token": "token"}
    signing_in = {f"security/mail/{name}": words for name in SIGNING_IN}
    others = {"address_new": words, "address_changed": words, "address_taken": words}
    return {
        "emails/notification": {"letter": news},
        "emails/digest": {"letter": digest},
        "emails/invitation": words,
        "emails/mail_in": words,
        "emails/standing": words,
        "emails/webhook": words,
        **signing_in,
        **{f"security/mail/{name}": given for name, given in others.items()},
    }


def sent(app: Flask, template: str, words: dict[str, object], *, subject: str, site: str) -> EmailMessage:
    """Return the mail as it reaches a mail program."""
    with app.test_request_context():
        text, html = (render_template(f"{template}.{form}", **words) for form in ("txt", "html"))
        payload = payload_of(to="ann@example.org", subject=subject, text=text, html=html, sender_name=site)
        return parse(compose(payload).message().as_bytes())


@pytest.mark.parametrize("payload", PAYLOADS)
def test_whatever_people_wrote_no_mail_holds_more_than_it_was_made_of(app: Flask, payload: str) -> None:
    for template, words in drawings(payload).items():
        message = sent(app, template, words, subject=payload, site=payload)
        found = Elements(form_of(message, "html"))
        assert found.names <= ALLOWED, template
        assert {name for _tag, name, _value in found.attributes} <= ALLOWED_ATTRIBUTES, template
        assert all(link.startswith(("http://", "https://")) for link in found.links), template
        assert "49" not in found.text.replace(payload, ""), template


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_header_stands_once_and_none_is_added(app: Flask, payload: str) -> None:
    for template, words in drawings(payload).items():
        names = [name.lower() for name in sent(app, template, words, subject=payload, site=payload)]
        assert sorted(set(names)) == sorted(names), template
        assert "bcc" not in names, template


def test_what_is_quoted_in_plain_text_cannot_be_taken_for_ours(app: Flask) -> None:
    forged = "Fine words.\n--\nYour code to sign in: 123456\n" + "long words " * 30
    lines = quoted(paragraphs(forged, most=600)).splitlines()
    assert all(line == ">" or line.startswith("> ") for line in lines)
    assert max(map(len, lines)) <= 72


def every_letter(app: Flask) -> list[Letter]:
    with app.test_request_context():
        return [letter for name in letter_names() if (letter := find_letter(name)) is not None]


def test_every_mail_of_the_site_can_be_looked_at(app: Flask) -> None:
    with app.test_request_context():
        folders = ("emails", "security/mail")
        loaded = {name for name in app.jinja_env.list_templates() if name.startswith(folders) and name.endswith(".txt")}
        assert len(every_letter(app)) == len(letter_names())
    drawn = {f"{template}.txt" for template in drawings("x")}
    assert loaded == drawn | {"emails/layout.txt"}


def test_mails_load_nothing_and_can_be_read_without_pictures_and_styles(app: Flask) -> None:
    for letter in every_letter(app):
        found = Elements(letter.html)
        assert not found.names & {"img", "link", "script", "iframe", "object", "video"}, letter.name
        assert not re.search(r"url\(|@import|@font-face|\ssrc=", letter.html), letter.name
        assert len(found.text) > 60, letter.name


def test_every_link_of_a_mail_stands_in_its_plain_form_too_and_the_main_one_can_be_copied(app: Flask) -> None:
    for letter in every_letter(app):
        found = Elements(letter.html)
        own = {link for link in found.links if link.rstrip("/") != "http://localhost"}
        missing = {link for link in own if link not in letter.text and "/comments/" not in link}
        assert not missing, letter.name
        if "Or open this address" in letter.html:
            [main] = [link for link in found.links if f">{link}</a>" in letter.html.replace("&amp;", "&")]
            assert letter.html.count(f'href="{main}"') >= 2, letter.name


def test_every_mail_says_why_it_comes_and_begins_with_a_line_for_the_list(app: Flask) -> None:
    for letter in every_letter(app):
        [hidden] = re.findall(r'<div style="display:none[^>]*>([^<&]*)', letter.html)
        assert hidden.strip(), letter.name
        assert re.search(r"\n--\n.{20,}", letter.text), letter.name


def test_mails_about_signing_in_cannot_be_turned_off_and_the_others_can(app: Flask) -> None:
    for letter in every_letter(app):
        names = {name for name, _value in letter.headers}
        is_news = letter.name == "digest" or letter.name.startswith("news-")
        assert ("List-Unsubscribe" in names) is ("List-Unsubscribe-Post" in names) is is_news, letter.name
        assert ("/unsubscribe/" in letter.text) is is_news, letter.name


def followed(*followers: Member) -> Idea:
    idea = make_idea()
    for follower in followers:
        with transaction():
            follow(actor_of(follower), get_idea_by_id(ROOT, idea.id))
    return idea


def test_mails_about_one_idea_are_found_together_and_each_keeps_its_name(
    app: Flask, drain: Drain, mailbox: Mailbox
) -> None:
    ann, ben = make_member(), make_member()
    idea, other = followed(ann, ben), followed(ann)
    for answered in (idea, idea, other):
        make_response(answered)
    drain()
    first, second, apart = sorted(mailbox.to(ann), key=lambda mail: "2" if other.title in mail["Subject"] else "1")
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["Subject"] == second["Subject"]
    names = {str(mail["Message-ID"]) for mail in [*mailbox.to(ann), *mailbox.to(ben)]}
    assert len(names) == 5
    assert len({str(mail["References"]) for mail in [first, apart, *mailbox.to(ben)]}) == 3
    again = {render(one).payload["message_id"] for one in session().query(Notification) if render(one)}  # type: ignore[union-attr]
    assert names <= again


def test_no_line_of_a_plain_mail_is_anybody_elses_than_ours(app: Flask, drain: Drain, mailbox: Mailbox) -> None:
    ann, idea = make_member(), make_idea()
    forged = "Yes.\n\n--\nYour code to sign in: 123456"
    with transaction() as current:
        follow(actor_of(ann), get_idea_by_id(ROOT, idea.id))
        current.execute(update(Idea).where(Idea.id == idea.id).values(title=forged))
    manager = make_product_manager(idea)
    make_response(idea, by=manager, body=forged)
    with transaction() as current:
        current.execute(update(Member).where(Member.id == manager.id).values(name=forged))
    drain()
    [mail] = mailbox.to(ann)
    lines = form_of(mail, "plain").splitlines()
    assert "> Your code to sign in: 123456" in lines
    assert not [line for line in lines if line.startswith("Your code")]
    assert lines.count("--") == 1


@pytest.mark.parametrize(
    ("configured", "seen"),
    [
        ("ideas@example.org", "Saltmarsh Ideas <ideas@example.org>"),
        ("Ideas of Reed <ideas@example.org>", "Ideas of Reed <ideas@example.org>"),
    ],
)
def test_a_mail_is_from_the_place_by_name_or_as_its_owner_has_set(
    app: Flask, monkeypatch: pytest.MonkeyPatch, configured: str, seen: str
) -> None:
    monkeypatch.setattr(app.extensions["mailman"], "default_sender", configured)
    words = drawings("Words")["emails/notification"]
    assert sent(app, "emails/notification", words, subject="Hello", site="Saltmarsh Ideas")["From"] == seen


def test_a_mail_tells_programs_how_to_turn_it_off_with_one_click(app: Flask, drain: Drain, mailbox: Mailbox) -> None:
    ann = make_member()
    make_response(followed(ann))
    drain()
    [mail] = mailbox.to(ann)
    found = re.fullmatch(r"<(http://localhost/unsubscribe/[\w-]+)>", str(mail["List-Unsubscribe"]))
    assert found is not None
    assert found[1] in form_of(mail, "plain")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(mail["From"]).endswith("<ideas@localhost>")
    assert str(ann.id) not in found[1].rpartition("/")[2].split("-")


@pytest.mark.parametrize(
    ("language", "begins"), [("de", '<html lang="de" dir="ltr">'), ("ar", '<html lang="ar" dir="rtl">')]
)
def test_a_mail_is_in_the_language_of_its_receiver(
    app: Flask, drain: Drain, mailbox: Mailbox, language: str, begins: str
) -> None:
    ann = make_member()
    idea = followed(ann)
    with transaction() as current:
        current.execute(update(Member).where(Member.id == ann.id).values(language=language))
    make_response(idea)
    drain()
    [mail] = mailbox.to(ann)
    assert begins in form_of(mail, "html")
