"""Settings: read typed, refused by name, all of them described."""

import os
import re
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

from ideas.app import flask_config
from ideas.core.mail import mail_config
from ideas.core.settings import DEVELOPMENT_KEY, BadSetting, Environment, read_settings
from ideas.core.smtp import MailServer
from tests.servers.app import PROJECT

pytestmark = pytest.mark.once

KEY = "kQ7-zL0pX2mV9sT4wB6nY8cR3dF5gH1jA"
PRODUCTION = {"IDEAS_ENV": "production", "SECRET_KEY": KEY, "BASE_URL": "https://ideas.example.com"}


def test_without_any_setting_it_is_a_development_place_on_this_machine() -> None:
    settings = read_settings({})
    assert settings.environment is Environment.DEVELOPMENT
    assert not settings.is_production
    assert settings.secret_key == DEVELOPMENT_KEY
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.host == "127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{Path('var').absolute() / 'ideas.db'}"
    assert settings.redis_url is None
    assert settings.mail_url == f"file://{Path('var').absolute() / 'mail'}"
    assert settings.storage_dir == Path("var")


def test_what_is_set_is_read() -> None:
    settings = read_settings(
        {
            **PRODUCTION,
            "DATABASE_URL": "postgresql://ann:p%23w@db.example.com:5433/ideas",
            "REDIS_URL": "redis://cache.example.com:6379/0",
            "MAIL_URL": "smtps://ann:p%40w@mail.example.com",
            "STORAGE_DIR": "/tmp",
        }
    )
    assert settings.is_production
    assert settings.secret_key == KEY
    assert settings.host == "ideas.example.com"
    assert settings.database_url == "postgresql+psycopg://ann:p%23w@db.example.com:5433/ideas"
    assert settings.redis_url == "redis://cache.example.com:6379/0"
    assert settings.mail_url == "smtps://ann:p%40w@mail.example.com"
    assert settings.storage_dir == Path("/tmp")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IDEAS_ENV", "development"),
        ("BASE_URL", "https://ideas.example.com/"),
        ("BASE_URL", "http://[::1]:8000"),
        ("DATABASE_URL", "sqlite:////var/lib/ideas.db"),
        ("DATABASE_URL", "postgres://localhost/ideas"),
        ("DATABASE_URL", "postgresql+psycopg://localhost/ideas"),
        ("REDIS_URL", "rediss://localhost"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("REDIS_URL", ""),
        ("MAIL_URL", "smtp://localhost"),
        ("MAIL_URL", "file:///var/mail"),
        ("STORAGE_DIR", "not/yet/there"),
        ("PRIVATE_NETWORKS", "10.0.0.0/8, fd00::/8,"),
        ("PRIVATE_NETWORKS", "192.168.1.7"),
        ("CA_FILE", certifi.where()),
        ("MAIL_FROM", "ideas@example.com"),
        ("MAIL_FROM", "The ideas of Ärger & Co <no-reply@example.com>"),
        ("MAILS_PER_HOUR", "1000"),
    ],
)
def test_good_values_are_taken(name: str, value: str) -> None:
    assert read_settings({**PRODUCTION, name: value}).storage_dir


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IDEAS_ENV", "testing"),
        ("IDEAS_ENV", ""),
        ("SECRET_KEY", "short"),
        ("BASE_URL", "ideas.example.com"),
        ("BASE_URL", "ftp://ideas.example.com"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "https://ideas.example.com/here"),
        ("BASE_URL", "https://ideas.example.com#here"),
        ("BASE_URL", "https://ann:secret@ideas.example.com"),
        ("BASE_URL", "https://ideas example.com"),
        ("BASE_URL", "https://ideas\n.example.com"),
        ("BASE_URL", "https://ideas.example.com:port"),
        ("BASE_URL", "https://[::1"),
        ("DATABASE_URL", "mysql://localhost/ideas"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://localhost:port/ideas"),
        ("DATABASE_URL", "postgresql://ann:pa[ss@localhost/ideas"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://localhost:port"),
        ("MAIL_URL", "localhost"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://localhost:port"),
        ("MAIL_URL", "smtp://[::1"),
        ("MAIL_URL", "file://relative"),
        ("MAIL_URL", "smtp://ann@mail.example.com"),
        ("MAIL_URL", "smtp://:secret@mail.example.com"),
        ("MAIL_URL", "smtp://mail.example.com/folder"),
        ("MAIL_URL", "smtp://mail.example.com?tls=off"),
        ("MAIL_URL", "smtp://mail.example.com?tls=no&tls=no"),
        ("MAIL_URL", "smtp://ann:sec?ret@mail.example.com"),
        ("MAIL_URL", "smtp://ann:secret@mail.example.com?tls=no"),
        ("MAIL_URL", "smtps://mail.example.com?tls=no"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "Ideas <>"),
        ("MAIL_FROM", "a@example.com, b@example.com"),
        ("MAIL_FROM", "Ideas <a@example.com>\nBcc: b@example.com"),
        ("MAILS_PER_HOUR", "0"),
        ("MAILS_PER_HOUR", "many"),
        ("STORAGE_DIR", "/dev/null"),
        ("STORAGE_DIR", "/dev/null/below"),
        ("PRIVATE_NETWORKS", "internal"),
        ("PRIVATE_NETWORKS", "10.0.0.1/8"),
        ("PRIVATE_NETWORKS", "10.0.0.0/8;fd00::/8"),
        ("CA_FILE", "/not/there.pem"),
        ("CA_FILE", "/tmp"),
        ("CA_FILE", __file__),
    ],
)
@pytest.mark.parametrize("production", [True, False], ids=["production", "development"])
def test_a_wrong_value_is_refused_by_name(name: str, value: str, *, production: bool) -> None:
    env = PRODUCTION if production else {}
    with pytest.raises(BadSetting, match=f"^{name}: ") as refused:
        read_settings({**env, name: value})
    assert refused.value.name == name


@pytest.mark.parametrize("secret", ["", "a" * 31, "a" * 64, "changeme" * 5, " " * 40, DEVELOPMENT_KEY])
def test_production_refuses_a_missing_short_or_guessable_key(secret: str) -> None:
    with pytest.raises(BadSetting, match=r"^SECRET_KEY: ") as refused:
        read_settings({**PRODUCTION, "SECRET_KEY": secret})
    assert not secret.strip() or secret not in str(refused.value)


def test_production_refuses_an_unset_base_url() -> None:
    with pytest.raises(BadSetting, match=r"^BASE_URL: is missing"):
        read_settings({name: value for name, value in PRODUCTION.items() if name != "BASE_URL"})


@pytest.mark.parametrize("name", ["DATABASE_URL", "MAIL_URL", "REDIS_URL"])
def test_passwords_in_refused_addresses_are_not_told(name: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: ") as refused:
        read_settings({name: "gopher://ann:hunter2@host:port"})
    assert "hunter2" not in str(refused.value)


def test_cookies_are_bound_to_https_where_the_site_is_reached_by_it() -> None:
    secure, plain = flask_config(read_settings(PRODUCTION)), flask_config(read_settings({}))
    assert (secure["SESSION_COOKIE_SECURE"], secure["SESSION_COOKIE_NAME"]) == (True, "__Host-session")
    assert (plain["SESSION_COOKIE_SECURE"], plain["SESSION_COOKIE_NAME"]) == (False, "session")
    assert secure["TRUSTED_HOSTS"] == ["ideas.example.com"]
    assert secure["SESSION_COOKIE_SAMESITE"] == plain["SESSION_COOKIE_SAMESITE"] == "Lax"


@pytest.mark.parametrize(
    ("url", "server", "port", "user", "secret", "has_ssl", "has_tls"),
    [
        ("smtp://mail.example.com", "mail.example.com", 25, None, None, False, True),
        ("smtp://mail.example.com:2525?tls=no", "mail.example.com", 2525, None, None, False, False),
        ("smtp://localhost", "localhost", 25, None, None, False, False),
        ("smtp://ann:secret@[::1]:2525", "::1", 2525, "ann", "secret", False, True),
        ("smtp://ann:secret@127.0.0.1:2525?tls=no", "127.0.0.1", 2525, "ann", "secret", False, False),
        ("smtp://ann:s%40cret@mail.example.com", "mail.example.com", 587, "ann", "s@cret", False, True),
        ("smtps://a%2Fb:c@mail.example.com", "mail.example.com", 465, "a/b", "c", True, False),
        ("smtps://mail.example.com:1465", "mail.example.com", 1465, None, None, True, False),
    ],
)
def test_the_address_of_the_mail_server_says_how_to_reach_it(
    url: str, server: str, port: int, user: str | None, secret: str | None, *, has_ssl: bool, has_tls: bool
) -> None:
    found = mail_config(read_settings({**PRODUCTION, "MAIL_URL": url}))
    assert found["MAIL_BACKEND"] is MailServer
    assert (found["MAIL_SERVER"], found["MAIL_PORT"]) == (server, port)
    assert (found["MAIL_USERNAME"], found["MAIL_PASSWORD"]) == (user, secret)
    assert (found["MAIL_USE_SSL"], found["MAIL_USE_TLS"]) == (has_ssl, has_tls)
    assert found["MAIL_DEFAULT_SENDER"] == "ideas@ideas.example.com"


def test_a_folder_of_mails_that_cannot_be_made_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match=r"^MAIL_URL: "):
        mail_config(read_settings({"MAIL_URL": "file:///dev/null/mails"}))


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (["serve", "--port", "1"], "SECRET_KEY", "short"),
        (["serve", "--port", "1"], "STORAGE_DIR", "/proc/nothing"),
        (["status", "--json"], "MAIL_URL", "file:///dev/null/mails"),
    ],
)
def test_a_command_with_a_wrong_setting_ends_with_2_and_one_line(
    tmp_path: Path, command: list[str], name: str, value: str
) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STORAGE_DIR": str(tmp_path / "var"), name: value}
    ended = subprocess.run(
        [sys.executable, "-m", "ideas", *command],
        env=env,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"ideas: {name}: ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_every_setting_that_is_read_is_described() -> None:
    source = (PROJECT / "ideas/core/settings.py").read_text()
    read = set(re.findall(r'(?:env\.get|=_\w+)\("([A-Z_]+)"', source))
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", (PROJECT / "docs/settings.md").read_text(), re.MULTILINE))
    assert read == described
    assert len(read) >= 9


def test_nothing_else_reads_the_environment() -> None:
    readers = re.compile(r"os\.environ\b(?!\.setdefault)|\bgetenv\(|from os import environ")
    found = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "ideas").rglob("*.py"))
        if readers.search(path.read_text())
    ]
    assert found == ["ideas/core/settings.py"]
