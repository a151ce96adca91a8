"""Search engines are told of jobs that open and close: once, and again when they are busy."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from sqlalchemy import select, update

from portal.actions import search_engines
from portal.actions.accounts.profile import change_profile
from portal.actions.search_engines import LEASE, MOST_ATTEMPTS, compare_all, engines_told, send_due
from portal.db import end_read, session, write
from portal.domain.search_engines import Engine
from portal.models import Job, SearchNotice
from portal.store.people import next_revision
from portal.worker.search_engines import Rounds
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.fault_server import Exchange, Fault, FaultServer
from worker import processes

SITE = "https://jobs.example"
KEY = "a-key-of-8-or-more"
JOBS = f"{SITE}/orgs/northwind/jobs"
TODAY = date(2026, 11, 28)


def says(status: int, content: object = None, **headers: object) -> Fault:
    """Answer with a status, and JSON."""
    body = json.dumps(content or {}).encode()

    def answer(exchange: Exchange) -> None:
        exchange.head(f"{status} Status", content_length=len(body), **headers)
        exchange.send(body)

    return answer


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        server.answer(says(200))
        yield server


@pytest.fixture
def indexnow(app: Flask, server: FaultServer) -> FaultServer:
    """IndexNow, for which there is a key."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(
        settings, public_url=SITE, indexnow_key=KEY, indexnow_url=f"{server.url}/indexnow"
    )
    return server


@pytest.fixture
def google(app: Flask, server: FaultServer, private_key: rsa.RSAPrivateKey) -> FaultServer:
    """Google, for which there is a service account."""
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {
        "client_email": "portal@project.example",
        "private_key_id": "k1",
        "private_key": pem,
        "token_uri": f"{server.url}/token",
    }
    app.extensions["settings"] = replace(
        app.extensions["settings"],
        public_url=SITE,
        google_indexing_key=json.dumps(account),
        google_indexing_url=f"{server.url}/publish",
    )
    search_engines._google.cache_clear()
    server.answer(says(200, {"access_token": "t", "expires_in": 3599}), says(200))
    return server


def compare(today: date = TODAY) -> None:
    compare_all({}, lambda _zone: today)


def told(server: FaultServer) -> list[Any]:
    """What a search engine was sent, as JSON."""
    return [json.loads(each.body) for each in server.requests if each.path != "/token"]


def notices() -> list[SearchNotice]:
    end_read()
    session().expire_all()
    return list(session().scalars(select(SearchNotice).order_by(SearchNotice.job_id, SearchNotice.engine)))


def let_time_pass(by: timedelta) -> None:
    with write() as current:
        for notice in current.scalars(select(SearchNotice).where(SearchNotice.not_before.is_not(None))):
            assert notice.not_before is not None
            notice.not_before -= by


def change(job_id: int, **values: Any) -> None:
    with write() as current:
        job = current.get_one(Job, job_id)
        next_revision(job.organisation_id)
        current.execute(update(Job).where(Job.id == job_id).values(**values))


def test_what_opens_and_closes_is_told_once(indexnow: FaultServer, make_job: MakeJob) -> None:
    first, second = make_job(), make_job()
    for visibility in ("hidden", "members", "new"):
        make_job(visibility=visibility)
    make_job(listed=False)
    for _ in range(2):
        compare()
        assert send_due(Engine.INDEXNOW)
    assert told(indexnow) == [
        {
            "host": "jobs.example",
            "key": KEY,
            "keyLocation": f"{SITE}/{KEY}.txt",
            "urlList": [f"{JOBS}/{second}", f"{JOBS}/{first}"],
        }
    ]
    assert [(each.is_there, each.answer, each.not_before) for each in notices()] == [
        (True, "taken", None)
    ] * 2
    change(first, listed=False)
    for _ in range(2):
        compare()
        send_due(Engine.INDEXNOW)
    assert [sent["urlList"] for sent in told(indexnow)[1:]] == [[f"{JOBS}/{first}"]]
    change(first, listed=True)
    compare()
    send_due(Engine.INDEXNOW)
    assert told(indexnow)[2]["urlList"] == [f"{JOBS}/{first}"]


@on_sqlite
def test_a_last_day_that_is_over_and_whatever_hides_a_page_is_told(
    indexnow: FaultServer, make_job: MakeJob, cast: Cast
) -> None:
    dated, hidden, deleted = make_job(closes_on=TODAY), make_job(), make_job()
    compared: search_engines.Compared = {}
    compare_all(compared, lambda _zone: TODAY)
    send_due(Engine.INDEXNOW)
    change(hidden, visibility="members")
    change(deleted, deleted_at=datetime.now(UTC))
    compare_all(compared, lambda _zone: TODAY + timedelta(days=1))
    send_due(Engine.INDEXNOW)
    assert set(told(indexnow)[1]["urlList"]) == {f"{JOBS}/{job}" for job in (dated, hidden, deleted)}
    with write() as current:
        current.delete(current.get_one(Job, deleted))  # for good
    assert len(notices()) == 2


@on_sqlite
def test_only_organisations_that_changed_are_compared(
    indexnow: FaultServer, make_job: MakeJob, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    compared: search_engines.Compared = {}
    looked_at: list[int] = []
    usual = search_engines.notices.jobs_to_tell

    def note(organisation_id: int, *arguments: Any) -> Any:
        looked_at.append(organisation_id)
        return usual(organisation_id, *arguments)

    monkeypatch.setattr(search_engines.notices, "jobs_to_tell", note)
    for _ in range(3):
        compare_all(compared, lambda _zone: TODAY)
    assert looked_at == [cast.northwind.id, cast.cafe.id]
    change_profile(cast.cafe.id, {"summary": "New."}, {})
    compare_all(compared, lambda _zone: TODAY)
    assert looked_at[2:] == [cast.cafe.id]


@on_sqlite
def test_google_is_told_one_by_one_as_the_service_account(
    google: FaultServer, make_job: MakeJob, private_key: rsa.RSAPrivateKey
) -> None:
    first, second = make_job(), make_job()
    compare()
    assert send_due(Engine.GOOGLE)
    change(first, listed=False)
    compare()
    assert send_due(Engine.GOOGLE)
    assert told(google) == [
        {"url": f"{JOBS}/{second}", "type": "URL_UPDATED"},
        {"url": f"{JOBS}/{first}", "type": "URL_UPDATED"},
        {"url": f"{JOBS}/{first}", "type": "URL_DELETED"},
    ]
    [sign_in] = [each for each in google.requests if each.path == "/token"]
    assert google.requests[1].headers["authorization"] == "Bearer t"
    form = parse_qs(sign_in.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    signed, _, signature = form["assertion"][0].rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    private_key.public_key().verify(decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert (claims["iss"], claims["aud"]) == ("portal@project.example", f"{google.url}/token")
    assert claims["scope"] == "https://www.googleapis.com/auth/indexing"
    assert claims["exp"] - claims["iat"] == 3600


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


@on_sqlite
def test_a_busy_engine_is_asked_again_later_and_given_up_in_the_end(
    indexnow: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    compare()
    indexnow.answer(says(429, retry_after=1800), says(503))
    assert not send_due(Engine.INDEXNOW)
    [notice] = notices()
    assert (notice.attempt, notice.answer) == (1, "too many requests")
    assert notice.not_before
    assert notice.not_before - datetime.now(UTC) > timedelta(minutes=25)
    for _ in range(MOST_ATTEMPTS + 2):
        let_time_pass(timedelta(days=2))
        send_due(Engine.INDEXNOW)
    [notice] = notices()
    assert (notice.attempt, notice.not_before) == (MOST_ATTEMPTS, None)
    assert notice.answer == "answered with status 503"
    assert len(indexnow.requests) == MOST_ATTEMPTS


@on_sqlite
def test_a_refusal_is_final_and_a_quota_costs_the_others_no_attempt(
    google: FaultServer, make_job: MakeJob
) -> None:
    for _ in range(3):
        make_job()
    compare()
    google.answer(says(200, {"access_token": "t"}), says(403), says(429))
    assert not send_due(Engine.GOOGLE)
    untried, busy, refused = notices()
    assert (refused.attempt, refused.not_before) == (1, None)
    assert "no owner of this site" in (refused.answer or "")
    assert (busy.attempt, busy.answer) == (1, "the quota of today is used up")
    assert (untried.attempt, untried.answer, untried.answered_at) == (0, None, None)
    google.answer(says(200))
    assert send_due(Engine.GOOGLE)
    assert notices()[0].answer == "taken"


@on_sqlite
def test_an_engine_that_is_away_holds_up_nothing(
    app: Flask, indexnow: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    rounds = Rounds()
    with indexnow.refusing():
        rounds.once()
        rounds.once()
    [notice] = notices()
    assert (notice.attempt, notice.answer) == (1, "no answer")
    let_time_pass(timedelta(days=2))
    rounds.once()
    assert not indexnow.requests  # it is left alone for a minute
    Rounds().once()
    assert notices()[0].answer == "taken"


@on_sqlite
def test_a_sign_in_that_fails_is_shown_and_holds_no_key(google: FaultServer, make_job: MakeJob) -> None:
    make_job()
    compare()
    google.answer(says(401))
    send_due(Engine.GOOGLE)
    [notice] = notices()
    assert notice.answer == "sign-in: refused: the service account's key is not valid"
    assert [each.path for each in google.requests] == ["/token"]


def test_two_processes_tell_each_thing_once_and_a_killed_one_is_made_up_for(
    indexnow: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    compare()
    compare()
    now = datetime.now(UTC)
    due = search_engines.notices.due_notices(Engine.INDEXNOW, now, 10)
    with write():
        assert len(search_engines.notices.claim(due, now + LEASE)) == 1
    with write():
        assert search_engines.notices.claim(due, now + LEASE) == []
    send_due(Engine.INDEXNOW)
    assert not indexnow.requests
    let_time_pass(LEASE)  # who had claimed it was killed
    send_due(Engine.INDEXNOW)
    assert len(indexnow.requests) == 1
    assert [(each.attempt, each.answer) for each in notices()] == [(2, "taken")]


@on_sqlite
def test_a_job_that_closes_before_its_opening_was_told_is_told_as_gone(
    indexnow: FaultServer, make_job: MakeJob
) -> None:
    job = make_job()
    compare()
    change(job, listed=False)
    compare()
    send_due(Engine.INDEXNOW)
    assert len(indexnow.requests) == 1
    assert [each.is_there for each in notices()] == [False]


@on_sqlite
def test_nobody_is_told_without_a_public_address_and_a_key(app: Flask, make_job: MakeJob) -> None:
    make_job()
    settings = app.extensions["settings"]
    assert "search-engines" not in processes(settings)
    for given in ({"indexnow_key": KEY}, {"public_url": SITE}):
        app.extensions["settings"] = replace(settings, **given)
        assert engines_told(app.extensions["settings"]) == []
        Rounds().once()
    assert notices() == []
    assert "search-engines" in processes(replace(settings, public_url=SITE, indexnow_key=KEY))
