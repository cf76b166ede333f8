"""A quick look into the database without making the application, so that starting does not wait for it."""

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from ideas.cli.demo.accounts import ADDRESSES, DEMO_PASSWORD
from ideas.core.db import engine_options
from ideas.core.settings import Settings, make_folder

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

#: See accounts.setting_up.has_admin.
_ADMIN = "SELECT 1 FROM member WHERE is_admin AND active AND email IS NOT NULL LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """What was seen."""

    #: Revision the database stands at; None for an empty one.
    head: str | None
    needed_head: str | None
    has_boards: bool
    has_admin: bool
    #: Lines that tell how to sign in to the demo community; empty where there is none.
    sign_ins: list[str]


def peek(settings: Settings) -> Peek:
    """Look into the database. Raises OperationalError where it can't be reached."""
    make_folder("STORAGE_DIR", settings.storage_dir)
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    try:
        with engine.connect() as connection:
            head = MigrationContext.configure(connection).get_current_revision()
            return Peek(
                head=head,
                needed_head=_needed_head(),
                has_boards=head is not None and _holds(connection, "SELECT 1 FROM board LIMIT 1"),
                has_admin=head is not None and _holds(connection, _ADMIN),
                sign_ins=_sign_ins(connection) if head is not None else [],
            )
    finally:
        engine.dispose()


def _needed_head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def _holds(connection: Connection, question: str, **values: str) -> bool:
    return connection.execute(text(question), values).first() is not None


def _sign_ins(connection: Connection) -> list[str]:
    known = "SELECT 1 FROM member WHERE email = :email"
    found = [(role, email) for role, email in ADDRESSES.items() if _holds(connection, known, email=email)]
    if not found:
        return []
    return [
        f"Demo sign-ins, all with the password {DEMO_PASSWORD}",
        *(f"  {role:16} {email}" for role, email in found),
    ]
