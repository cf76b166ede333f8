"""Settings read from the environment, typed; a wrong one refuses to start and is named.

Nothing else in the program reads the environment. Every setting is described in docs/settings.md.
"""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlsplit

#: Shorter keys can be guessed; 32 characters of `secrets.token_urlsafe` carry 192 bits.
MIN_SECRET_LENGTH = 32
MOST_PROXIES = 10
_HOST = re.compile(r"[\w.:-]+")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_BUCKET = re.compile(r"/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?")
#: With a local part of 64 an address of mails must fit into 254 characters.
LONGEST_DOMAIN = 180
LAST_PORT = 65_535
#: Settings of limits begin so.
LIMIT = "LIMIT_"
DEVELOPMENT_KEY = "development-only-never-used-in-production"

Network: TypeAlias = IPv4Network | IPv6Network


class Environment(StrEnum):
    """Where the program runs. Production refuses everything that is only good for trying out."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Queue(StrEnum):
    """What carries the bell that wakes workers."""

    FILE = "file"
    REDIS = "redis"
    POSTGRESQL = "postgresql"


class BadSetting(ValueError):
    """A setting is missing or wrong. `name` is the environment variable."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one process."""

    environment: Environment
    secret_key: str
    base_url: str
    database_url: str
    redis_url: str | None
    mail_url: str
    storage_dir: Path
    queue: Queue = Queue.FILE
    #: The bucket in which attached files lie; None: a folder in `storage_dir`.
    files_url: str | None = None
    #: Whom mails come from: an address, with a name before it or without; None: ideas@ the host of the site.
    mail_from: str | None = None
    #: How many mails about the community leave in an hour, to all people together; None: as many as there are.
    mails_per_hour: int | None = None
    #: Domain at which replies to mails are taken; None: nobody can reply by mail.
    reply_domain: str | None = None
    #: How the company's own mail server names itself where it says that a sender is genuine; None: nobody is believed.
    mail_in_authserv_id: str | None = None
    #: Where the worker takes mail by LMTP, as host and port; None: it does not.
    lmtp_listen: tuple[str, int] | None = None
    #: How many proxies stand in front, each of which adds the address it was asked from.
    trusted_proxies: int = 0
    #: Networks that are not public and may be asked all the same, such as the one of the company's own provider.
    private_networks: tuple[Network, ...] = ()
    #: Authorities whose certificates are trusted, instead of those that come with the program.
    ca_file: Path | None = None
    #: How often people may try, where it differs from the table in web.limits: name of the limit -> times.
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_production(self) -> bool:
        """Whether the stricter rules hold."""
        return self.environment is Environment.PRODUCTION

    @property
    def host(self) -> str:
        """Host name (with port where the base URL has one) under which the site is reached."""
        return urlsplit(self.base_url).netloc


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings. Raises BadSetting naming the first wrong one."""
    env = os.environ if env is None else env
    environment = _environment(env)
    production = environment is Environment.PRODUCTION
    return Settings(
        environment=environment,
        secret_key=_secret_key(env, production=production),
        base_url=_base_url(env, production=production),
        database_url=_database_url(env),
        redis_url=_redis_url(env),
        mail_url=_mail_url(env),
        storage_dir=_storage_dir(env),
        queue=_queue(env),
        files_url=_files_url(env),
        mail_from=_mail_from(env),
        mails_per_hour=_mails_per_hour(env),
        reply_domain=_mail_domain("REPLY_DOMAIN", env),
        mail_in_authserv_id=_mail_domain("MAIL_IN_AUTHSERV_ID", env),
        lmtp_listen=_lmtp_listen(env),
        trusted_proxies=_trusted_proxies(env),
        private_networks=_private_networks(env),
        ca_file=_ca_file(env),
        limits=_limits(env),
    )


def make_folder(name: str, path: Path) -> None:
    """Make the folder a setting names where it is absent. Raises BadSetting where that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"{path} cannot be made: {error.strerror}") from None


def _environment(env: Mapping[str, str]) -> Environment:
    value = env.get("IDEAS_ENV", "development").strip()
    try:
        return Environment(value)
    except ValueError:
        raise BadSetting("IDEAS_ENV", f"is {value!r}; use development or production") from None


def _secret_key(env: Mapping[str, str], *, production: bool) -> str:
    value = env.get("SECRET_KEY", "")
    if not value and not production:
        return DEVELOPMENT_KEY
    if not value:
        raise BadSetting("SECRET_KEY", "is missing; production needs one")
    if len(value) < MIN_SECRET_LENGTH:
        raise BadSetting("SECRET_KEY", f"is too short; use at least {MIN_SECRET_LENGTH} characters")
    if production and (value == DEVELOPMENT_KEY or len(set(value)) < 8):
        raise BadSetting(
            "SECRET_KEY", "can be guessed; make one with python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def _base_url(env: Mapping[str, str], *, production: bool) -> str:
    value = env.get("BASE_URL", "").strip().rstrip("/")
    if not value:
        if production:
            raise BadSetting("BASE_URL", "is missing; links in mails need it, such as https://ideas.example.com")
        return "http://127.0.0.1:8000"
    parts = _split("BASE_URL", value)
    rest = parts.path or parts.query or parts.fragment or parts.username is not None or re.search(r"\s", value)
    if parts.scheme not in {"http", "https"} or rest or not _HOST.fullmatch(parts.hostname or ""):
        raise BadSetting("BASE_URL", f"is {value!r}; use http(s)://host[:port] without a path")
    return value


def _database_url(env: Mapping[str, str]) -> str:
    value = env.get("DATABASE_URL", "").strip()
    if not value:
        return f"sqlite:///{_storage_dir(env).absolute() / 'ideas.db'}"
    if value.startswith("sqlite:///"):
        return _sqlite_url(value)
    if value.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        _split("DATABASE_URL", value)
        return "postgresql+psycopg://" + value.split("://", 1)[1]
    raise BadSetting("DATABASE_URL", "must begin with sqlite:/// or postgresql://")


def _sqlite_url(value: str) -> str:
    # A database in memory is another one for each connection, and gone at the end.
    if value.removeprefix("sqlite:///") in {"", ":memory:"}:
        raise BadSetting("DATABASE_URL", "names no file; use sqlite:////absolute/path.db")
    return value


def _limits(env: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix(LIMIT).lower(): value.strip()
        for name, value in env.items()
        if name.startswith(LIMIT) and value.strip()
    }


def _redis_url(env: Mapping[str, str]) -> str | None:
    value = env.get("REDIS_URL", "").strip()
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise BadSetting("REDIS_URL", "must begin with redis://, rediss:// or unix://")
    _split("REDIS_URL", value)
    return value or None


def _queue(env: Mapping[str, str]) -> Queue:
    value = env.get("QUEUE", "").strip()
    if not value:
        return Queue.REDIS if _redis_url(env) else Queue.FILE
    if value not in set(Queue):
        raise BadSetting("QUEUE", f"is {value!r}; use {', '.join(Queue)}")
    if value == Queue.REDIS and not _redis_url(env):
        raise BadSetting("QUEUE", "is redis; that needs REDIS_URL")
    if value == Queue.POSTGRESQL and not _database_url(env).startswith("postgresql"):
        raise BadSetting("QUEUE", "is postgresql; that needs a DATABASE_URL of PostgreSQL")
    return Queue(value)


def _mail_url(env: Mapping[str, str]) -> str:
    value = env.get("MAIL_URL", "").strip()
    if not value:
        return f"file://{_storage_dir(env).absolute() / 'mail'}"
    parts = _split("MAIL_URL", value)
    if parts.scheme == "file" and parts.path:
        return value
    if parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.path in {"", "/"}:
        _check_mail_server(parts)
        return value
    raise BadSetting("MAIL_URL", "use smtp://user:password@host:port, smtps://… or file:///folder")


def is_this_machine(host: str | None) -> bool:
    """Tell whether a host is the machine itself, so that what is said to it passes no wire."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _check_mail_server(parts: SplitResult) -> None:
    if bool(parts.username) != bool(parts.password):
        raise BadSetting("MAIL_URL", "a user needs a password, and a password a user")
    options = parse_qsl(parts.query, keep_blank_values=True)
    if options not in ([], [("tls", "no")]) or parts.fragment:
        raise BadSetting("MAIL_URL", "after ? only tls=no may stand; write ? and # in passwords as %3F and %23")
    if options and parts.scheme == "smtps":
        raise BadSetting("MAIL_URL", "smtps:// is encrypted; tls=no belongs to smtp://")
    if options and parts.password and not is_this_machine(parts.hostname):
        raise BadSetting("MAIL_URL", "a password is not sent without encryption; leave tls=no out")


def _mail_from(env: Mapping[str, str]) -> str | None:
    value = env.get("MAIL_FROM", "").strip()
    if not value:
        return None
    name, address = parseaddr(value)
    try:
        found = Address(display_name=name, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError):
        found = Address()
    if not found.username or not found.domain or not value.isprintable() or value.count("@") != 1:
        raise BadSetting("MAIL_FROM", f"is {value!r}; use ideas@example.com or Ideas <ideas@example.com>")
    return value


def _mails_per_hour(env: Mapping[str, str]) -> int | None:
    value = env.get("MAILS_PER_HOUR", "").strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise BadSetting("MAILS_PER_HOUR", f"is {value!r}; use a number from 1")
    return int(value)


def _mail_domain(name: str, env: Mapping[str, str]) -> str | None:
    value = env.get(name, "").strip().lower()
    if value and (len(value) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(value)):
        raise BadSetting(name, f"is {value!r}; use a name such as mail.example.com")
    return value or None


def _lmtp_listen(env: Mapping[str, str]) -> tuple[str, int] | None:
    value = env.get("LMTP_LISTEN", "").strip()
    if not value:
        return None
    host, _colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= LAST_PORT or not _HOST.fullmatch(host or "_"):
        raise BadSetting("LMTP_LISTEN", f"is {value!r}; use a port of this machine as :2400, or 10.0.0.5:2400")
    return host or "127.0.0.1", int(port)


def _storage_dir(env: Mapping[str, str]) -> Path:
    path = Path(env.get("STORAGE_DIR", "").strip() or "var")
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        raise BadSetting("STORAGE_DIR", f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BadSetting("STORAGE_DIR", f"nothing may be written in {nearest}")
    return path


def _files_url(env: Mapping[str, str]) -> str | None:
    value = env.get("FILES_URL", "").strip()
    if not value:
        return None
    parts = _split("FILES_URL", value)
    if parts.scheme != "s3" or not parts.hostname or not _BUCKET.fullmatch(parts.path) or parts.fragment:
        raise BadSetting("FILES_URL", "use s3://key:secret@host:port/bucket; write odd signs in the secret as %XX")
    if not parts.username or not parts.password:
        raise BadSetting("FILES_URL", "a key and its secret are missing: s3://key:secret@host:port/bucket")
    options = parse_qsl(parts.query, keep_blank_values=True)
    if {name for name, _value in options} - {"tls", "region"} or dict(options).get("tls", "no") != "no":
        raise BadSetting("FILES_URL", "after ? only region=… and tls=no may stand, with & between them")
    return value


def _private_networks(env: Mapping[str, str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in env.get("PRIVATE_NETWORKS", "").split(",") if one.strip())
    except ValueError as error:
        raise BadSetting("PRIVATE_NETWORKS", f"{error}; use 10.0.0.0/8,fd00::/8") from None


def _ca_file(env: Mapping[str, str]) -> Path | None:
    value = env.get("CA_FILE", "").strip()
    if not value:
        return None
    path = Path(value)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise BadSetting("CA_FILE", f"{path} is no file that can be read")
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise BadSetting("CA_FILE", f"{path} holds no certificates in PEM form") from None
    return path


def _trusted_proxies(env: Mapping[str, str]) -> int:
    value = env.get("TRUSTED_PROXIES", "").strip() or "0"
    if not value.isascii() or not value.isdigit() or int(value) > MOST_PROXIES:
        raise BadSetting("TRUSTED_PROXIES", f"is {value!r}; use a number from 0 to {MOST_PROXIES}")
    return int(value)


def _split(name: str, value: str) -> SplitResult:
    """Return the parts of an address; what the value holds is not told, it may be a password."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise BadSetting(name, "is no address that can be read; write odd signs in passwords as %XX") from None
    return parts
