"""What is left of amendments when somebody leaves and takes their words along."""

import pytest
from flask import Flask

from ideas.accounts.erasing import REMOVED
from ideas.accounts.models import Member
from ideas.cocreation.amending import write_anew
from ideas.cocreation.amendments import get_amendment_by_id, list_wordings
from ideas.cocreation.authorship import written_by
from ideas.cocreation.recount import wrong_totals
from ideas.core.db import session, transaction
from ideas.privacy.services import leave
from tests.factories import actor_of, make_idea, make_member, reload
from tests.factories.amendments import REASON, accept, propose
from tests.factories.together import accept as accept_changed
from tests.factories.together import make_co_author
from tests.factories.world import ROOT

CANARY = "The heron stands on the third pier."
TEXT = f"{CANARY}\n\nNobody feeds it."


def go(member: Member, *, keeps_content: bool) -> None:
    with transaction():
        leave(actor_of(member), keeps_content=keeps_content, confirmation=member.handle)
    session().rollback()


@pytest.mark.parametrize("keeps_content", [True, False])
def test_a_text_that_goes_with_its_author_goes_out_of_what_others_made_of_it(app: Flask, keeps_content: bool) -> None:
    author, other = make_member(), make_member()
    idea, noise = make_idea(author=author, body=TEXT), make_idea(body=TEXT)
    waiting, accepted, elsewhere = (propose(one, f"{TEXT}\n\nSo feed it.", by=other) for one in (idea, idea, noise))
    with transaction():
        write_anew(
            actor_of(other), get_amendment_by_id(ROOT, waiting.id), title=idea.title, body=f"{TEXT}\n\nOr not.",
            reason=REASON, seen_revision=1, seen_wording=0,
        )  # fmt: skip
    accept(accepted, by=author)
    go(author, keeps_content=keeps_content)
    texts = [reload(waiting).body, reload(accepted).body, *(each.body for each in list_wordings(waiting.id))]
    assert [CANARY in text for text in texts] == [keeps_content] * 3
    assert {reload(one).reason for one in (waiting, accepted)} == {REASON}
    assert CANARY in reload(elsewhere).body
    assert wrong_totals() == []


def test_of_a_joint_text_amendments_keep_their_words(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author, body=TEXT)
    make_co_author(idea)
    amendment = propose(idea, f"{TEXT}\n\nSo feed it.")
    go(author, keeps_content=False)
    assert CANARY in reload(amendment).body


def test_who_wrote_the_rest_stays_known_when_the_words_of_an_amendment_go(app: Flask) -> None:
    author, second, other = make_member(), make_member(), make_member()
    idea = make_idea(author=author, body="Feed it.\n\nNow.")
    make_co_author(idea, second)
    amendment = propose(idea, "Feed it.\n\nNow.\n\nAnd at night too, please.", by=other)
    accept_changed(amendment, by=second, changed_to="Feed it.\n\nNow.\n\nAnd at dusk too, please.")
    go(other, keeps_content=False)
    assert reload(amendment).body == REMOVED
    lines = {line.text.strip(): line.author_ids for line in written_by(idea.id).body if line.text.strip()}
    assert lines["Feed it."] == lines["Now."] == (author.id,)
