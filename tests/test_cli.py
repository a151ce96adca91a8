"""The command line, as people type it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from portal.actions.sync.credentials import Use, is_readable, seal
from portal.config import REPOSITORY
from portal.db import db, write
from portal.domain.sync.board_tokens import ApiKey
from portal.models import Connection, Mail, Organisation
from tests.support.app import PASSWORD, Cast

Run = Callable[..., Result]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command with something on its standard input."""

    def run(*words: str, given: str = "") -> Result:
        return app.test_cli_runner().invoke(args=list(words), input=given)

    return run


def test_the_first_organisation_and_admin_are_made(app: Flask, run: Run) -> None:
    made = run("org", "create", "Northwind Labs", "--slug", "northwind")
    assert (made.exit_code, made.output) == (0, "Created Northwind Labs at /orgs/northwind.\n")
    options = ("--org", "northwind", "--role", "admin", "--password-stdin")
    made = run("user", "create", "mara@example.com", *options, given=f"{PASSWORD}\n")
    assert (made.exit_code, made.output) == (0, "Created mara@example.com, admin of northwind.\n")
    client = app.test_client()
    answer = client.with_csrf_token().post("/login", data={"email": "mara@example.com", "password": PASSWORD})  # type: ignore[attr-defined]
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "words",
    [
        ("org", "create", "Other", "--slug", "northwind"),
        ("user", "create", "mara@example.com", "--org", "northwind", "--role", "admin", "--password-stdin"),
        ("user", "create", "a@example.com", "--org", "nowhere", "--role", "admin", "--password-stdin"),
        ("user", "set-password", "nobody@example.com", "--password-stdin"),
        ("user", "disable", "nobody@example.com"),
        ("user", "two-step-off", "nobody@example.com"),
        ("user", "two-step-off", "mara@example.com"),
        ("user", "role", "nobody@example.com", "--org", "northwind", "--role", "admin"),
        ("user", "remove", "nobody@example.com", "--org", "northwind"),
        ("user", "remove", "sasha@example.com", "--org", "northwind"),
        ("user", "remove", "mara@example.com", "--org", "northwind"),
        ("user", "role", "mara@example.com", "--org", "northwind", "--role", "member"),
        ("user", "disable", "mara@example.com"),
        ("org", "create", "Elsewhere", "--time-zone", "Mars/Olympus"),
        ("org", "change", "nowhere", "--name", "Other"),
        ("org", "change", "northwind", "--name", " "),
        ("org", "change", "northwind", "--time-zone", "../etc/passwd"),
        ("sync", "nowhere"),
        ("sync", "northwind"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(cast: Cast, run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, given=f"{PASSWORD}\n")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.rstrip().endswith(".")
    assert "Traceback" not in result.output


def test_an_organisation_is_described_when_it_is_made_and_later(app: Flask, run: Run) -> None:
    assert (
        run("org", "create", "Café Nord", "--summary", "Coffee.", "--time-zone", "Europe/Oslo").exit_code == 0
    )
    changed = run("org", "change", "cafe-nord", "--summary", "Coffee and cake.")
    assert (changed.exit_code, changed.output) == (0, "Café Nord, Europe/Oslo: Coffee and cake.\n")
    page = app.test_client().get("/orgs/cafe-nord").text
    assert "Coffee and cake." in page
    with app.app_context():
        assert db.session.scalar(select(Organisation.time_zone)) == "Europe/Oslo"


def test_a_removed_member_is_out_at_once(app: Flask, cast: Cast, run: Run) -> None:
    noor = app.test_client().become(cast.noor)  # type: ignore[attr-defined]
    assert noor.get("/orgs/northwind/jobs/manage").status_code == 200
    assert run("user", "remove", "noor@example.com", "--org", "northwind").exit_code == 0
    assert noor.get("/orgs/northwind/jobs/manage").status_code == 303
    assert noor.become(cast.noor).get("/orgs/northwind/jobs/manage").status_code == 404


@pytest.mark.parametrize(
    "words",
    [
        ("user", "remove", "mara@example.com", "--org", "northwind"),
        ("user", "role", "mara@example.com", "--org", "northwind", "--role", "member"),
        ("user", "disable", "mara@example.com"),
    ],
)
def test_the_last_admin_goes_by_force_or_when_there_is_another(
    app: Flask, cast: Cast, run: Run, words: tuple[str, ...]
) -> None:
    refused = run(*words)
    assert refused.exit_code == 1
    assert "only admin of “northwind”" in refused.output
    mara = app.test_client().become(cast.mara)  # type: ignore[attr-defined]
    assert mara.get("/orgs/northwind/jobs/new").status_code == 200
    assert run("user", "role", "noor@example.com", "--org", "northwind", "--role", "admin").exit_code == 0
    assert run("user", "disable", "noor@example.com").exit_code == 0
    assert run(*words).exit_code == 1, "an admin who is disabled is none"
    assert run(*words, "--force").exit_code == 0
    assert mara.get("/orgs/northwind/jobs/new").status_code == 303


def test_keys_are_rotated_and_those_that_no_key_opens_are_named_and_left(
    app: Flask, cast: Cast, run: Run
) -> None:
    old, new = app.extensions["settings"].credential_keys[0], Fernet.generate_key().decode()

    def use(*keys: str) -> None:
        app.extensions["settings"] = replace(app.extensions["settings"], credential_keys=keys)

    def store(organisation: Organisation) -> None:
        key = ApiKey("a-secret-key-of-a-board")
        with app.app_context(), write() as session:
            session.add(
                Connection(
                    organisation_id=organisation.id,
                    public_key=organisation.slug,
                    board_token="acme",
                    board_name="Acme",
                    api_key_ciphertext=seal(organisation.slug, key),
                    api_key_last_four="oard",
                )
            )

    store(cast.northwind)
    use(Fernet.generate_key().decode())  # the key of Café Nord's is lost
    store(cast.cafe)
    use(new, old)
    for _ in range(2):
        result = run("credentials", "rotate")
        assert result.exit_code == 1
        told, error = result.output.split("Error: ")
        assert told == "Encrypted 1 key with the newest credential key.\n"
        assert "Café Nord (cafe-nord): API key" in error
        assert "Northwind" not in error
    use(new)
    with app.app_context():
        readable = {
            each.public_key: is_readable(each, Use.API_KEY) for each in db.session.scalars(select(Connection))
        }
    assert readable == {"northwind": True, "cafe-nord": False}


def test_refused_settings_are_said_in_a_sentence(tmp_path: Path) -> None:
    environ = {**os.environ, "INSTANCE_DIR": str(tmp_path), "PUBLIC_URL": "https://jobs.example.com"}
    environ = {
        name: value for name, value in environ.items() if name not in ("SECRET_KEY", "CREDENTIAL_KEYS")
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    refused = subprocess.run(
        command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stderr == "Set SECRET_KEY: with PUBLIC_URL set the portal makes no key up.\n"


def test_a_weak_password_is_refused_without_being_repeated(cast: Cast, run: Run) -> None:
    result = run("user", "set-password", "mara@example.com", "--password-stdin", given="password123\n")
    assert result.exit_code == 1
    assert "password123" not in result.output


def test_a_database_without_tables_is_said_in_words(app: Flask, run: Run) -> None:
    with app.app_context():
        db.drop_all()
    result = run("org", "create", "Northwind")
    assert result.exit_code == 1
    assert "db upgrade" in result.output


def test_mails_that_wait_or_were_given_up_are_listed_with_the_reason(
    app: Flask, run: Run, cast: Cast
) -> None:
    assert run("mails").output == "No mail waits, and none was given up.\n"
    row = {"organisation_id": cast.northwind.id, "user_id": cast.mara.id, "body": "b"}
    due = datetime(2026, 11, 3, 14, 59, tzinfo=UTC)
    with app.app_context(), write() as rows:
        error = "RCPT answered 550 5.1.1"
        rows.add(Mail(**row, subject="First", not_before=None, attempt=1, last_error=error))
        rows.flush()
        rows.add(Mail(**row, subject="Second", not_before=due))
    listed = run("mails")
    assert listed.exit_code == 0
    second, first = listed.output.splitlines()
    assert second.endswith("northwind  mara@example.com  Second  due 2026-11-03 14:59 UTC  attempt 0")
    assert first.endswith("mara@example.com  First  given up  attempt 1  RCPT answered 550 5.1.1")
