"""Forms about signing in take one text for each field and nothing else; no mail leaves for anything odd."""

import io
from typing import Any

import pytest

from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.sign_up import mails
from tests.web.test_security import is_signed_in, with_password

FORMS = {
    "/sign-in": ("email", {"password": "a long quiet sentence"}),
    "/sign-in/code": ("identity", {"passcode": "000000"}),
    "/sign-in/code/send": ("identity", {}),
    "/sign-in/link": ("identity", {}),
    "/register": ("email", {}),
    "/password": ("email", {}),
}
OTHER = "other@example.org"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("shape", ["{}[]", "{}[0]", "{}[email]", "{}.0", "{}%00", "{} ", "__proto__[{}]", "user[{}]"])
def test_a_name_with_brackets_is_no_name_of_ours(client_for: ClientFor, path: str, shape: str) -> None:
    name, rest = FORMS[path]
    member = with_password()
    sent = {**rest, name: str(member.email), shape.format(name): OTHER}
    client = client_for(None)
    assert client.post(path, data=sent).status_code == 422
    assert not is_signed_in(client)
    assert mails() == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("order", [1, -1])
def test_a_field_sent_twice_is_refused(client_for: ClientFor, path: str, order: int) -> None:
    name, rest = FORMS[path]
    addresses = [str(make_member().email), OTHER][::order]
    assert client_for(None).post(path, data={**rest, name: addresses}).status_code == 422
    assert mails() == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("body", ["list", "object", "nested", "text", "null"])
def test_json_is_refused(client_for: ClientFor, path: str, body: str) -> None:
    name, _rest = FORMS[path]
    known = str(make_member().email)
    bodies: dict[str, Any] = {
        "list": {name: [known, OTHER]},
        "object": {name: {"a": known}},
        "nested": [{name: known}],
        "text": known,
        "null": None,
    }
    answer = client_for(None).post(path, json=bodies[body])
    assert answer.status_code in {415, 422}
    assert mails() == []


@pytest.mark.parametrize("path", FORMS)
def test_an_address_in_the_query_is_not_read(client_for: ClientFor, path: str) -> None:
    name, rest = FORMS[path]
    answer = client_for(None).post(path, query_string={name: str(make_member().email)}, data={**rest, "next": "/"})
    assert answer.status_code == 422
    assert mails() == []


@pytest.mark.parametrize("path", FORMS)
def test_a_file_in_place_of_the_address_is_refused(client_for: ClientFor, path: str) -> None:
    name, rest = FORMS[path]
    sent = {**rest, name: (io.BytesIO(b"a@example.org"), "address.txt")}
    assert client_for(None).post(path, data=sent, content_type="multipart/form-data").status_code in {400, 422}
    assert mails() == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "joined", ["{0},{1}", "{0};{1}", "{0} {1}", "{0}\n{1}", "<{0}>, <{1}>", "{0}%0a{1}", "{0}\x00{1}"]
)
def test_two_addresses_in_one_field_are_none(client_for: ClientFor, path: str, joined: str) -> None:
    name, rest = FORMS[path]
    known = str(make_member().email)
    answer = client_for(None).post(path, data={**rest, name: joined.format(known, OTHER)})
    assert answer.status_code == 422
    assert mails() == []
