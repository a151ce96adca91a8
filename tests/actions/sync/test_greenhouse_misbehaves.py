"""Whatever Greenhouse does, a run leaves the jobs as they were, says why in plain words, and is tried again
where that may help."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.sync.credentials import seal
from portal.config import Settings
from portal.db import detached, end_read, session, write
from portal.domain.sync.runs import MAX_ATTEMPTS, RunStatus
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from tests.support import faults
from tests.support.app import Cast, PortalClient
from tests.support.databases import on_sqlite
from tests.support.fault_server import Fault, FaultServer, black_hole
from tests.support.faults import GIB, board, normal, post, status
from tests.support.syncs import sync_now
from tests.support.words import is_plain

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00-1"
BODY = board(*(post(number) for number in range(1, 6)))
CHANGED = board(*(post(number, title="Changed") for number in range(1, 6)))
BRIEF = 0.4  # seconds that a call to Greenhouse may take where it would take for ever
FIRST_PAUSE = 10.0  # seconds, as SYNC_RETRY_SECONDS has it

TRANSIENT = {
    "500": status(500),
    "503": status(503),
    "429": status(429),
    "408": status(408),
    "silence": faults.silence,
    "slow headers": faults.slow_headers,
    "slow body": faults.slow_body,
    "reset before the headers": faults.reset_at(-1, CHANGED),
    "reset after the headers": faults.reset_at(0, CHANGED),
    "reset in the body": faults.reset_at(500, CHANGED),
    "cut in the body": faults.truncate(CHANGED, 500),
    "cut before the last byte": faults.truncate(CHANGED, len(CHANGED) - 1),
    "no last chunk": faults.truncated_chunks(CHANGED),
    "cut gzip": faults.truncated_gzip(CHANGED),
    "a web page": faults.html,
    "nothing": faults.empty,
    "null": faults.null,
    "a list": faults.listed,
    "wrong types": faults.wrong_types,
    "bad UTF-8": faults.bad_utf8,
    "huge numbers": faults.huge_numbers,
    "deep nesting": faults.deep_nesting,
    "a total that is not the count": faults.plain(board(post(1), total=2)),
    "the same id twice": faults.plain(board(post(1), post(1))),
    "an id that is a text": faults.plain(board(post("1"))),
    "an id that is true": faults.plain(board(post(True))),
    **{
        f"a redirect, {code}": faults.redirect("http://127.0.0.1:1/elsewhere", code)
        for code in (301, 302, 303, 307, 308)
    },
    "a chunk of minus five bytes": lambda to: to.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}"
    ),
    "a teapot": status(418),
}
PERMANENT = {
    "404": status(404),
    "401": status(401),
    "403": status(403),
    "a gzip bomb": faults.gzip_bomb(GIB // 2),
}

ENDLESS = (faults.silence, faults.slow_headers, faults.slow_body)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def greenhouse() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, greenhouse: FaultServer) -> Settings:
    return replace(settings, greenhouse_api_url=greenhouse.url, greenhouse_timeout_seconds=30)


@pytest.fixture
def connection(cast: Cast, in_app: None, greenhouse: FaultServer) -> Connection:
    """Northwind's connection, synced, with five posts."""
    connection = Connection(
        organisation_id=cast.northwind.id,
        public_key="a-public-key",
        board_token="acme",
        board_name="Northwind Labs",
        api_key_ciphertext=seal("a-public-key", KEY),
        api_key_last_four=KEY[-4:],
    )
    with write() as current:
        current.add(connection)
    detached(connection)
    greenhouse.answer(normal(BODY))
    assert sync_now(connection).status == RunStatus.SUCCEEDED
    return connection


def allow(app: Flask, seconds: float) -> None:
    """Let a call to Greenhouse take so long."""
    app.extensions["settings"] = replace(app.extensions["settings"], greenhouse_timeout_seconds=seconds)


def jobs() -> list[tuple[object, ...]]:
    end_read()
    return [tuple(row) for row in session().execute(select(Job.__table__).order_by(Job.id))]


def pages_tell(admin: PortalClient, run: SyncRun) -> None:
    """Manage jobs and the run's page say what is wrong, and neither shows how the portal is made."""
    for path in ("jobs/manage", f"sync-runs/{run.id}"):
        text = admin.get(f"/orgs/northwind/{path}").text
        assert escape(run.error or "?") in text
        assert not re.search(r"Traceback|Exception|127\.0\.0\.1:|BoardUnavailable", text)
        assert KEY not in text


@only_sqlite
@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_what_may_pass_is_tried_three_times_and_changes_nothing(
    connection: Connection,
    greenhouse: FaultServer,
    mara: PortalClient,
    caplog: pytest.LogCaptureFixture,
    app: Flask,
    fault: Fault,
) -> None:
    before = jobs()
    greenhouse.answer(fault)
    allow(app, BRIEF if fault in ENDLESS else 30)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        run = sync_now(connection)
        assert (run.attempt, jobs()) == (attempt, before)
        assert run.error
        assert is_plain(run.error), run.error
        assert run.status == (RunStatus.QUEUED if attempt < MAX_ATTEMPTS else RunStatus.FAILED)
        pages_tell(mara, run)
    assert KEY not in caplog.text
    assert "Traceback" not in caplog.text
    greenhouse.answer(normal(CHANGED))
    allow(app, 30)
    assert sync_now(connection).status == RunStatus.SUCCEEDED
    assert {row[0] for row in session().execute(select(Job.title))} == {"Changed"}


@only_sqlite
@pytest.mark.parametrize("fault", PERMANENT.values(), ids=PERMANENT)
def test_what_will_not_pass_by_itself_fails_at_once_and_changes_nothing(
    connection: Connection,
    greenhouse: FaultServer,
    mara: PortalClient,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    before = jobs()
    greenhouse.answer(fault)
    run = sync_now(connection)
    assert (run.status, jobs()) == (RunStatus.FAILED, before)
    assert is_plain(run.error or ""), run.error
    pages_tell(mara, run)
    assert KEY not in caplog.text
    assert "Traceback" not in caplog.text
    greenhouse.answer(normal(CHANGED))
    assert sync_now(connection).status == RunStatus.SUCCEEDED


@on_sqlite
def test_an_endless_body_ends_with_its_time(
    connection: Connection, greenhouse: FaultServer, app: Flask
) -> None:
    before = jobs()
    allow(app, BRIEF)
    greenhouse.answer(faults.endless_body)
    run = sync_now(connection)
    assert run.status in (RunStatus.QUEUED, RunStatus.FAILED)  # too long or too large, whichever is first
    assert jobs() == before
    assert is_plain(run.error or "")


@pytest.mark.parametrize("away", ["refused", "black hole"])
@on_sqlite
def test_a_greenhouse_out_of_reach_is_tried_again(
    connection: Connection, greenhouse: FaultServer, app: Flask, away: str
) -> None:
    before = jobs()
    with ExitStack() as stack:
        if away == "refused":
            stack.enter_context(greenhouse.refusing())
        else:
            settings = app.extensions["settings"]
            nowhere = stack.enter_context(black_hole())
            app.extensions["settings"] = replace(
                settings, greenhouse_api_url=nowhere, greenhouse_timeout_seconds=BRIEF
            )
            stack.callback(app.extensions.__setitem__, "settings", settings)
        run = sync_now(connection)
    assert (run.status, jobs()) == (RunStatus.QUEUED, before)
    assert is_plain(run.error or "")
    assert sync_now(connection).status == RunStatus.SUCCEEDED


@only_sqlite
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (None, FIRST_PAUSE, FIRST_PAUSE),
        ("2", FIRST_PAUSE, FIRST_PAUSE),
        ("120", 120, 120),
        ("0", FIRST_PAUSE, FIRST_PAUSE),
        ("-5", FIRST_PAUSE, FIRST_PAUSE),
        ("1.5e9", FIRST_PAUSE, FIRST_PAUSE),
        ("soon", FIRST_PAUSE, FIRST_PAUSE),
        ("9" * 4000, 900, 900),
        ("²", FIRST_PAUSE, FIRST_PAUSE),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=60)), 58, 60),
        (lambda: format_datetime(datetime.now(UTC) - timedelta(days=1)), FIRST_PAUSE, FIRST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 900, 900),
        ("Fri, 99 Dec 2031 25:61:61 GMT", FIRST_PAUSE, FIRST_PAUSE),
    ],
)
def test_the_pause_greenhouse_asks_for_is_kept_within_reason(
    connection: Connection,
    greenhouse: FaultServer,
    asked: str | Callable[[], str] | None,
    least: float,
    most: float,
) -> None:
    greenhouse.answer(status(429, retry_after=asked() if callable(asked) else asked))
    earliest = utc_now()
    run = sync_now(connection)
    latest = utc_now()
    assert run.not_before is not None
    assert earliest + timedelta(seconds=least) <= run.not_before <= latest + timedelta(seconds=most)


@on_sqlite
def test_pauses_double(connection: Connection, greenhouse: FaultServer) -> None:
    greenhouse.answer(status(503))
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE):
        earliest = utc_now()
        run = sync_now(connection)
        assert run.not_before is not None
        assert run.not_before >= earliest + timedelta(seconds=pause)


def test_odd_values_import_alike_on_both_databases(connection: Connection, greenhouse: FaultServer) -> None:
    """What one layer or one database cannot hold is left out, the post set aside, or the answer refused."""
    odd = [
        post(11, title="NUL \x00 in it", content="&lt;p&gt;a\x00b&lt;/p&gt;"),
        post(12, title="Lone \ud800 surrogate"),
        post(13, requisition_id="\ud800", internal_job_id=2**63 - 1),
        post(14, internal_job_id=2**63),
        post(15, updated_at="9999-12-31T23:59:59-14:00", first_published="0001-01-01T00:00:00+14:00"),
        post(16, metadata=[{"name": "Level", "value": 10**400, "value_type": "number"}]),
        post(17, title="T" * 501),
        post(18, title="T" * 500, requisition_id="R" * 900, language="x" * 400),
        post(19, location={"name": "L" * 1000}, departments=[{"id": 1, "name": "D" * 1000}]),
        post(20, absolute_url="https://example.test/" + "u" * 3000, content="&lt;b&gt;" * 20_000),
        post(2**63 - 1, title="The last id there is"),
    ]
    greenhouse.answer(
        normal(
            BODY[: BODY.index(b'], "meta"')]
            + b", "
            + board(*odd)[10:].replace(b'"total": 11', b'"total": 16')
        )
    )
    run = sync_now(connection)
    assert run.status == RunStatus.SUCCEEDED, run.error
    assert {aside["id"] for aside in run.set_aside} == {12, 14, 17}
    assert run.created == len(odd) - 3


@only_sqlite
def test_a_job_whose_internal_id_cannot_be_read_does_not_close(
    connection: Connection, greenhouse: FaultServer
) -> None:
    before = jobs()
    odd = board(
        *(post(number, **({"internal_job_id": "x"} if number == 3 else {})) for number in range(1, 6))
    )
    greenhouse.answer(normal(odd))
    run = sync_now(connection)
    assert (run.status, run.closed, [aside["id"] for aside in run.set_aside]) == (RunStatus.SUCCEEDED, 0, [3])
    assert jobs() == before
