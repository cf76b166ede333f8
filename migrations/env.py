"""Runs migrations on the application's own engine, one transaction a migration."""

from typing import Any

from alembic import context
from flask import current_app

from ideas.core.columns import UtcDateTime
from ideas.core.db import db


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write column types of the program as plain ones: migrations never import models."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade the database of the current application."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(writing=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
