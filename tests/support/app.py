"""The application on a real database and a real Redis, with a small cast of people.

Northwind has the admin Mara and the member Noor; Café Nord has the admin Otto. Remi was a member of
Northwind once, and Sasha is of no organisation.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from portal.actions.accounts import passwords
from portal.actions.accounts.passwords import hash_password
from portal.actions.accounts.sign_in import hash_token
from portal.actions.public import counting
from portal.app import create_app
from portal.config import Settings, load_settings
from portal.db import db, write
from portal.domain.people import Role
from portal.models import Job, LoginSession, Membership, Organisation, User
from portal.store.people import next_revision
from portal.web.auth import TOKEN
from portal.web.extensions import limiter, masked
from tests.support.compiled import share_what_is_compiled
from tests.support.databases import hurry
from tests.support.html import faults_of

PASSWORD = "a long enough pass phrase"
USUAL_HASHER = passwords._HASHER
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # a test guesses many times
PASSWORD_HASH = hash_password(PASSWORD)
HTMX = {"HX-Request": "true"}
MakeJob = Callable[..., int]
MakeJobs = Callable[[Iterable[dict[str, Any]]], list[int]]


class PortalClient(FlaskClient):
    """A browser. It sends the CSRF token as a page's script does, and looks at the HTML it gets."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **{"buffered": True, **kwargs})  # read to its end, as a browser does
        written_here = response.mimetype == "text/html" and response.location is None
        if written_here and not response.is_streamed:
            assert not faults_of(response.text), response.text
        return response

    def become(self, user: User) -> "PortalClient":
        """Sign in as ``user`` without a password."""
        token, now = secrets.token_urlsafe(), datetime.now(UTC)
        with self.application.app_context(), write() as session:
            session.add(
                LoginSession(
                    token_hash=hash_token(token),
                    user_id=user.id,
                    seen_at=now,
                    expires_at=now + timedelta(days=14),
                )
            )
        return self.with_csrf_token(**{TOKEN: token})

    def with_csrf_token(self, **signed: str) -> "PortalClient":
        """Send a valid CSRF token with every request from now on, and more in the signed cookie."""
        with self.session_transaction() as cookie:
            cookie.update(signed)
            raw = cookie.setdefault("csrf_token", secrets.token_urlsafe(16))
        self.environ_base["HTTP_X_CSRFTOKEN"] = masked(raw)
        return self


@dataclass(frozen=True)
class Cast:
    """Everybody, as rows that no session holds."""

    northwind: Organisation
    cafe: Organisation
    mara: User
    noor: User
    otto: User
    remi: User
    sasha: User


@pytest.fixture
def usual_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost what they cost in production."""
    monkeypatch.setattr(passwords, "_HASHER", USUAL_HASHER)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """The settings of the application under test."""
    return load_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "SECRET_KEY": secrets.token_urlsafe(32),
            "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
        }
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application."""
    app = create_app(settings)
    share_what_is_compiled(app)
    with app.app_context():
        hurry(db.engine)
    app.test_client_class = PortalClient
    yield app
    counting.close(app)
    app.extensions["live_hub"].close()
    app.extensions["live_hub"].join()
    disconnect(app)
    limiter.storage.storage.close()  # the limiter is one for all applications, and keeps the last one's Redis


def disconnect(app: Flask) -> None:
    """Close the connections of an application that nobody asks any more."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    app.extensions["redis"].close()


@pytest.fixture
def client(app: Flask) -> PortalClient:
    """A browser that nobody is signed in with."""
    return _client(app)


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The people and organisations, stored."""
    organisations = [("northwind", "Northwind Labs", "Instruments."), ("cafe-nord", "Café Nord", "")]
    names = ("mara", "noor", "otto", "remi", "sasha")
    with app.app_context(), write() as session:  # in bulk: thousands of tests begin with them
        northwind, cafe = session.scalars(
            insert(Organisation).returning(Organisation, sort_by_parameter_order=True),
            [{"slug": slug, "name": name, "summary": summary} for slug, name, summary in organisations],
        )
        users = session.scalars(
            insert(User).returning(User, sort_by_parameter_order=True),
            [{"email": f"{name}@example.com", "password_hash": PASSWORD_HASH} for name in names],
        )
        people = dict(zip(names, users, strict=True))
        members = [(northwind, "mara", Role.ADMIN), (northwind, "noor", Role.MEMBER)]
        members.append((cafe, "otto", Role.ADMIN))
        rows = [
            {"organisation_id": org.id, "user_id": people[name].id, "role": role}
            for org, name, role in members
        ]
        session.execute(insert(Membership), rows)
    return Cast(northwind, cafe, **people)


@pytest.fixture
def mara(app: Flask, cast: Cast) -> PortalClient:
    """The browser of Northwind's admin."""
    return _client(app).become(cast.mara)


@pytest.fixture
def noor(app: Flask, cast: Cast) -> PortalClient:
    """The browser of Northwind's member."""
    return _client(app).become(cast.noor)


@pytest.fixture
def otto(app: Flask, cast: Cast) -> PortalClient:
    """The browser of another organisation's admin."""
    return _client(app).become(cast.otto)


APPLY = "https://northwind.example/apply"


@pytest.fixture
def make_jobs(app: Flask, cast: Cast) -> MakeJobs:
    """Store jobs of Northwind's own with these columns, in one transaction, and return their ids."""

    def make(each: Iterable[dict[str, Any]]) -> list[int]:
        given = {"organisation_id": cast.northwind.id, "source": "own", "title": "Welder", "apply_url": APPLY}
        jobs = [Job(**given | columns) for columns in each]
        with app.app_context(), write() as session:
            for organisation_id in {job.organisation_id for job in jobs}:
                next_revision(organisation_id)
            session.add_all(jobs)
        return [job.id for job in jobs]

    return make


@pytest.fixture
def make_job(make_jobs: MakeJobs) -> MakeJob:
    """Store a job of Northwind's own, or of another organisation, and return its id."""
    return lambda **columns: make_jobs([columns])[0]


def _client(app: Flask) -> PortalClient:
    client = app.test_client()
    assert isinstance(client, PortalClient)
    return client
