"""The record of rights as admins read it."""

import ast
from collections.abc import Iterator

from flask import Flask

from ideas.accounts.audit import note
from ideas.accounts.models import MemberKind
from ideas.boards.models import Role
from ideas.boards.services import grant_role, revoke_role
from ideas.core.db import transaction
from ideas.core.pages import PAGE_SIZE
from ideas.web.pages.record import ACT_WORDS
from tests.architecture.tree import python_files
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member
from tests.queries import counted_queries
from tests.web.client import HTMX


def test_each_entry_says_who_did_what_to_whom_before_and_after(app: Flask, client_for: ClientFor) -> None:
    boss, member = make_admin("Petra Boss"), make_member("Max Muster")
    board = make_board("Harbour")
    with transaction():
        grant_role(actor_of(boss), board=board, member_id=member.id, role=Role.MODERATOR)
        revoke_role(actor_of(boss), board=board, member_id=member.id, role=Role.MODERATOR)
    client = client_for(boss)
    client.post(f"/admin/members/{member.handle}/edit", data={"kind": MemberKind.PARTNER, "is_active": "y"})
    text = client.get("/admin/record").text
    for words in ("Role given", "Role taken away", "Harbour", "Max Muster", "by Petra Boss", "role: Moderator"):
        assert words in text
    changed = text.index("What a member is changed")
    assert changed < text.index("kind: customer") < text.index("kind: partner") < text.index("Role taken away")


def test_what_has_no_words_yet_is_shown_by_its_name_and_values_are_no_markup(app: Flask, client_for: ClientFor) -> None:
    boss = make_admin()
    with transaction():
        note(actor_of(boss), "something.new", before={"word": "<b>x</b>"}, after={"is_on": True, "word": ""})
    text = client_for(boss).get("/admin/record").text
    assert "something.new" in text
    assert "word: &lt;b&gt;x&lt;/b&gt;" in text
    assert "is on: yes" in text


def test_the_record_pages_in_a_fixed_number_of_queries(app: Flask, client_for: ClientFor) -> None:
    boss = make_admin()
    client = client_for(boss)
    client.get("/admin/record", headers=HTMX)
    with counted_queries(app) as few:
        client.get("/admin/record")
    with transaction():
        for number in range(PAGE_SIZE + 1):
            note(actor_of(boss), f"act.{number}", subject="board", subject_id=number)
    with counted_queries(app) as many:
        text = client.get("/admin/record").text
    assert len(many) <= len(few) + 1
    assert "act.0<" not in text
    following = text.split('class="pager"')[1].split('href="')[1].split('"')[0]
    assert "act.0<" in client.get(following.replace("&amp;", "&")).text


def acts_noted() -> Iterator[str]:
    """Give every act that the program notes, as it stands in its text."""
    for file in python_files():
        calls = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "note" and len(call.args) > 1:
                parts = (part for part in ast.walk(call.args[1]) if isinstance(part, ast.Constant))
                yield from (part.value for part in parts if isinstance(part.value, str) and "." in part.value)


def test_every_act_has_words() -> None:
    acts = set(acts_noted())
    assert len(acts) > 20
    assert acts <= ACT_WORDS.keys()
