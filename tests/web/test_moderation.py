"""The pages of moderation: reporting, the queue, the acts."""

import re

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.moderation import services
from ideas.moderation.hidden import list_hidden
from ideas.moderation.models import ModerationDecision, Report, ReportReason, ReportState
from ideas.web.pages.moderation import moderation_part
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff, reload
from tests.factories.moderation import make_report
from tests.queries import counted_queries
from tests.web.client import HTMX

REASON = "It advertises something else."


@pytest.fixture
def mod(app: Flask) -> Member:
    return make_member("Mo Keeper")


@pytest.fixture
def board(mod: Member) -> Board:
    return make_board("Kept", moderator=mod)


def hide(mod: Member, idea: Idea) -> None:
    actor = actor_of(mod)
    with transaction():
        services.hide_idea(actor, get_idea(actor, idea.public_id), reason=REASON)


def reports() -> list[Report]:
    session().rollback()
    return list(session().query(Report))


def test_a_member_reports_an_idea_and_is_led_back_to_it(board: Board, client_for: ClientFor) -> None:
    idea, client = make_idea(board), client_for(make_member())
    address = f"/ideas/{idea.public_id}/report"
    assert idea.title in client.get(address).text
    answer = client.post(address, data={"reason": "abuse", "text": "It hurts."})
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}")
    assert [(one.reason, one.text) for one in reports()] == [(ReportReason.ABUSE, "It hurts.")]
    assert client.post(address, data={"reason": "spam"}).status_code == 303
    assert len(reports()) == 1
    assert "reported this already" in client.get(address).text


def test_with_htmx_reporting_leads_to_the_idea_too(board: Board, client_for: ClientFor) -> None:
    idea = make_idea(board)
    answer = client_for(make_member()).post(f"/ideas/{idea.public_id}/report", data={"reason": "spam"}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/ideas/{idea.public_id}")


def test_a_comment_is_reported_at_its_own_address(board: Board, client_for: ClientFor) -> None:
    comment = make_comment(make_idea(board), body="Words that hurt.")
    client, address = client_for(make_member()), f"/comments/{comment.public_id}/report"
    assert "Words that hurt." in client.get(address).text
    answer = client.post(address, data={"reason": "abuse"})
    assert answer.location.endswith(f"#c-{comment.public_id}")
    assert [one.comment_id for one in reports()] == [comment.id]


@pytest.mark.parametrize(
    ("data", "field"),
    [({"reason": "", "text": "kept text"}, "reason"), ({"reason": "other", "text": "ab"}, "text")],
)
def test_a_refused_report_keeps_what_was_typed(
    board: Board, client_for: ClientFor, data: dict[str, str], field: str
) -> None:
    answer = client_for(make_member()).post(f"/ideas/{make_idea(board).public_id}/report", data=data)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert data["text"] in answer.text
    assert reports() == []


def test_a_visitor_who_reports_is_led_to_sign_in_and_back(board: Board, client_for: ClientFor) -> None:
    address = f"/ideas/{make_idea(board).public_id}/report"
    answer = client_for(None).get(address)
    assert answer.status_code == 303
    assert address.replace("/", "%2F") in answer.location or address in answer.location


def test_what_is_not_for_somebody_is_absent_on_every_page_of_moderation(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    comment = make_comment(idea, author=make_staff())
    report = make_report(idea, reporter=make_staff())
    for client in (client_for(make_member()), client_for(None)):
        for address in (f"/ideas/{idea.public_id}", f"/comments/{comment.public_id}"):
            assert client.get(f"{address}/report").status_code == 404
            assert client.get(f"{address}/moderate").status_code == 404
            assert client.post(f"{address}/moderate", data={"action": "hide", "reason": REASON}).status_code == 404
    address = f"/moderation/reports/{report.public_id}"
    assert client_for(make_member()).post(address, data={"decision": "uphold"}).status_code == 404
    assert client_for(None).post(address, data={"decision": "uphold"}).location.startswith("/sign-in")


def test_own_words_are_not_reported(board: Board, client_for: ClientFor) -> None:
    author = make_member()
    idea = make_idea(board, author=author)
    client = client_for(author)
    assert client.get(f"/ideas/{idea.public_id}/report").status_code == 403
    assert client.post(f"/ideas/{idea.public_id}/report", data={"reason": "spam"}).status_code == 403


def test_a_form_without_its_token_changes_nothing(board: Board, mod: Member, client_for: ClientFor) -> None:
    idea = make_idea(board)
    report = make_report(idea)
    client = client_for(mod)
    for address in (
        f"/ideas/{idea.public_id}/report",
        f"/ideas/{idea.public_id}/moderate",
        f"/moderation/reports/{report.public_id}",
    ):
        data = {"reason": REASON, "decision": "uphold", "action": "hide"}
        assert client.post(address, data=data, sends_token=False).status_code == 403
    assert (reload(idea).hidden_at, reload(report).state) == (None, ReportState.OPEN)


def test_unknown_fields_are_refused(board: Board, mod: Member, client_for: ClientFor) -> None:
    idea, client = make_idea(board), client_for(mod)
    data = {"reason": REASON, "action": "hide", "hidden_at": "2020-01-01"}
    assert client.post(f"/ideas/{idea.public_id}/moderate", data=data).status_code == 422
    assert client.post(f"/ideas/{idea.public_id}/report", data={"reason": "spam", "state": "upheld"}).status_code == 422
    assert (reload(idea).hidden_at, reports()) == (None, [])


def test_the_queue_is_for_those_who_keep_order(board: Board, mod: Member, client_for: ClientFor) -> None:
    make_report(make_idea(board, title="Watches for everybody"), text="They sell watches.")
    page = client_for(mod).get("/moderation")
    assert page.status_code == 200
    assert "Watches for everybody" in page.text
    assert "They sell watches." in page.text
    assert client_for(make_member()).get("/moderation").status_code == 403
    assert client_for(None).get("/moderation").status_code == 303
    assert client_for(mod).get("/moderation?after=nonsense").status_code == 422


def test_an_empty_queue_says_so(board: Board, mod: Member, client_for: ClientFor) -> None:
    make_report(make_idea())
    assert "Nothing waits for you" in client_for(mod).get("/moderation").text


def test_the_queue_pages_without_losing_or_repeating(board: Board, mod: Member, client_for: ClientFor) -> None:
    wanted = {make_report(make_idea(board)).public_id for _ in range(27)}
    client, seen, address = client_for(mod), list[str](), "/moderation"
    while address:
        text = client.get(address).text
        seen += re.findall(r'<li class="complaint" id="report-(\w+)"', text)
        more = re.search(r'href="([^"]+)" rel="next"', text)
        address = more.group(1) if more else ""
    assert (len(seen), set(seen)) == (27, wanted)


def test_a_report_is_decided_without_script_by_going_back_to_the_queue(
    board: Board, mod: Member, client_for: ClientFor
) -> None:
    idea = make_idea(board)
    report = make_report(idea)
    client = client_for(mod)
    answer = client.post(f"/moderation/reports/{report.public_id}", data={"decision": "uphold", "reason": REASON})
    assert (answer.status_code, answer.location) == (303, "/moderation")
    assert reload(idea).hidden_reason == REASON
    assert "Hidden. Its author can read your reason." in client.get("/moderation").text


def test_a_report_is_decided_with_htmx_in_place(board: Board, mod: Member, client_for: ClientFor) -> None:
    report = make_report(make_idea(board))
    answer = client_for(mod).post(
        f"/moderation/reports/{report.public_id}", data={"decision": "dismiss", "reason": REASON}, headers=HTMX
    )
    assert answer.status_code == 200
    assert answer.text.strip().startswith(f'<li class="complaint" id="report-{report.public_id}"')
    assert "HX-Request" in answer.headers["Vary"]
    assert reload(report).state is ReportState.DISMISSED


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    "data", [{"decision": "uphold", "reason": "abc"}, {"decision": "maybe", "reason": "A good reason."}]
)
def test_a_refused_decision_keeps_the_reason_typed(
    board: Board, mod: Member, client_for: ClientFor, data: dict[str, str], headers: dict[str, str]
) -> None:
    report = make_report(make_idea(board))
    answer = client_for(mod).post(f"/moderation/reports/{report.public_id}", data=data, headers=headers)
    assert answer.status_code == 422
    assert f'id="report-{report.public_id}-error"' in answer.text
    assert data["reason"] in answer.text
    assert answer.text.lstrip().startswith("<li") == bool(headers)
    assert reload(report).state is ReportState.OPEN


def test_deciding_needs_the_board_and_other_peoples_words(board: Board, mod: Member, client_for: ClientFor) -> None:
    report = make_report(make_idea(board, author=mod))
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for member in (mod, elsewhere, make_member()):
        for data in ({"decision": "uphold", "reason": REASON}, {}):
            answer = client_for(member).post(f"/moderation/reports/{report.public_id}", data=data)
            # To those who keep no order on the board the report does not exist.
            assert answer.status_code in ({404} if member is not mod else {403} if data else {403, 422})
    assert reload(report).state is ReportState.OPEN


def test_deciding_twice_is_answered_with_a_conflict(board: Board, mod: Member, client_for: ClientFor) -> None:
    report = make_report(make_idea(board))
    data = {"decision": "dismiss", "reason": REASON}
    client = client_for(mod)
    codes = [client.post(f"/moderation/reports/{report.public_id}", data=data).status_code for _ in range(2)]
    assert codes == [303, 409]


def test_the_page_of_acts_begins_with_the_words_as_they_stand(board: Board, mod: Member, client_for: ClientFor) -> None:
    idea = make_idea(board, title="A title to be mended", tags=["Quiet", "Loud"])
    page = client_for(mod).get(f"/ideas/{idea.public_id}/moderate").text
    assert 'value="A title to be mended"' in page
    assert 'value="Loud, Quiet"' in page
    assert 'value="hide"' in page
    assert 'value="restore"' not in page


@pytest.mark.parametrize(
    "data",
    [
        {"action": "hide"},
        {"action": "lock"},
        {"action": "retitle", "title": "A much clearer title"},
        {"action": "tag", "tags": "one, two"},
    ],
)
def test_every_act_is_carried_out_and_recorded_with_its_reason(
    board: Board, mod: Member, client_for: ClientFor, data: dict[str, str]
) -> None:
    idea = make_idea(board)
    answer = client_for(mod).post(f"/ideas/{idea.public_id}/moderate", data={**data, "reason": REASON})
    assert (answer.status_code, answer.location) == (303, f"/ideas/{idea.public_id}")
    session().rollback()
    (decision,) = session().query(ModerationDecision)
    assert (decision.action, decision.reason, decision.actor_id) == (data["action"], REASON, mod.id)


@pytest.mark.parametrize(("first", "back"), [("hide", "restore"), ("lock", "unlock")])
def test_acts_are_undone_on_the_same_page(
    board: Board, mod: Member, client_for: ClientFor, first: str, back: str
) -> None:
    idea, client = make_idea(board), client_for(mod)
    address = f"/ideas/{idea.public_id}/moderate"
    client.post(address, data={"action": first, "reason": REASON})
    assert f'value="{back}"' in client.get(address).text
    assert client.post(address, data={"action": back, "reason": "It was a mistake."}).status_code == 303
    assert (reload(idea).hidden_at, idea.locked_at) == (None, None)


@pytest.mark.parametrize(
    "data",
    [
        {"action": "hide", "reason": "", "title": "Typed title", "tags": "typed, tags"},
        {"action": "destroy", "reason": REASON, "title": "Typed title", "tags": "typed, tags"},
        {"action": "retitle", "reason": REASON, "title": "Short", "tags": "typed, tags"},
        {"action": "tag", "reason": REASON, "title": "Typed title", "tags": "a,b,c,d,e,f,g,typed"},
    ],
)
def test_a_refused_act_keeps_all_that_was_typed(
    board: Board, mod: Member, client_for: ClientFor, data: dict[str, str]
) -> None:
    idea = make_idea(board)
    answer = client_for(mod).post(f"/ideas/{idea.public_id}/moderate", data=data)
    assert answer.status_code == 422
    for typed in data["reason"], f'value="{data["title"]}"', f'value="{data["tags"]}"':
        assert typed in answer.text
    assert session().query(ModerationDecision).count() == 0


def test_acting_is_for_those_who_keep_order_on_this_board(board: Board, client_for: ClientFor) -> None:
    idea = make_idea(board)
    comment = make_comment(idea)
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for member in (make_member(), elsewhere, make_staff()):
        client = client_for(member)
        for address in (f"/ideas/{idea.public_id}/moderate", f"/comments/{comment.public_id}/moderate"):
            assert client.get(address).status_code == 403
            assert client.post(address, data={"action": "hide", "reason": REASON}).status_code == 403
    assert client_for(None).get(f"/ideas/{idea.public_id}/moderate").status_code == 303
    assert (reload(idea).hidden_at, reload(comment).hidden_at) == (None, None)


def test_a_comment_is_hidden_and_brought_back(board: Board, mod: Member, client_for: ClientFor) -> None:
    comment = make_comment(make_idea(board))
    client, address = client_for(mod), f"/comments/{comment.public_id}/moderate"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"action": "hide", "reason": REASON}).status_code == 303
    assert reload(comment).hidden_reason == REASON
    assert client.post(address, data={"action": "hide", "reason": REASON}).status_code == 409
    assert client.post(address, data={"action": "restore", "reason": ""}).status_code == 422
    assert client.post(address, data={"action": "restore", "reason": "Our mistake."}).status_code == 303
    assert reload(comment).hidden_at is None


def test_the_author_reads_why_and_strangers_learn_nothing(board: Board, mod: Member) -> None:
    author = make_member()
    idea = make_idea(board, author=author)
    hide(mod, idea)
    reload(idea)
    part = moderation_part(actor_of(author), idea)
    assert (part.is_hidden, part.hidden_reason, [step.reason for step in part.record]) == (True, REASON, [REASON])
    assert (part.can_moderate, part.can_report) == (False, False)
    assert moderation_part(actor_of(make_admin()), idea).can_moderate


def test_everybody_reads_why_an_idea_is_locked(board: Board, mod: Member) -> None:
    idea, actor = make_idea(board), actor_of(mod)
    with transaction():
        services.lock_idea(actor, get_idea(actor, idea.public_id), reason="It went in circles.")
    part = moderation_part(actor_of(make_member()), reload(idea))
    assert (part.is_locked, part.locked_reason, part.record, part.can_report) == (True, "It went in circles.", [], True)


def test_the_fragments_of_the_idea_page_speak_to_each_reader(app: Flask, board: Board, mod: Member) -> None:
    idea = make_idea(board)
    hide(mod, idea)
    reload(idea)
    with app.test_request_context("/"):
        draw = {name: app.jinja_env.get_template(f"moderation/_{name}.html").render for name in ("notice", "links")}
        kept = moderation_part(actor_of(mod), idea)
        assert REASON in draw["notice"](moderation=kept)
        assert f"/ideas/{idea.public_id}/moderate" in draw["links"](moderation=kept)
        plain = moderation_part(actor_of(make_member()), make_idea(board))
        assert draw["notice"](moderation=plain) == '<div class="moderation-notice stack" id="moderation-notice"></div>'
        assert "/moderate" not in draw["links"](moderation=plain)


def test_what_is_hidden_stands_in_a_lane_and_is_brought_back_with_a_reason(
    board: Board, mod: Member, client_for: ClientFor
) -> None:
    idea, comment = make_idea(board, title="A hidden harbour"), make_comment(make_idea(board), body="Hidden words.")
    elsewhere = make_idea(make_board("Other", moderator=make_member()), title="Of no concern here")
    hide(mod, idea)
    hide(make_admin(), elsewhere)
    with transaction():
        services.hide_comment(actor_of(mod), session().merge(comment), reason="It names a customer.")
    client = client_for(mod)
    page = client.get("/moderation?lane=hidden").text
    for words in ("A hidden harbour", REASON, "Hidden words.", "It names a customer."):
        assert words in page
    assert "Of no concern here" not in page
    assert page.index("Hidden words.") < page.index("A hidden harbour")
    for address in re.findall(r'<form method="post" action="(/[ic][^"]+/moderate)"', page):
        answer = client.post(address, data={"action": "restore", "reason": "It is all right after all."})
        assert answer.status_code == 303
    assert (reload(idea).hidden_at, reload(comment).hidden_at) == (None, None)
    assert "Nothing is hidden" in client.get("/moderation?lane=hidden").text


def test_the_hidden_lane_goes_on_page_by_page_in_few_queries(
    app: Flask, board: Board, mod: Member, client_for: ClientFor
) -> None:
    ideas = [make_idea(board) for _ in range(5)]
    for idea in ideas:
        hide(mod, idea)
    actor, seen, after = actor_of(mod), [], None
    while True:
        page = list_hidden(actor, after=after, size=2)
        seen += [item.idea_id for item in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert seen == [idea.public_id for idea in reversed(ideas)]
    with counted_queries(app) as statements:
        list_hidden(actor)
    assert len(statements) <= 3


def test_nobody_brings_back_their_own_words_from_the_lane(board: Board, mod: Member, client_for: ClientFor) -> None:
    idea = make_idea(board, author=mod)
    hide(make_admin(), idea)
    page = client_for(mod).get("/moderation?lane=hidden").text
    assert "somebody else has to bring it back" in page
    assert f"/ideas/{idea.public_id}/moderate" not in page


def test_the_hidden_lane_is_for_moderators_and_other_lanes_are_not_there(
    board: Board, mod: Member, client_for: ClientFor
) -> None:
    assert client_for(make_member()).get("/moderation?lane=hidden").status_code == 403
    assert client_for(mod).get("/moderation?lane=unknown").status_code == 404
    assert client_for(mod).get("/moderation?lane=hidden&after=nonsense").status_code == 422
