"""The revisions make the very tables that the models describe, on both databases."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from flask_migrate import downgrade, upgrade
from sqlalchemy import column, insert, inspect, select, table, text
from sqlalchemy.orm import undefer

from portal.app import create_app
from portal.config import REPOSITORY, load_settings
from portal.db import db, is_of_this_database, session, write
from portal.domain.jobs.derived import DERIVED, Lack, derive
from portal.domain.texts import sort_key
from portal.models import (
    AlertMail,
    AlertReader,
    BoardSnapshot,
    Connection,
    Job,
    LoginSession,
    Mail,
    Organisation,
    SavedView,
    SyncRun,
    User,
)
from portal.store.people import next_revision
from tests.support.postgres_cluster import Cluster
from tests.support.processes import PATIENCE, wait_until

pytestmark = pytest.mark.xdist_group("migrations")  # what they begin with is made in one process

LANDED = {
    "0001_first_tables.py": "8777bc9a171e7079374e5959a4bad5c31fd475abd80515914833bb783f7d59d8",
    "0002_posts_of_one_job.py": "4a167af76c6edf94944160b9603ea7611677888763633ce0c39f7bd71adef8bf",
    "0003_last_error_of_mails.py": "93283f4e10d508e4a74c22b9fd227d881d891449a4ca6fddafd755eded5194c0",
    "0004_deleted_jobs.py": "31e207b70dacd9cc00341eedb7a4a7d222ddc39bb0d29c88cce1606ad8e999c2",
    "0005_repair_early_databases.py": "313c3e34805211fcb73b2f97411f28d9abf518c338f92e13fdf503e0ade2b976",
    "0006_slow_boards.py": "87a1ea9c29e87233b77a43e9e9281a9bdea7a9455f27602fbff5e2b80198a847",
    "0007_sort_keys.py": "93159616ab64659c9ade91b5ba46db52694f28938b62316f196951eeb7d75e83",
    "0008_words_by_script.py": "79c1d25366797183b60cdaf18d7e4fe495e15af8289017c5ba0a7742271c8c80",
    "0009_jobs_without_link.py": "95e22fd6f4e7bb15bd189fb58b26ba69e4b19d592315f5d1e49efb62166f2e39",
    "0010_places.py": "dbddea4e8629e920a7a49b5529c3fbdfa956441375068af36c506002def1daa5",
    "0011_following.py": "c3a83d9eac16b398ed905bec5511eff686bae418d985b8c298ba969e7293c4fa",
    "0012_field_mapping.py": "334d3e447767be8c355dd67be119fdd93b7e12f57e333f4b9c541ef05fef11b3",
    "0013_office_places.py": "d2695dd6249cf356ec2383c7e6e2052257143ec6c08679c4981f6f976ddeec7a",
    "0014_job_imports.py": "442c241afeed4db0dfcb9304621fad32b8243a8023dd4475565bc8638f5cb3b2",
    "0015_review.py": "66ef622b6839dffb089d5ebe3086133fa4d6a06000d4f35a934cea32b4c161ff",
    "0016_density.py": "39ede6aee5d46f5b9d2a8515db2bfad5f29fc6520e23d8b5d483410f5860216e",
    "0017_view_columns.py": "b7ce876850763a89c1f03675bb6a5dc092a19e9a02db17258969751759284a60",
    "0018_mails_to_anybody.py": "8f6b88712b5c70614e96db04bf875a2c25c41a8921ec5217d4bf9de4a7abb1f6",
    "0019_organisation_profile.py": "80a8f644e094267cec3cebfd69fb321d97ed4e3f82c61fa1a92775b033e7de6c",
    "0020_page_changes.py": "5d589c9cf12c19bd0ccd4a27d0b92498f6605d58cb3ed28fbb0ae0c84a9871f5",
    "0021_alerts.py": "c291328e15e4952e6b94d1d9dab8e2eb4ce654b54ca25db9b044c75d11ca3c42",
    "0022_webhooks.py": "6d1681daff3968d56849ad13029dda82c709b384ac619ccc8986051cfe897c49",
    "0023_search_notices.py": "29b97b7c7a9a023936450242af571cc5158dbae2a0c879c813842d321ff25a44",
    "0024_traffic.py": "fdca3743cbbf5d10fb534ba414d374eb511af023c8fd908f705f031a8d6527f0",
    "0025_tracked_links.py": "a16da0e087714526af7c54c2e4e7b844a5a2d73b9f82ec6a60ca5902c9127920",
    "0026_feed_fetches.py": "ef56d14ffb09a644cbf0f2d8324e292033d76a6575f34679263cc777b1a28092",
    "0027_accounts.py": "02d772e2c4ebff258b6500842f77c78bd1f98b4dbf5964cff77f981411f25430",
    "0028_ids_of_links.py": "bbfb584e3d39054abd8b1f52a9c3d3c94845c46311809432994170d1be1ff654",
    "0029_applications.py": "1a451a826c99941392549be9a88f0b79db3c932f699d3a380181cd20270dfa0b",
    "0030_api_tokens.py": "4b40568aed3fa6d7763022c79de23753d6c8e0b57178236eeda761994be094f4",
    "0031_audit.py": "68270fbb0da59a1c79ed0cafef4600ee066e34a94dee1c90aca55c17fef0e493",
    "0032_two_step.py": "5075ce4c90585793d7b41bffb6b3391eb6ccb538d3027e465dc3160cf4f4a7fa",
    "0033_passkeys.py": "7dade05a735e63038b5669ee8c64393af048940d323ce5eaf88c25a2a128e48d",
    "0034_two_step_required.py": "115af58477d6e41c869a81aeb6d37e5d83e03bf3cded787e3237ada7a760d5ba",
    "0035_single_sign_on.py": "89a525e165ccaa48078af321d33323a91023c9127a39433416177702f6a36b9f",
    "0036_site_admins.py": "d8831debbb1eef13ef4f7dfd75195a6697fbb1275cc3654a339d861aed10f9c5",
    "0037_token_names.py": "068c99cd88db1e0f8cf8d5f1b9a9ea544ed7c4d13cadd4d6afe202d72e26f01f",
    "0038_sign_in_means.py": "a5884d1f6bd4db77b4e2fb36d5b2a756271248d3e805aa997984c9aecf8c0598",
    "0039_token_names_of_syncs.py": "1fb33a3fb46a49badaf4fdd31f5f7526979e5d61b38c9b8b415969f6e2002658",
    "0040_domain_rechecks.py": "1b3070f877727ecd5c860f9852023f01a8eae17ebc67d95c73fa38b661e53f80",
    "0041_search_index.py": "20cc24b7b62f6751a145560dcc6d0269e292d199cddb5fdcb05711b3d4341a35",
}
"""The SHA-256 of each revision that databases may have been made with."""

ONE_SECRET = """
ALTER TABLE connections DROP COLUMN old_hook_secrets;
ALTER TABLE connections ADD COLUMN old_hook_secret_ciphertext {bytes};
ALTER TABLE connections ADD COLUMN old_hook_secret_until {time};
"""
NO_SET_ASIDE = """
ALTER TABLE connections DROP COLUMN set_aside;
DROP INDEX ix_held_closings_ended_at;
"""
NO_START = "ALTER TABLE connections DROP COLUMN last_started_at;"
NO_HOLDER = "ALTER TABLE sync_runs DROP COLUMN held_by;"
NO_SCHEDULED_FAILURES = "ALTER TABLE connections DROP COLUMN scheduled_failures;"
EDITIONS = {
    "the first": ONE_SECRET + NO_SET_ASIDE + NO_START + NO_HOLDER + NO_SCHEDULED_FAILURES,
    "with posts set aside": ONE_SECRET + NO_START + NO_HOLDER + NO_SCHEDULED_FAILURES,
    "with several old secrets": NO_START + NO_HOLDER + NO_SCHEDULED_FAILURES,
    "with spaced starts": ONE_SECRET + NO_SET_ASIDE + NO_HOLDER + NO_SCHEDULED_FAILURES,
    "with holders": ONE_SECRET + NO_SET_ASIDE + NO_SCHEDULED_FAILURES,
    "with scheduled failures": ONE_SECRET + NO_SET_ASIDE,
    "the last": "",
}
"""How a database of each edition of revision 0001 that ever landed differs from one of the last."""


STARTS = ("0002", "0003", "0010", "0016", "0018", "0027", "0034", "head")
"""The revisions that tests begin with, oldest first: each is made out of the one before."""

Bring = Callable[[str, Callable[[], object]], None]
BringTo = Callable[[str], None]


@cache
def scripts() -> ScriptDirectory:
    """The revisions: to load all of them for each step would take as long as many of them do."""
    return ScriptDirectory(str(REPOSITORY / "migrations"))


@pytest.fixture
def app(bare_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _config: scripts())
    environ = {
        "DATABASE_URL": bare_database_url,
        "REDIS_URL": "unix:///nowhere.sock",
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    }
    app = create_app(load_settings(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def bring(app, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bring:  # type: ignore[no-untyped-def]
    """Bring the database into a state by its name, which is made once in a test process, and then copied."""
    url, worker_id = db.engine.url, request.getfixturevalue("worker_id")

    def bring_sqlite(name: str, make: Callable[[], object]) -> None:
        made = tmp_path_factory.getbasetemp() / f"{name}.db"
        if not made.exists():
            make()
            db.engine.dispose()  # which moves its write-ahead log into it
            shutil.copy(url.database, made)
        else:
            db.engine.dispose()
            shutil.copy(made, url.database)

    def bring_postgresql(name: str, make: Callable[[], object]) -> None:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        template = f"{name}_{worker_id}"
        if template not in cluster.databases():
            make()
            db.engine.dispose()
            cluster.fresh(template, url.database)
        else:
            db.engine.dispose()
            cluster.fresh(url.database, template)

    return bring_sqlite if url.get_backend_name() == "sqlite" else bring_postgresql


@pytest.fixture
def begin_at(bring: Bring) -> BringTo:
    """Bring the empty database to a revision."""

    def begin(revision: str) -> None:
        def make() -> None:
            for earlier in STARTS[: STARTS.index(revision)][-1:]:
                begin(earlier)
            upgrade(revision=revision)

        bring(f"at_{revision}", make)

    return begin


@pytest.mark.parametrize("bare_database_url", ["sqlite"], indirect=True)
def test_a_new_sqlite_database_has_a_write_ahead_log_that_is_safe_to_kill(app) -> None:  # type: ignore[no-untyped-def]
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL


TABLES = {
    "sqlite": "SELECT sql FROM sqlite_master ORDER BY type, name",
    "postgresql": """
        SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
            attcollation, attidentity, attgenerated, pg_get_expr(adbin, adrelid)) AS said
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        ORDER BY said""",
}
"""How each kind of database is asked for all that its tables are."""
_compared: dict[tuple[str, ...], list[object]] = {}


def tables() -> tuple[str, ...]:
    """All that the tables are, equal for equal ones."""
    with db.engine.connect() as connection:
        return tuple(map(str, connection.scalars(text(TABLES[db.engine.dialect.name]))))


def differences() -> list[object]:
    """What alembic would generate to make the database what the models describe; equal tables are compared
    once: the comparison takes half as long as an upgrade."""
    if (found := tables()) not in _compared:
        with db.engine.connect() as connection:
            chosen = {"compare_type": True, "include_object": is_of_this_database}
            context = MigrationContext.configure(connection, opts=chosen)
            _compared[found] = list(compare_metadata(context, db.metadata))
    return _compared[found]


def test_upgrading_leaves_nothing_to_generate(app) -> None:  # type: ignore[no-untyped-def]
    upgrade()
    assert differences() == []


def test_what_must_never_be_twice_the_database_forbids(begin_at: BringTo) -> None:
    begin_at("head")
    indexes = {index["name"]: index for index in inspect(db.engine).get_indexes("sync_runs")}
    for name in ("one_queued_sync_run_per_connection", "one_running_sync_run_per_connection"):
        assert indexes[name]["unique"]
        assert any("where" in key for key in indexes[name]["dialect_options"])


def test_downgrading_takes_everything_away(begin_at: BringTo) -> None:
    begin_at("head")
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_mails_that_wait_go_on_waiting_through_an_upgrade_and_back(begin_at: BringTo) -> None:
    begin_at("0002")
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
    for revision in ("0003", "0002", "0018"):
        (downgrade if revision == "0002" else upgrade)(revision=revision)
    with db.engine.begin() as connection:
        [row] = connection.execute(text("SELECT attempt, not_before, last_error, user_id FROM mails"))
        assert (row[0], row[1] is not None, row[2], row[3]) == (2, True, None, 1)
        without_account = "INSERT INTO mails (id, address, subject, body, attempt, created_at)"
        connection.execute(
            text(f"{without_account} VALUES (7, 'x@b.example', 's', 'b', 0, :now)"), {"now": now}
        )
    downgrade(revision="0017")  # which knows none but those of members
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT attempt FROM mails")).scalars().all() == [2]


def test_mails_of_alerts_go_with_the_alerts(begin_at: BringTo) -> None:
    """An older version would send them, with links that lead nowhere."""
    begin_at("head")
    with write() as current:
        organisation = Organisation(slug="o", name="O")
        current.add(organisation)
        current.flush()
        reader = AlertReader(organisation_id=organisation.id, address="a@b.example", key="k")
        mails = [Mail(address="a@b.example", subject=name, body="b") for name in ("alert", "other")]
        current.add_all([reader, *mails])
        current.flush()
        current.add(AlertMail(mail_id=mails[0].id, reader_id=reader.id))
    downgrade(revision="0020")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT subject FROM mails")).scalars().all() == ["other"]


def test_the_id_of_a_link_is_used_once_and_links_stay_through_an_upgrade_and_back(begin_at: BringTo) -> None:
    begin_at("0027")
    made = (
        "INSERT INTO one_time_links (id, kind, token_hash, address, created_at, expires_at) VALUES"
        " (7, 'reset-asked', 'x', 'a@b.example', '2026-11-03 14:59:00', '2026-11-04 14:59:00')"
    )
    with db.engine.begin() as connection:
        connection.execute(text(made))
    for step, revision in ((upgrade, "0028"), (downgrade, "0027"), (upgrade, "head")):
        step(revision=revision)
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT id, address FROM one_time_links")).all() == [
                (7, "a@b.example")
            ]
    assert differences() == []
    indexes = {index["name"]: index for index in inspect(db.engine).get_indexes("one_time_links")}
    assert any("where" in key for key in indexes["one_invitation_per_address"]["dialect_options"])
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM one_time_links"))
            connection.execute(text(made.replace("(id, kind", "(kind").replace("(7, ", "(")))
            assert connection.execute(text("SELECT id FROM one_time_links")).scalar_one() == 8


def test_what_was_noted_stays_through_an_upgrade_and_back_and_nobody_is_a_site_admin(
    begin_at: BringTo,
) -> None:
    begin_at("0034")
    made = (
        "INSERT INTO organisations (id, slug, name, summary, time_zone, revision, created_at)"
        " VALUES (1, 'northwind', 'Northwind', '', 'UTC', 0, '2026-01-01 00:00:00')",
        "INSERT INTO users (id, email, name, password_hash, created_at)"
        " VALUES (1, 'mara@example.com', '', 'x', '2026-01-01 00:00:00')",
        "INSERT INTO audit_entries (id, organisation_id, user_id, action, about, browser, network, at)"
        " VALUES (1, 1, 1, 'exported', 'jobs', '', '', '2026-01-01 00:00:00')",
    )
    with db.engine.begin() as rows:
        for statement in made:
            rows.execute(text(statement))
    upgrade()
    with db.engine.begin() as rows:
        assert not rows.scalar(text("SELECT is_site_admin FROM users"))
        rows.execute(text(made[-1].replace("(1, 1, 1", "(2, NULL, 1")))
    downgrade(revision="0034")
    with db.engine.begin() as rows:
        assert rows.execute(text("SELECT id, organisation_id FROM audit_entries")).all() == [(1, 1)]
    upgrade()
    assert differences() == []


def test_people_are_last_seen_where_they_were_signed_in_through_an_upgrade_and_back(
    begin_at: BringTo,
) -> None:
    begin_at("0018")
    made = (
        "INSERT INTO users (id, email, name, password_hash, created_at) VALUES"
        " (1, 'a@b.example', '', 'x', '2026-11-03 14:59:00'),"
        " (2, 'c@b.example', '', 'x', '2026-11-03 14:59:00')",
        "INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at) VALUES"
        " (1, 'x', 1, '2026-11-03 14:59:00', '2026-11-04 14:59:00', '2026-12-03 14:59:00')",
    )
    with db.engine.begin() as connection:
        for statement in made:
            connection.execute(text(statement))
    upgrade()
    seen = dict(session().execute(select(User.id, User.seen_at)).all())
    assert seen == {1: datetime(2026, 11, 4, 14, 59, tzinfo=UTC), 2: None}
    user = session().get_one(User, 1)
    assert (user.theme, user.keys) == (None, True)
    assert session().scalars(select(LoginSession.remembered)).all() == [False]
    db.session.remove()
    downgrade(revision="0018")
    upgrade()
    assert session().execute(select(LoginSession.browser, LoginSession.means)).one() == ("", "")
    assert differences() == []


PAY = {"salary_min": 5_000_000, "salary_max": None, "salary_currency": "EUR", "salary_period": "year"}
SAID = {"location": "Berlin", "salary": PAY, "closes_on": "2027-01-15", "tags": ["Sea"]}
JOBS_AND_WHAT_FOLLOWS = {
    "as Greenhouse says": (
        {**PAY, "location": "Berlin", "closes_on": date(2027, 1, 15), "tags": ["Sea"]},
        511,
    ),
    "moved in Greenhouse": ({"location": "Faro", "closes_on": date(2026, 11, 26)}, 511 - 1 - 32 - 64 - 256),
    "filled in here": (
        {**PAY, "location": "Berlin", "department": "Sea", "seniority": "Lead"},
        511 - 8 - 16 - 64 - 256,
    ),
    "edited and put back": (
        {**PAY, "location": "Berlin", "closes_on": date(2027, 1, 15), "tags": ["Sea"]},
        511 - 1,
    ),
    "the organisation's own": ({"location": "Berlin"}, 0),
}


def test_a_column_follows_that_nobody_edited_and_that_equals_what_greenhouse_says(begin_at: BringTo) -> None:
    begin_at("0010")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    job = {"organisation_id": 1, "listed": True, "salary_visible": True, "featured": False, "revision": 0}
    job |= {
        "visibility": "shown",
        "source_values": SAID,
        "description_html": "",
        "tags": [],
        "hiring_manager": None,
    }
    job |= {name: derive(name, {}) for name in DERIVED}
    job |= dict.fromkeys(("changed_at", "opened_at", "created_at"), now)
    jobs = table("jobs", *(column(name, each.type) for name, each in Job.__table__.c.items()))
    filler = [{"title": "Filler", "location": "Berlin", **PAY, "tags": ["Sea"]}] * 600
    made = [{"title": title, **values} for title, (values, _) in JOBS_AND_WHAT_FOLLOWS.items()] + filler
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisations (id, slug, name, summary, time_zone, revision, created_at)"
                " VALUES (1, 'n', 'N', '', 'UTC', 0, '2026-01-01')"
            )
        )
        rows = [job | each | {"id": number, "source": "greenhouse"} for number, each in enumerate(made, 1)]
        for row in rows[: -len(filler)]:  # each with columns of its own
            row["source"] = "own" if row["title"] == "the organisation's own" else "greenhouse"
            connection.execute(insert(jobs).values(row))
        connection.execute(insert(jobs), rows[-len(filler) :])
        connection.execute(
            text(
                "INSERT INTO edits (organisation_id, job_id, field, version, before, after, at)"
                " VALUES (1, 4, 'location', 1, '{}', '{}', '2026-01-01')"
            )
        )
    for again in (False, True):
        if again:
            with db.engine.begin() as connection:
                connection.execute(text("DELETE FROM jobs WHERE id > 10"))  # several batches were upgraded
            downgrade(revision="0010")
        upgrade()
        with db.engine.connect() as connection:
            found = dict(connection.execute(text("SELECT title, follows FROM jobs WHERE id < 6")).all())
            rest = connection.execute(text("SELECT DISTINCT follows FROM jobs WHERE id > 5")).scalars().all()
            assert connection.execute(text("SELECT followed FROM edits")).scalars().all() == [False]
        assert found == {title: follows for title, (_, follows) in JOBS_AND_WHAT_FOLLOWS.items()}
        assert rest == [511 - 64]
        assert differences() == []


INDEXES = ("ix_jobs_deleted", "ix_jobs_lacking", "ix_jobs_views")


def test_jobs_from_before_deletions_stay_and_deleted_ones_do_not_return_with_the_older_tables(
    begin_at: BringTo,
) -> None:
    begin_at("0003")
    job = {"organisation_id": 1, "source": "own", "listed": True, "salary_visible": True, "featured": False}
    job |= {"revision": 0, "visibility": "shown", "tags": [], "source_values": {}, "description_html": ""}
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


WIND = "<p>風を測る機器</p>"
PAROW = {"offices": ["Parow, South Africa"], "location": "Parow"}
OLDER_JOBS = {
    1: {"title": "Ärztin – 10", "department": "R&D"},
    2: {"title": "Cook", "tags": ["Night", "Day"]},
    3: {"title": "A", "description_html": WIND},
    4: {"title": "Cook", "location": "Austin, TX"},
    5: {"title": "Cook", "location": "Parow", "source_values": PAROW},
}
AS_AN_OLDER_VERSION_LEFT_THEM = (
    "UPDATE jobs SET search_source = 'as before', search_own = '', words = 1,"
    " places = coalesce(location, ''), lacks = 66"
)


@pytest.fixture
def upgraded_jobs(bring: Bring, begin_at: BringTo) -> Callable[[], dict[int, Job]]:
    """Bring the database to what jobs from revision 0006 are after an upgrade, and give them by their ids."""

    def make() -> None:
        begin_at("head")
        with write() as rows:
            rows.add(Organisation(id=1, slug="n", name="N"))
            rows.flush()
            rows.add_all(
                Job(id=number, organisation_id=1, source="own", **each) for number, each in OLDER_JOBS.items()
            )
        db.session.remove()
        downgrade(revision="0006")
        with write() as rows:
            rows.execute(text(AS_AN_OLDER_VERSION_LEFT_THEM))
        db.session.remove()
        upgrade()

    def upgraded() -> dict[int, Job]:
        bring("upgraded_jobs", make)
        return {job.id: job for job in session().scalars(select(Job).options(undefer("*")))}

    return upgraded


def test_an_upgrade_gives_jobs_the_keys_that_lists_are_sorted_and_searched_by(upgraded_jobs) -> None:  # type: ignore[no-untyped-def]
    jobs = upgraded_jobs()
    doctor, cook = jobs[1], jobs[2]
    assert (doctor.title_sort, doctor.department_sort) == (sort_key("Ärztin – 10"), sort_key("R&D"))
    assert (doctor.search_source, doctor.search_own) == ("arztin 10", "r&d")
    assert (cook.tags_sort, cook.department_sort) == (sort_key("Night, Day"), "")
    assert differences() == []


def test_jobs_from_before_their_search_was_an_index_are_found_by_it_through_an_upgrade_and_back(
    begin_at: BringTo,
) -> None:
    begin_at("head")
    downgrade(revision="0040")
    with write() as rows:
        rows.add(Organisation(id=1, slug="n", name="N"))
        rows.flush()
        rows.add(
            Job(id=1, organisation_id=1, source="own", title="Welder", apply_url=f"https://{'a' * 9_000}")
        )
    db.session.remove()
    for step in (upgrade, lambda: downgrade(revision="0040"), upgrade):
        step()
        found = select(Job.id).where(Job.organisation_id == 1, Job.search_source.contains("welder"))
        assert session().scalars(found).all() == [1]
        db.session.remove()
    assert differences() == []


def test_an_upgrade_counts_the_words_of_scripts_without_spaces(upgraded_jobs) -> None:  # type: ignore[no-untyped-def]
    assert upgraded_jobs()[3].words == 3


def test_an_upgrade_finds_jobs_under_their_countries_also_those_that_only_an_office_tells(
    upgraded_jobs,
) -> None:  # type: ignore[no-untyped-def]
    jobs = upgraded_jobs()
    austin, parow = jobs[4], jobs[5]
    assert (austin.office_places, parow.office_places) == (None, "Parow, South Africa")
    assert "|=us-tx|=us|" in austin.places
    assert "|=za|" in parow.places
    assert (austin.lacks, parow.lacks) == (
        Lack.EMPLOYMENT_TYPE | Lack.SALARY,
        Lack.EMPLOYMENT_TYPE | Lack.SALARY,
    )
    assert differences() == []


def test_a_revision_that_has_landed_stays_as_it_is() -> None:
    files = sorted((REPOSITORY / "migrations" / "versions").glob("*.py"))
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in files}
    changed = [name for name, digest in LANDED.items() if found.get(name) != digest]
    assert not changed, (
        f"{', '.join(changed)} landed before, and was changed or removed: databases that ran it would never "
        "get the change. Restore it (git log -- migrations/versions), and make the change in a new revision."
    )
    new = {name: digest for name, digest in found.items() if name not in LANDED}
    assert not new, f"A new revision: once it is right, add it to LANDED, so that nobody changes it: {new}"


def make_the_last() -> None:
    """Turn an empty database into one of the last edition of revision 0001, stamped 0002, with a connection
    and a run."""
    with write() as rows:
        rows.add(Organisation(id=1, slug="northwind", name="Northwind Labs"))
        rows.flush()
        board = {"board_token": "acme", "board_name": "Acme"}
        keys = {"public_key": "k", "api_key_ciphertext": b"sealed", "api_key_last_four": "abcd"}
        rows.add(Connection(id=1, organisation_id=1, **board, **keys, failures=2))
        rows.flush()
        rows.add(SyncRun(id=1, organisation_id=1, connection_id=1, board_token="acme", trigger="manual"))
    db.session.remove()
    downgrade(revision="0002")


@pytest.fixture
def made_by(bring: Bring, begin_at: BringTo) -> BringTo:
    """Make a database as an edition of revision 0001 did."""

    def make(edition: str) -> None:
        def make_it() -> None:
            begin_at("head")
            make_the_last()

        bring("made", make_it)
        make_edition(edition)

    return make


def make_edition(edition: str) -> None:
    """Let the last edition's database be that of another."""
    types = {"bytes": "BLOB", "time": "DATETIME"}
    if db.engine.dialect.name != "sqlite":
        types = {"bytes": "BYTEA", "time": "TIMESTAMP WITH TIME ZONE"}
    statements = [each for each in EDITIONS[edition].format(**types).split(";") if each.strip()]
    with write() as rows:
        for statement in statements:
            rows.execute(text(statement))
        if "old_hook_secret_ciphertext" in EDITIONS[edition]:
            old = {"sealed": b"the old secret", "until": "2026-11-26 10:00:00"}
            columns = "old_hook_secret_ciphertext = :sealed, old_hook_secret_until = :until"
            rows.execute(text(f"UPDATE connections SET {columns}"), old)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_database_made_by_any_edition_of_the_first_revision_is_upgraded_with_what_it_holds(  # type: ignore[no-untyped-def]
    app, made_by, edition: str
) -> None:
    made_by(edition)
    db.engine.dispose()
    upgrade()
    assert differences() == []
    connection = session().scalars(select(Connection)).one()
    assert (connection.api_key_ciphertext, connection.failures) == (b"sealed", 2)
    assert (connection.set_aside, connection.scheduled_failures) == ([], 0)
    assert connection.slow is False
    kept = [{"sealed": "the old secret", "until": "2026-11-26T10:00:00+00:00"}]
    assert connection.old_hook_secrets == (kept if ONE_SECRET in EDITIONS[edition] else [])
    assert session().scalars(select(SyncRun.held_by)).one() is None


def test_a_connection_chooses_nothing_until_somebody_does_through_an_upgrade_and_back(app, made_by) -> None:  # type: ignore[no-untyped-def]
    made_by("the first")
    upgrade()
    with write() as rows:
        connection = rows.scalars(select(Connection)).one()
        assert (connection.field_choices, connection.default_employment_type) == ({}, None)
        connection.field_choices, connection.default_employment_type = {"crew": "tags"}, "full_time"
        rows.add(BoardSnapshot(connection_id=connection.id, digest="0" * 32, fields=[], posts=b""))
    db.session.remove()
    downgrade(revision="0011")
    upgrade()
    with write() as rows:
        connection = rows.scalars(select(Connection)).one()
        assert (connection.field_choices, connection.default_employment_type) == ({}, None)
        assert rows.scalars(select(BoardSnapshot)).all() == []
    assert differences() == []


def test_a_saved_view_keeps_its_name_and_says_no_columns_through_an_upgrade_and_back(
    begin_at: BringTo,
) -> None:
    begin_at("0016")
    made = (
        "INSERT INTO organisations (id, slug, name, summary, time_zone, revision, created_at)"
        " VALUES (1, 'o', 'O', '', 'UTC', 0, '2026-11-03 14:59:00.000000')",
        "INSERT INTO saved_views (id, organisation_id, name, query, created_at)"
        " VALUES (1, 1, 'Porto', 'location=Porto', '2026-11-03 14:59:00.000000')",
    )
    with db.engine.begin() as connection:
        for statement in made:
            connection.execute(text(statement))
    upgrade()
    with write() as rows:
        view = rows.scalars(select(SavedView)).one()
        assert (view.name, view.query, view.columns) == ("Porto", "location=Porto", None)
        view.columns = {"columns": ["state"], "widths": {"state": 90}}
    db.session.remove()
    downgrade(revision="0016")
    upgrade()
    view = session().scalars(select(SavedView)).one()
    assert (view.name, view.query, view.columns) == ("Porto", "location=Porto", None)
    assert differences() == []


@contextmanager
def saving(app) -> Iterator[list[Exception]]:  # type: ignore[no-untyped-def]
    """Somebody saves all the while, each time with some thought inside the transaction."""
    over, failed, saved = Event(), [], Event()

    def save() -> None:
        with app.app_context():
            while not over.is_set():
                try:
                    with write():
                        next_revision(1)
                        sleep(0.005)
                    saved.set()
                except Exception as error:
                    failed.append(error)
            db.session.remove()

    savers = [Thread(target=save) for _ in range(3)]
    for saver in savers:
        saver.start()
    try:
        assert saved.wait(PATIENCE)
        yield failed
    finally:
        over.set()
        for saver in savers:
            saver.join()


def test_upgrading_while_people_save_fails_neither_them_nor_itself(app, made_by) -> None:  # type: ignore[no-untyped-def]
    made_by("the first")
    with saving(app) as failed:
        upgrade()
    assert failed == []
    assert differences() == []


@pytest.mark.parametrize("bare_database_url", ["postgresql"], indirect=True)  # readers of SQLite never wait
def test_an_upgrade_waits_for_a_table_that_is_in_use_without_holding_up_its_readers_for_long(
    app, made_by
) -> None:  # type: ignore[no-untyped-def]
    made_by("the first")
    with db.engine.connect() as reading:
        reading.execute(text("SELECT * FROM connections"))  # a transaction that goes on
        upgrading = Thread(target=_upgrade, args=(app,))
        upgrading.start()
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as another:
            wait_until(lambda: another.execute(text(waits)).scalar_one() > 0, "the upgrade to wait")
            another.execute(text("SELECT count(id) FROM connections"))  # behind it: fails after 15 s
            assert another.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0002"
    upgrading.join()
    assert differences() == []


def _upgrade(app) -> None:  # type: ignore[no-untyped-def]
    with app.app_context():
        upgrade()
        db.session.remove()


def test_no_job_is_shown_to_more_people_through_an_upgrade_and_back(app, made_by) -> None:  # type: ignore[no-untyped-def]
    made_by("the last")
    upgrade()
    told = ["shown", "members", "hidden", "new"]
    with write() as rows:
        connection, run = rows.scalars(select(Connection)).one(), rows.scalars(select(SyncRun)).one()
        assert (connection.hides_new, connection.new_told_at, run.hides_new) == (False, None, False)
        connection.hides_new = True
        rows.add_all(Job(organisation_id=1, source="own", title=each, visibility=each) for each in told)
    db.session.remove()
    downgrade(revision="0014")
    older = text("SELECT title, visibility FROM jobs ORDER BY id")
    with db.engine.connect() as older_code:
        found = [tuple(row) for row in older_code.execute(older)]
    assert found == [("shown", "shown"), *((each, "hidden") for each in told[1:])]
    upgrade()
    assert session().scalars(select(Connection.hides_new)).one() is False
    assert differences() == []
