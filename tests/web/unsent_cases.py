"""Forms that come back as they were sent: who sends each of them, where, and what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from tests.factories import amendments, make_board, make_idea, make_member, make_problem, make_staff
from tests.factories.authors import make_draft
from tests.factories.cocreation import deliver, make_hit
from tests.factories.commenting import make_comment
from tests.factories.links import give_up
from tests.factories.merging import make_merge
from tests.factories.voting import make_support


@dataclass(frozen=True)
class Case:
    """A form: who sends it, where, and what they typed; `kept`: what must be in the answer."""

    by: Member | None
    path: str
    form: Mapping[str, str]
    kept: tuple[str, ...]


def own_idea() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"title": "A title typed just now", "body": "A body typed now.", "note": "Why", "seen_revision": "1"}
    return Case(author, f"/ideas/{idea.public_id}/edit", form, ("A title typed just now", "A body typed now.", "Why"))


def new_idea() -> Case:
    board = make_board("Harbour")
    form = {"title": "A title typed", "body": "A body typed.", "kind": "problem", "board": board.slug, "tags": "quay"}
    return Case(make_member(), "/propose", form, ("A title typed", "A body typed.", "quay", 'value="problem" checked'))


def comment() -> Case:
    form = {"body": "Words of mine", "nonce": "abcdefghijkl"}
    return Case(make_member(), f"/ideas/{make_idea().public_id}/comments", form, ("Words of mine", "abcdefghijkl"))


def reply() -> Case:
    parent = make_comment(make_idea())
    form = {"body": "An answer of mine", "parent": parent.public_id}
    return Case(make_member(), f"/ideas/{parent.idea.public_id}/comments", form, ("An answer of mine",))


def own_comment() -> Case:
    made = make_comment(make_idea(), author=(author := make_member()))
    return Case(author, f"/comments/{made.public_id}/edit", {"body": "Better words", "seen": "x"}, ("Better words",))


def need() -> Case:
    idea, member = make_problem(), make_member()
    make_support(idea, by=member)
    form = {"need": "For the night shift", "strength": "critical", "version": "4.2", "environment": "at sea"}
    kept = ("For the night shift", "4.2", "at sea", 'value="critical" checked')
    return Case(member, f"/ideas/{idea.public_id}/need", form, kept)


def fix() -> Case:
    form = {"title": "A fix in a sentence", "body": "How it works.", "workaround": "y"}
    kept = ("A fix in a sentence", "How it works.", "checked")
    return Case(make_member(), f"/ideas/{make_problem().public_id}/fixes/new", form, kept)


def word() -> Case:
    problem = make_problem()
    member = make_hit(problem)
    deliver(problem)
    form = {"verdict": "not_fixed", "note": "It still drips"}
    return Case(member, f"/ideas/{problem.public_id}/confirmations", form, ("It still drips",))


def author_asked() -> Case:
    return Case(make_member(), f"/ideas/{make_idea().public_id}/authors/ask", {"note": "I know it"}, ("I know it",))


def author_invited() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"handle": "ada-l", "note": "You know it"}
    return Case(author, f"/ideas/{idea.public_id}/authors/invite", form, ('value="ada-l"', "You know it"))


def writer_named() -> Case:
    draft = make_draft(owner := make_member())
    return Case(owner, f"/me/drafts/{draft.public_id}/people", {"handle": "ada-l"}, ('value="ada-l"',))


def change_proposed() -> Case:
    form = {
        "title": "A clearer title",
        "body": "A clearer text.",
        "reason": "One sees it at once",
        "seen_revision": "1",
    }
    kept = ("A clearer title", "A clearer text.", "One sees it at once", 'name="seen_revision" value="1"')
    return Case(make_member(), f"/ideas/{make_idea().public_id}/amendments/new", form, kept)


def change_reworded() -> Case:
    amendment = amendments.propose(make_idea(), "It would help most.", by=(member := make_member()))
    form = {"title": "A clearer title", "body": "A clearer text.", "reason": "One sees it at once"}
    seen = {"seen_revision": "1", "seen_wording": "0"}
    kept = (*form.values(), 'name="seen_wording" value="0"')
    return Case(member, f"/amendments/{amendment.public_id}/redo", {**form, **seen}, kept)


def change_accepted() -> Case:
    idea = make_idea(author=(author := make_member()))
    make_support(idea, by=make_member())
    amendment = amendments.propose(idea, "It would help most.")
    form = {"title": "Our own title", "body": "Our own text.", "changes_meaning": "yes"}
    seen = {"seen_revision": "1", "seen_wording": "0"}
    kept = ("Our own title", "Our own text.", 'value="yes" checked')
    return Case(author, f"/amendments/{amendment.public_id}/change", {**form, **seen}, kept)


def change_as_own_idea() -> Case:
    idea = make_idea(author=(author := make_member()))
    amendment = amendments.propose(idea, "It would help most.", by=(member := make_member()))
    amendments.reject(amendment, by=author)
    form = {"title": "An idea of its own", "body": "That says more.", "nonce": "abcdefghijkl"}
    return Case(member, f"/amendments/{amendment.public_id}/own-idea", form, tuple(form.values()))


def taken_over() -> Case:
    idea = give_up(make_idea())
    return Case(make_member(), f"/ideas/{idea.public_id}/adopt", {"reason": "It is too good"}, ("It is too good",))


def link() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"address": "http://localhost/ideas/bcdfghjkmn", "kind": "depends_on", "nonce": "abcdefghijkl"}
    kept = ("http://localhost/ideas/bcdfghjkmn", 'value="depends_on" checked', "abcdefghijkl")
    return Case(author, f"/ideas/{idea.public_id}/links", form, kept)


def link_suggested() -> Case:
    form = {"address": "http://localhost/ideas/bcdfghjkmn", "kind": "merge", "text": "They are the same"}
    kept = ("http://localhost/ideas/bcdfghjkmn", 'value="merge" checked', "They are the same")
    return Case(make_member(), f"/ideas/{make_idea().public_id}/links/suggest", form, kept)


def merge() -> Case:
    board = make_board(owner=(manager := make_staff()))
    idea, other = make_idea(board), make_idea(board, title="Where it goes")
    form = {"into": other.public_id, "reason": "They say the same", "nonce": "abcdefghijkl"}
    kept = (f'name="into" value="{other.public_id}"', "Where it goes", "They say the same", "abcdefghijkl")
    return Case(manager, f"/ideas/{idea.public_id}/merge", form, kept)


def merge_undone() -> Case:
    board = make_board(owner=(manager := make_staff()))
    made = make_merge(make_idea(board), make_idea(board))
    return Case(
        manager, f"/merges/{made.public_id}/undo", {"reason": "They do not after all"}, ("They do not after all",)
    )


def part() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"title": "A part of it", "body": "About that.", "rest": "All but that.", "reason": "These are two"}
    kept = (*form.values(), "abcdefghijkl")
    sent = {**form, "seen_revision": "1", "nonce": "abcdefghijkl"}
    return Case(author, f"/ideas/{idea.public_id}/split", sent, kept)


def steps() -> Case:
    form = {"steps": "Open it, then wait", "version": "4.2", "environment": "at sea"}
    return Case(make_member(), f"/ideas/{make_problem().public_id}/reproductions", form, tuple(form.values()))


def report() -> Case:
    form = {"reason": "other", "text": "It is not kind"}
    kept = ("It is not kind", 'value="other" checked')
    return Case(make_member(), f"/ideas/{make_idea().public_id}/report", form, kept)


def report_of_comment() -> Case:
    path = f"/comments/{make_comment(make_idea()).public_id}/report"
    return Case(make_member(), path, {"reason": "other", "text": "Nor is this"}, ("Nor is this",))


def addresses() -> Case:
    manager = make_staff()
    make_board("Quay", audience=Audience.SEGMENT, owner=manager)
    return Case(manager, "/boards/quay/people", {"addresses": "a@example.org\nb@example.org"}, ("b@example.org",))


def for_customer() -> Case:
    manager = make_staff()
    idea = make_idea(make_board(owner=manager))
    form = {"via": "call", "where": "call of 3 May", "need": "To fill it with one hand", "action": "enter"}
    kept = ("call of 3 May", "To fill it with one hand")
    return Case(manager, f"/ideas/{idea.public_id}/voices/new", form, kept)


def idea_of_customer() -> Case:
    manager = make_staff()
    board = make_board(owner=manager)
    form = {"title": "A lid that stays", "body": "It falls.", "kind": "idea", "board": board.slug, "action": "publish"}
    return Case(manager, "/propose/for-customer", form, ("A lid that stays", "It falls."))


def sign_in() -> Case:
    form = {"email": "ada@example.org", "password": "secret words", "remember": "y", "next": "/boards"}
    return Case(None, "/sign-in", form, ('value="ada@example.org"', 'value="/boards"', "checked"))


def code() -> Case:
    return Case(None, "/sign-in/code", {"identity": "ada@example.org", "passcode": "1"}, ('value="ada@example.org"',))


def code_asked() -> Case:
    return Case(None, "/sign-in/code/send", {"identity": "ada@example.org"}, ('value="ada@example.org"',))


def link_asked() -> Case:
    return Case(None, "/sign-in/link", {"identity": "ada@example.org"}, ('value="ada@example.org"',))


def forgotten() -> Case:
    return Case(None, "/password", {"email": "ada@example.org"}, ('value="ada@example.org"',))


def account_asked() -> Case:
    form = {"email": "ada@example.org", "next": "/boards"}
    return Case(None, "/register", form, ('value="ada@example.org"', 'value="/boards"'))


CASES: tuple[Callable[[], Case], ...] = (
    *(own_idea, new_idea, comment, reply, own_comment, need, fix, word, report, report_of_comment, addresses),
    *(for_customer, idea_of_customer),
    *(author_asked, author_invited, writer_named),
    *(change_proposed, change_reworded, change_accepted, change_as_own_idea),
    *(taken_over, link, link_suggested, merge, merge_undone, part, steps),
    *(sign_in, code, code_asked, link_asked, forgotten, account_asked),
)
