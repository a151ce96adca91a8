"""The revisions make the very tables that the models describe, on both databases."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from flask_migrate import downgrade, upgrade
from sqlalchemy import column, insert, inspect, table, text

from portal import create_app
from portal.config import load_settings
from portal.extensions import db
from portal.models import Job


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


INDEXES = ("ix_jobs_deleted", "ix_jobs_lacking", "ix_jobs_views")


def test_jobs_from_before_deletions_stay_and_deleted_ones_do_not_return_with_the_older_tables(app) -> None:  # type: ignore[no-untyped-def]
    upgrade(revision="0003")
    job = {"organisation_id": 1, "source": "own", "listed": True, "salary_visible": True, "featured": False}
    job |= {"revision": 0, "visibility": "shown", "tags": "[]", "source_values": "{}", "description_html": ""}
    job |= {"search_source": "", "search_own": "", "places": "", "words": 0, "lacks": 0}
    job |= dict.fromkeys(("changed_at", "opened_at", "created_at"), datetime(2026, 1, 1, tzinfo=UTC))
    columns = {name: type_ for name, type_ in Job.__table__.c.items() if name in {*job, "id", "title"}}
    jobs = table("jobs", *(column(name, c.type) for name, c in columns.items()))
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisations (id, slug, name, summary, time_zone, revision, created_at)"
                " VALUES (1, 'n', 'N', '', 'UTC', 0, '2026-01-01')"
            )
        )
        titles = ("Welder", "Cook")
        connection.execute(
            insert(jobs), [job | {"id": n, "title": title} for n, title in enumerate(titles, 1)]
        )
    upgrade()
    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM jobs WHERE deleted_at IS NULL")).scalar() == 2
        connection.execute(text("UPDATE jobs SET deleted_at = '2026-02-01' WHERE id = 1"))
    assert set(INDEXES) <= {index["name"] for index in inspect(db.engine).get_indexes("jobs")}
    downgrade(revision="0003")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT title FROM jobs")).scalars().all() == ["Cook"]
    upgrade()
