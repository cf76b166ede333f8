"""The settings of mail that comes in."""

import pytest

from ideas.core.settings import BadSetting, read_settings

pytestmark = pytest.mark.once


def test_without_a_setting_no_mail_is_taken() -> None:
    settings = read_settings({})
    assert (settings.reply_domain, settings.mail_in_authserv_id, settings.lmtp_listen) == (None, None, None)


def test_names_are_read_in_small_letters() -> None:
    settings = read_settings({"REPLY_DOMAIN": " Reply.Example.com ", "MAIL_IN_AUTHSERV_ID": "MX.example.com"})
    assert (settings.reply_domain, settings.mail_in_authserv_id) == ("reply.example.com", "mx.example.com")


@pytest.mark.parametrize(
    ("value", "listen"),
    [
        (":2400", ("127.0.0.1", 2400)),
        ("2400", ("127.0.0.1", 2400)),
        ("10.0.0.5:24", ("10.0.0.5", 24)),
        ("[fd00::5]:2400", ("fd00::5", 2400)),
    ],
)
def test_without_a_host_the_worker_listens_on_this_machine_only(value: str, listen: tuple[str, int]) -> None:
    assert read_settings({"LMTP_LISTEN": value}).lmtp_listen == listen


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLY_DOMAIN", "reply@example.com"),
        ("REPLY_DOMAIN", "example..com"),
        ("REPLY_DOMAIN", "a." * 100 + "com"),
        ("MAIL_IN_AUTHSERV_ID", "mx example"),
        ("LMTP_LISTEN", "localhost"),
        ("LMTP_LISTEN", ":0"),
        ("LMTP_LISTEN", ":70000"),
        ("LMTP_LISTEN", "a b:24"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value})
