"""Whatever stands in `next=`, nobody is led to another site."""

from urllib.parse import urljoin, urlsplit

import pytest

from ideas.web.redirects import safe_next
from tests.conftest import ClientFor
from tests.web.hostile_paths import HOSTILE
from tests.web.sign_up import link_in, mails, opening_link
from tests.web.test_security import PASSWORD, form_token, is_signed_in, with_password

HARMLESS = (
    "/",
    "/boards",
    "/me?tab=1",
    "/ideas/abc#c-12",
    "/search?q=a%20b",
    "/search?q=//evil.example",
    "/search?q=https://evil.example",
    "/boards/b%C3%B6rse",
    "/a//b",
    "/propose?board=b&kind=idea",
)


def assert_ours(location: str | None) -> None:
    """Check that no reader of the address leaves the site by it: not as written, nor as browsers mend it."""
    assert location is not None
    assert location.startswith("/")
    for seen in (location, location.replace("\\", "/"), "".join(sign for sign in location if ord(sign) > 32)):
        assert urlsplit(urljoin("http://localhost/sign-in", seen)).netloc == "localhost", location
    assert not set(location) & {"\r", "\n", "\t", "\x00"}


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 120


@pytest.mark.parametrize("target", HOSTILE)
def test_what_leads_away_is_dropped(target: str) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize("target", HARMLESS)
def test_our_own_paths_are_kept(target: str) -> None:
    assert safe_next(target) == target


def test_signing_in_leads_nowhere_else(client_for: ClientFor) -> None:
    member = with_password()
    for target in HOSTILE:
        client = client_for(None)
        page = client.get("/sign-in", query_string={"next": target})
        assert page.status_code == 200
        assert "evil" not in page.text[page.text.index("<main") : page.text.index("</main")]
        sent = {"email": str(member.email), "password": PASSWORD, "next": target, "csrf_token": form_token(page)}
        answer = client.post("/sign-in", data=sent, sends_token=False)
        assert (answer.status_code, is_signed_in(client)) == (303, True), target
        assert_ours(answer.location)


def test_the_other_ways_in_lead_nowhere_else(client_for: ClientFor) -> None:
    member = with_password()
    signed_in = client_for(member)
    for target in HOSTILE:
        theme = client_for(None).post("/preferences/theme", data={"theme": "dark", "next": target})
        already = signed_in.get("/sign-in", query_string={"next": target})
        for answer in (theme, already):
            assert answer.status_code == 303, target
            assert_ours(answer.location)


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "/%09/evil.example"])
def test_mailed_links_lead_nowhere_else(client_for: ClientFor, target: str) -> None:
    member, client = with_password(), client_for(None)
    client.post("/register", data={"email": "new@example.org", "next": target})
    link = opening_link("new@example.org")
    assert "evil" not in link
    answer = client.post(link, data={"name": "New", "password": PASSWORD, "next": target})
    assert_ours(answer.location)
    other = client_for(None)
    other.post("/sign-in/link", data={"identity": str(member.email), "next": target})
    link = link_in(mails()[-1], "/sign-in/link/")
    assert "evil" not in link
    for way in ({"data": {"next": target}}, {"query_string": {"next": target}}):
        answer = other.post(link, **way)
        if answer.status_code == 303:
            assert_ours(answer.location)
