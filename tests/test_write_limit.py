"""Many who wait for one lock hold up neither pages nor, where locks are per organisation, others' edits."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from portal.extensions import db, session
from portal.models import Edit, LoginSession
from portal.store.transactions import WRITING, write
from portal.web.write_limit import WriteLimit
from tests.fixtures.app import HTMX, Cast, PortalClient
from tests.fixtures.processes import wait_until

MANY = 60


@contextmanager
def locked(app: Flask, organisation_id: int) -> Iterator[None]:
    """Somebody holds the lock that the organisation's writers wait for."""
    with app.app_context():
        engine = db.engine
    with engine.connect().execution_options(**WRITING) as holder, holder.begin() as transaction:
        holder.execute(
            text("UPDATE organisations SET revision = revision WHERE id = :id"), {"id": organisation_id}
        )
        yield
        transaction.rollback()


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
            assert threads.submit(otto.get, "/orgs/cafe-nord/jobs/manage").result(10).status_code == 200
            if own_lock:
                saved = threads.submit(otto.post, "/orgs/cafe-nord/jobs/new", data=cafes).result(10)
                assert saved.status_code == 303
            wait_until(lambda: any(map(Future.done, edits)), "somebody to be told that others are saving")
        answers = [each.result(30) for each in edits]
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
        assert threads.submit(otto.get, "/orgs/cafe-nord/jobs").result(10).status_code == 200
    assert otto.get("/orgs/cafe-nord/jobs").status_code == 200
    with app.app_context():
        assert session().scalars(select(LoginSession.seen_at)).one() > past


def test_places_are_given_back_and_one_owner_never_takes_them_all() -> None:
    limit = WriteLimit(3, 2)
    assert [limit.enter("a", 0) for _ in range(3)] == [True, True, False]
    assert [limit.enter("b", 0) for _ in range(2)] == [True, False]
    limit.leave("a")
    assert limit.enter("b", 0)
    assert not limit.enter("a", 0.01)
