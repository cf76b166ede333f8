"""Acts that change how somebody signs in, or who may do what, ask again who one is: each is listed here."""

import pytest
from flask import Flask, url_for
from sqlalchemy import update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.core.db import transaction
from tests.conftest import ClientFor
from tests.factories import make_admin, make_member
from tests.web.access_world import everything_stored
from tests.web.client import HTMX, Client
from tests.web.test_factors import make_stale, signed_in
from tests.web.test_second_factor import set_up
from tests.web.test_security import with_password

#: What is sent to these does nothing before somebody has shown who they are, in the last quarter of an hour.
SENSITIVE = {
    "addresses.ask",
    "admin.drop_member_factors",
    "admin.drop_provider",
    "admin.edit_app",
    "admin.edit_member",
    "admin.edit_provider",
    "admin.end_app_former_key",
    "admin.erase",
    "admin.new_app",
    "admin.new_provider",
    "admin.renew_app_secret",
    "admin.revoke",
    "admin.roles",
    "admin.sign_out_member",
    "admin.staff_factor",
    "admin.try_provider",
    "admin.drop_webhook",
    "admin.edit_webhook",
    "admin.new_webhook",
    "admin.renew_webhook_secret",
    "admin.switch_webhook",
    "own_feed.make",
    "passkeys.add",
    "passkeys.ask_for_new",
    "passkeys.remove",
    "privacy.leave",
    "second_factor.confirm",
    "second_factor.renew_codes",
    "second_factor.turn_off",
    "security.change_password",
}
#: What looks after the place, or after oneself, without changing who anybody is or how they come in.
HARMLESS = {
    "admin.add_belonging",
    "admin.add_to_segment",
    "admin.edit_board",
    "admin.edit_organisation",
    "admin.edit_own_field",
    "admin.edit_segment",
    "admin.edit_status",
    "admin.new_board",
    "admin.new_organisation",
    "admin.new_own_field",
    "admin.new_segment",
    "admin.new_status",
    "admin.remove_belonging",
    "admin.remove_from_segment",
    "admin.retire_own_field",
    "admin.replay_failed",
    "admin.replay_message",
    "admin.site_words",
    "admin.try_address_again",
    "admin.try_again",
    "admin.try_all_again",
    # Nothing of the place is in the message, and where it goes was said before.
    "admin.try_webhook",
    "corner.change_settings",
    "corner.mail_again",
    # Only what is put into words of one's own: it is gone from there, and whoever looks sees that it is.
    "files.remove",
    # Drafts are seen by those who write them alone, and being named needs a yes of one's own.
    "drafting.discard",
    "drafting.join",
    "drafting.keep",
    "drafting.leave",
    "drafting.name",
    "drafting.take_name_back",
    # It takes sessions away, and gives nothing: whoever finds theirs stolen must not be kept from it.
    "factors.end",
    "factors.end_all",
    "factors.end_others",
    "notifications.change_settings",
    "notifications.open_one",
    "notifications.read",
    "notifications.read_all",
    # It takes the address away, and gives nothing.
    "own_feed.revoke",
    "privacy.download",
}


def own_rules(app: Flask) -> dict[str, Rule]:
    """Return the rules of what is sent to the pages of one's own and of those who run the place."""
    return {
        rule.endpoint: rule
        for rule in app.url_map.iter_rules()
        if f"{rule.rule}/".startswith(("/me/", "/admin/")) and "POST" in (rule.methods or set())
    }


def send(app: Flask, client: Client, endpoint: str, **options: object) -> TestResponse:
    """Send an empty form to something that need not exist: who asks comes first."""
    with app.test_request_context():
        address = url_for(endpoint, **dict.fromkeys(own_rules(app)[endpoint].arguments, 1))  # type: ignore[arg-type]
    return client.post(address, **options)


def test_every_address_that_changes_something_of_ones_own_is_listed(app: Flask) -> None:
    assert own_rules(app).keys() == SENSITIVE | HARMLESS
    assert not SENSITIVE & HARMLESS


@pytest.mark.parametrize("endpoint", sorted(SENSITIVE))
def test_a_sensitive_act_asks_again_who_one_is_and_changes_nothing(
    app: Flask, client_for: ClientFor, endpoint: str
) -> None:
    client = client_for(make_admin())
    make_stale(client)
    before = everything_stored()
    answer = send(app, client, endpoint)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/verify")
    assert everything_stored() == before


@pytest.mark.parametrize("endpoint", sorted(SENSITIVE))
def test_just_after_signing_in_it_does_not_ask(app: Flask, client_for: ClientFor, endpoint: str) -> None:
    answer = send(app, client_for(make_admin()), endpoint)
    assert not (answer.location or "").startswith("/verify")


def test_whoever_sends_through_the_script_is_led_there_too(app: Flask, client_for: ClientFor) -> None:
    client = client_for(make_admin())
    make_stale(client)
    answer = send(app, client, "admin.renew_app_secret", headers=HTMX)
    assert answer.headers["HX-Redirect"].startswith("/verify?")


def test_one_is_told_to_do_it_again_and_led_back_to_the_form(client_for: ClientFor) -> None:
    admin, member = make_admin(), make_member()
    client = client_for(admin)
    make_stale(client)
    form = f"/admin/members/{member.handle}/edit"
    answer = client.post(form, data={"kind": "staff", "is_active": "y"})
    assert answer.location == f"/verify?next={form}"
    assert "nothing was changed yet" in client.get(answer.location).text


def test_looking_at_who_holds_what_asks_nothing(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(make_admin())
    make_stale(client)
    assert client.get(f"/admin/members/{member.handle}/edit").status_code == 200
    assert client.get("/admin/staff-sign-in").status_code == 200


def test_pages_that_show_secrets_ask_before_they_are_seen(client_for: ClientFor) -> None:
    client = client_for(make_admin())
    make_stale(client)
    for page in ("/me/security/app", "/admin/apps/new", "/admin/providers/new", "/me/data/leave"):
        assert client.get(page).location == f"/verify?next={page}"


def test_signing_in_with_both_factors_is_showing_who_one_is(client_for: ClientFor) -> None:
    client = signed_in(client_for, with_password())
    set_up(client)
    make_stale(client)
    assert client.post("/me/security/app/codes").location.startswith("/verify")


def test_without_password_and_address_one_is_told_how_to_go_on(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(email=None))
    make_stale(client)
    page = client.get("/verify").text
    assert "sign in again the way you came" in page
    assert "/verify/code" not in page
    assert client.post("/verify/code/send").status_code == 404
