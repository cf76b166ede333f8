"""Migrations run from nothing and back on the chosen engine, have one head, and match the models."""

import importlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import db
from ideas.core.settings import read_settings
from tests.architecture.tree import ROOT
from tests.conftest import NewDatabase

for _models in sorted((ROOT / "ideas").glob("*/models.py")):
    importlib.import_module(f"ideas.{_models.parent.name}.models")


@pytest.fixture
def fresh_app(new_database: NewDatabase, tmp_path: Path) -> Flask:
    """An application on an empty database."""
    return create_app(read_settings({"DATABASE_URL": new_database(), "STORAGE_DIR": str(tmp_path)}))


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_up_down_and_up_again_leaves_the_models_tables(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        schema.migrate()
        schema.empty()
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        schema.migrate()
        schema.check()
        assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}


def test_models_and_migrations_agree(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        schema.migrate()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []


def test_an_unknown_schema_is_refused(fresh_app: Flask) -> None:
    with fresh_app.app_context(), pytest.raises(schema.UnknownSchema):
        schema.check()


def test_migrations_never_import_the_program() -> None:
    versions = ROOT / "migrations" / "versions"
    assert [path.name for path in versions.glob("*.py") if "ideas" in path.read_text().replace('"idea', "")] == []
