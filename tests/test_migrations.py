"""The revisions make the very tables that the models describe, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from portal import create_app
from portal.config import load_settings
from portal.extensions import db


@pytest.fixture
def app(database_url: str, tmp_path: Path):  # type: ignore[no-untyped-def]
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "unix:///nowhere.sock",
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    }
    app = create_app(load_settings(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_upgrading_leaves_nothing_to_generate(app) -> None:  # type: ignore[no-untyped-def]
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_what_must_never_be_twice_the_database_forbids(app) -> None:  # type: ignore[no-untyped-def]
    upgrade()
    indexes = {index["name"]: index for index in inspect(db.engine).get_indexes("sync_runs")}
    for name in ("one_queued_sync_run_per_connection", "one_running_sync_run_per_connection"):
        assert indexes[name]["unique"]
        assert any("where" in key for key in indexes[name]["dialect_options"])


def test_downgrading_takes_everything_away(app) -> None:  # type: ignore[no-untyped-def]
    upgrade()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_mails_that_wait_go_on_waiting_through_an_upgrade_and_back(app) -> None:  # type: ignore[no-untyped-def]
    upgrade(revision="0002")
    now = "2026-11-03 14:59:00.000000"
    with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO organisations (id, slug, name, summary, time_zone, revision, created_at)"
            " VALUES (1, 'o', 'O', '', 'UTC', 0, :now)",
            "INSERT INTO users (id, email, name, password_hash, created_at)"
            " VALUES (1, 'a@b.example', '', 'x', :now)",
            "INSERT INTO mails (organisation_id, user_id, subject, body, attempt, not_before, created_at)"
            " VALUES (1, 1, 's', 'b', 2, :now, :now)",
        ):
            connection.execute(text(statement), {"now": now})
    for revision in ("0003", "0002", "0003"):
        (upgrade if revision == "0003" else downgrade)(revision=revision)
    with db.engine.connect() as connection:
        [row] = connection.execute(text("SELECT attempt, not_before, last_error FROM mails"))
    assert (row[0], row[1] is not None, row[2]) == (2, True, None)
