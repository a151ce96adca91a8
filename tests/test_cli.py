"""The command line, as people type it."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from portal.extensions import db
from portal.models import Membership, Organisation, User
from tests.fixtures.app import PASSWORD, Cast

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
        ("user", "role", "nobody@example.com", "--org", "northwind", "--role", "admin"),
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


def test_the_demo_is_made_once(app: Flask, run: Run) -> None:
    for _ in range(2):
        result = run("demo", "seed", "--password-stdin", given=f"{PASSWORD}\n")
        assert (result.exit_code, result.output) == (0, "")
    with app.app_context():
        counts = [
            db.session.scalar(select(func.count(table.id))) for table in (Organisation, User, Membership)
        ]
    assert counts == [1, 2, 2]


def test_the_demos_people_sign_in_with_the_password_given_last(app: Flask, run: Run) -> None:
    run("demo", "seed", "--password-stdin", given=f"{PASSWORD}\n")
    run("demo", "seed", "--password-stdin", given="another long phrase\n")
    data = {"email": "admin@northwind.example", "password": "another long phrase"}
    assert app.test_client().with_csrf_token().post("/login", data=data).status_code == 303  # type: ignore[attr-defined]
