"""Names: one form for each, and none that reads like that of somebody of the staff."""

import unicodedata

import pytest
from confusable_homoglyphs.confusables import confusables_data
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.accounts.identities import Arrival, admit
from ideas.accounts.models import Member, MemberKind
from ideas.accounts.names import OFFICES, is_like_staff, is_reserved, normal_name, skeleton_of
from ideas.accounts.services import change_profile, create_member
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from ideas.core.policy import VISITOR
from ideas.web.signing_in.setup import KNOWN
from tests.conftest import ClientFor
from tests.factories import actor_of, make_member, make_staff, reload
from tests.web.sign_up import register
from tests.web.test_setup import FORM as SET_UP
from tests.web.test_setup import new_link

ALIKE = ("Anselm Kray", "ANSELM KRAY", "Аnselm Krаy", "Anse1m Kray", "Anselrn Kray", "Ansеlm\u200b Kray", "Ànselm-Krày")
HIDDEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\x00\x1b"


@given(st.text())
def test_normal_names_hide_nothing_and_stay_as_they_are(name: str) -> None:
    plain = normal_name(name)
    assert normal_name(plain) == plain
    assert unicodedata.is_normalized("NFKC", plain)
    assert not set(plain) & set(HIDDEN)


@given(st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=1), st.data())
def test_a_name_looks_the_same_with_any_sign_changed_for_one_alike(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    alike = [other["c"] for other in confusables_data.get(name[place], []) if len(other["c"]) == 1]
    alike = [sign for sign in alike if normal_name(sign) == sign and sign.isalnum()]
    changed = name[:place] + data.draw(st.sampled_from([*alike, name[place]])) + name[place + 1 :]
    hidden = data.draw(st.sampled_from(HIDDEN))
    assert skeleton_of(changed[:place] + hidden + changed[place:]) == skeleton_of(name)


@given(st.text())
def test_case_plays_no_part_in_plain_names(name: str) -> None:
    plain = "".join(sign for sign in name if sign.isascii())
    assert skeleton_of(plain.upper()) == skeleton_of(plain.lower())


@pytest.mark.parametrize("other", ["Anselm Gray", "Ansel Kray", "Kray Anselm", "李明", "Maren Ullen"])
def test_other_names_look_different(other: str) -> None:
    assert skeleton_of(other) != skeleton_of("Anselm Kray")


@pytest.mark.parametrize("name", ALIKE)
def test_nobody_registers_under_a_name_that_reads_like_one_of_the_staff(
    app: Flask, client_for: ClientFor, name: str
) -> None:
    make_staff("Anselm Kray")
    answer = register(client_for(None), name=name, email="eve@example.org")
    assert answer.status_code == 422
    assert 'id="f-name-e"' in answer.text


def test_nobody_changes_their_name_into_one_of_the_staff_but_may_keep_theirs(app: Flask) -> None:
    member = make_member("Anselm Kray")
    staff = make_staff("Anselm Kray")
    with transaction():
        change_profile(actor_of(member), name="Anselm Kray", bio="First.")
    other = make_member("Somebody Else")
    with pytest.raises(Invalid) as refused, transaction():
        change_profile(actor_of(other), name="Аnselm Kray", bio="")
    assert set(refused.value.errors) == {"name"}
    with transaction():
        change_profile(actor_of(staff), name="ANSELM KRAY", bio="")
    assert reload(staff).name == "ANSELM KRAY"


def test_a_handle_that_reads_like_one_of_the_staff_gets_digits(app: Flask) -> None:
    with transaction():
        create_member(name="Anselm Kray", email="a@example.org", kind=MemberKind.STAFF, handle="anselm")
    assert is_like_staff("anse1m")
    with transaction():
        member = create_member(name="Anse1m", email="b@example.org", is_self_named=False)
    assert member.handle.startswith("anse1m")
    assert not is_like_staff(member.handle)


def test_whoever_is_sent_by_a_provider_under_such_a_name_gets_a_neutral_one(app: Flask) -> None:
    make_staff("Anselm Kray")
    arrival = Arrival(issuer="https://id.example", subject="7", source="id", name="Аnselm Kray")
    with transaction():
        member = admit(VISITOR, arrival, takes_staff=False, refuses_new=lambda _email: None)
    assert skeleton_of(member.name) != skeleton_of("Anselm Kray")


@pytest.mark.parametrize(
    "name", ["Admin", "ADM\u200bIN", "аdmin", "Support Team", "Off1cial", "m0derator", "The Team", "Root"]
)
def test_nobody_but_the_staff_is_called_by_an_office(app: Flask, name: str) -> None:
    is_office = name != "The Team"
    assert is_reserved(name) is is_office
    if not is_office:
        return
    with pytest.raises(Invalid), transaction():
        create_member(name=name, email="a@example.org")
    member = make_member("Somebody Else")
    with pytest.raises(Invalid), transaction():
        change_profile(actor_of(member), name=name, bio="")
    staff = make_staff(name)
    assert reload(staff).name == normal_name(name)


@given(st.sampled_from(sorted(OFFICES)), st.data())
def test_an_office_is_known_in_whatever_signs_it_is_written(office: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(office) - 1))
    alike = [other["c"] for other in confusables_data.get(office[place], []) if len(other["c"]) == 1]
    alike = [sign for sign in alike if normal_name(sign) == sign and sign.isalnum()]
    changed = office[:place] + data.draw(st.sampled_from([*alike, office[place]])) + office[place + 1 :]
    written = data.draw(st.sampled_from([changed, office.upper(), office.title()]))
    assert is_reserved(written[:place] + data.draw(st.sampled_from(HIDDEN)) + written[place:])


def test_a_handle_that_is_an_office_gets_digits(app: Flask) -> None:
    with transaction():
        staff = create_member(name="Support", email="s@example.org", kind=MemberKind.STAFF)
    assert staff.handle.startswith("support")
    assert not is_reserved(staff.handle)


@pytest.mark.parametrize("kind", [MemberKind.CUSTOMER, MemberKind.PARTNER])
def test_staff_enter_no_customer_who_reads_like_one_of_them(app: Flask, kind: MemberKind) -> None:
    make_staff("Anselm Kray")
    with pytest.raises(Invalid) as refused, transaction():
        create_member(name="Аnselm Krаy", email="a@example.org", kind=kind)
    assert set(refused.value.errors) == {"name"}
    with transaction():
        create_member(name="Anselm Kray", email="b@example.org", kind=MemberKind.STAFF)


def test_who_sets_the_place_up_is_named_in_one_form(app: Flask, client_for: ClientFor) -> None:
    app.extensions[KNOWN] = False
    try:
        client_for(None).post(new_link(), data={**SET_UP, "your_name": "\u202eＡda\u200b Lovelace"})
    finally:
        app.extensions[KNOWN] = True
    assert session().scalars(select(Member.name)).all() == ["Ada Lovelace"]


def test_hidden_signs_do_not_reach_the_database(app: Flask) -> None:
    member = make_member("A\u200bda\u202e Ｌovelace")
    assert session().get_one(Member, member.id).name == "Ada Lovelace"
