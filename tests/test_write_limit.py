"""Many who wait for one lock hold up neither pages nor, where locks are per organisation, others' edits."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from portal import write_limit
from portal.config import Settings
from portal.db import db, session, take_write_lock, write
from portal.models import Connection, Edit, LoginSession
from portal.write_limit import TooManyWriters, WriteLimit
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE, wait_until

MANY = 60


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """Settings whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)


@contextmanager
def locked(app: Flask, organisation_id: int) -> Iterator[None]:
    """Somebody holds the lock that the organisation's writers wait for."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as holder, holder.begin() as transaction:
        take_write_lock(holder)
        holder.execute(
            text("UPDATE organisations SET revision = revision WHERE id = :id"), {"id": organisation_id}
        )
        yield
        transaction.rollback()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds no place is refused soon."""
    monkeypatch.setattr(write_limit, "PATIENCE_SECONDS", 0.3)


@pytest.fixture
def edit(app: Flask, mara: PortalClient, make_job: Callable[..., int]) -> Callable[[int], TestResponse]:
    """Change a job's location, from one of many windows of Mara's."""
    jobs = [make_job() for _ in range(MANY)]

    def change(number: int) -> TestResponse:
        window = app.test_client()
        window._cookies, window.environ_base = mara._cookies, mara.environ_base
        data = {"value": f"Town {number}", "version": "0"}
        path = f"/orgs/northwind/jobs/{jobs[number]}/fields/location"
        return window.post(path, data=data, headers=HTMX)

    return change


@pytest.mark.usefixtures("impatient")
def test_sixty_writes_that_wait_for_one_lock_hold_up_no_page_of_another_organisation(
    app: Flask, cast: Cast, otto: PortalClient, edit: Callable[[int], TestResponse]
) -> None:
    with app.app_context():
        pool = db.engine.pool
        own_lock = db.engine.dialect.name == "postgresql"
    cafes = {"title": "Barista", "description": "Make coffee."}
    with ThreadPoolExecutor(MANY + 1) as threads:
        with locked(app, cast.northwind.id):
            edits = [threads.submit(edit, number) for number in range(MANY)]
            wait_until(lambda: pool.checkedout() > 5, "writers to wait for the lock")  # type: ignore[attr-defined]
            assert threads.submit(otto.get, "/orgs/cafe-nord/jobs/manage").result(PATIENCE).status_code == 200
            if own_lock:
                saved = threads.submit(otto.post, "/orgs/cafe-nord/jobs/new", data=cafes).result(PATIENCE)
                assert saved.status_code == 303
            wait_until(lambda: any(map(Future.done, edits)), "somebody to be told that others are saving")
        answers = [each.result(PATIENCE) for each in edits]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) < MANY
    assert all(answer.headers["Retry-After"] for answer in refused)
    assert all("Nothing was saved yet." in answer.text for answer in refused)
    assert all(answer.headers["HX-Retarget"] == "#toasts" for answer in refused), "the editor stays as it is"
    with app.app_context():
        assert session().scalar(select(func.count(Edit.id))) == MANY - len(refused)
    assert edit(0).status_code in (200, 409), "the lock is free: writers come in again"


def test_a_page_waits_for_no_lock_though_its_sign_in_is_to_be_prolonged(
    app: Flask, cast: Cast, otto: PortalClient
) -> None:
    past = datetime.now(UTC) - timedelta(hours=2)
    with app.app_context(), write() as rows:
        rows.execute(update(LoginSession).values(seen_at=past))
    with locked(app, cast.northwind.id), ThreadPoolExecutor(1) as threads:
        assert threads.submit(otto.get, "/orgs/cafe-nord/jobs").result(PATIENCE).status_code == 200
    assert otto.get("/orgs/cafe-nord/jobs").status_code == 200
    with app.app_context():
        assert session().scalars(select(LoginSession.seen_at)).one() > past


def test_a_slow_key_check_holds_no_place(
    app: Flask,
    connection: Connection,
    board: DemoBoard,
    mara: PortalClient,
    edit: Callable[[int], TestResponse],
) -> None:
    limit: WriteLimit = app.extensions["write_limit"]
    while limit.enter(connection.organisation_id, 0):  # all places of the organisation but one are taken
        pass
    limit.leave(connection.organisation_id)
    board.hold()
    with ThreadPoolExecutor(1) as threads:
        try:
            check = threads.submit(mara.post, "/orgs/northwind/greenhouse/check-key")
            assert board.faults.wait_held()
            assert edit(0).status_code == 200
        finally:
            board.release()
        assert check.result(PATIENCE).status_code == 303


@pytest.mark.usefixtures("impatient")
def test_who_has_saved_is_not_refused_when_the_same_request_writes_again(
    app: Flask, connection: Connection
) -> None:
    """Or else an answer that says that nothing was saved would be wrong."""
    limit: WriteLimit = app.extensions["write_limit"]
    owner = connection.organisation_id
    with app.test_request_context("/"), write(owner=owner):
        pass
    while limit.enter(owner, 0):
        pass
    with app.test_request_context("/"), pytest.raises(TooManyWriters), write(owner=owner):
        pass
    limit.leave(owner)
    with app.test_request_context("/"):
        with write(owner=owner):
            pass
        assert not limit.enter(owner, 0), "the place is held until the request has ended"
        with write(owner=owner):
            pass
        with write():
            pass
    assert limit.enter(owner, 0)


def test_places_are_given_back_and_one_owner_never_takes_them_all() -> None:
    limit = WriteLimit(3, 2)
    assert [limit.enter("a", 0) for _ in range(3)] == [True, True, False]
    assert [limit.enter("b", 0) for _ in range(2)] == [True, False]
    limit.leave("a")
    assert limit.enter("b", 0)
    assert not limit.enter("a", 0.01)
