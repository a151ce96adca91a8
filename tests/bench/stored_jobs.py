"""The jobs that the pages are measured on: the same rows for the portal, the bare page and the peers."""

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text

from portal.actions.accounts.sign_in import hash_token
from portal.app import create_app
from portal.config import load_settings
from portal.db import db, session, write
from portal.models import Base, LoginSession, Membership, Organisation, User
from portal.models.base import utc_now
from portal.store.job_columns import NewJobs
from portal.web.auth import TOKEN
from portal.web.extensions import masked
from tests.bench.bare_pages import make_database
from tests.bench.board import CITIES, DEPARTMENTS, post

DESCRIPTION = "<p>" + "word " * 1_200 + "</p>"  # 6 KB
BATCH = 10_000

Headers = dict[str, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """What was stored, and the headers that each admin's browser sends."""

    environ: dict[str, str]
    bare: Path
    admins: list[Headers]


def store(folder: Path, size: int, redis_url: str, admins: int = 1) -> Stored:
    """Store the jobs for the portal and for the bare page, and so many admins, each signed in."""
    environ = {
        "INSTANCE_DIR": str(folder / "instance"),
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
        "PUBLIC_URL": "http://127.0.0.1",  # production, where the log is JSON
    }
    app, now = create_app(load_settings(environ)), utc_now()
    rows = [_job(number, now) for number in range(size)]
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with write():
            session().add(Organisation(id=1, slug="bench", name="Bench"))
            tokens = [_sign_in(number, now) for number in range(1, admins + 1)]
        _insert(rows)
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
        db.session.remove()
        db.engine.dispose()
    make_database(folder / "bare.db", [_bare_job(row) for row in rows])
    return Stored(environ, folder / "bare.db", [_headers(app, token) for token in tokens])


def _sign_in(number: int, now: datetime) -> str:
    """Add an admin of the organisation who has just signed in, and return what their browser keeps."""
    token, until = secrets.token_urlsafe(), now + timedelta(days=1)
    session().add(User(id=number, email=f"admin-{number}@example.test", password_hash=""))
    session().flush()
    session().add(Membership(organisation_id=1, user_id=number, role="admin"))
    session().add(LoginSession(token_hash=hash_token(token), user_id=number, seen_at=now, expires_at=until))
    return token


def _headers(app: Flask, token: str) -> Headers:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    raw = secrets.token_urlsafe(16)
    cookie = signer.dumps({TOKEN: token, "csrf_token": raw})
    return {"Cookie": f"session={cookie}", "X-CSRFToken": masked(raw)}


def _insert(rows: list[Row]) -> None:
    for start in range(0, len(rows), BATCH):
        batch = NewJobs()
        for row in rows[start : start + BATCH]:
            batch.add(row | {"description_html": DESCRIPTION})
        with write():
            batch.insert(lambda _: None)


def _job(number: int, now: datetime) -> Row:
    chance = random.Random(number)
    posted = post(number) if number < 10 else None
    level = chance.choice(["Junior", "Senior", "Lead"])
    department, city = chance.choice(DEPARTMENTS), chance.choice(CITIES)
    return {
        "organisation_id": 1,
        "source": "greenhouse",
        "board_token": "bench",
        "external_id": 4_000_000_000 + number,
        "internal_job_id": 3_000_000_000 + number,
        "title": posted["title"] if posted else f"{level} {chance.choice(DEPARTMENTS)} Specialist {number}",
        "requisition_id": f"R-{number}",
        "department": department,
        "location": city,
        "workplace_type": "hybrid",
        "employment_type": "full_time",
        "salary_min": 8_500_000,
        "salary_max": 11_000_000,
        "salary_currency": "EUR",
        "salary_period": "year",
        "visibility": "hidden" if number % 10 == 1 else "shown",
        "listed": number % 10 != 0,
        "changed_at": now - timedelta(seconds=number),
        "source_values": {"location": city if number % 5 else "Elsewhere", "department": department},
    }


def _bare_job(row: Row) -> tuple[object, ...]:
    state = "closed" if not row["listed"] else row["visibility"]
    names = ("title", "department", "location", "workplace_type", "employment_type")
    told = (*(row[name] for name in names), "€85k – 110k", state, row["changed_at"].isoformat())
    return (*told, row["requisition_id"], DESCRIPTION)
