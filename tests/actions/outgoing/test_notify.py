"""What is told of public jobs: whoever changed them, and nothing that is not public."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from portal.actions.changing import changing
from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.undo import undo_edit
from portal.actions.outgoing import endpoints
from portal.actions.outgoing import notify as telling
from portal.actions.outgoing.notify import notify_of_changes
from portal.db import db, session, write
from portal.domain.jobs.bulk import How
from portal.domain.outgoing.events import MOST_EVENTS, EventType, Format
from portal.models import Job, ToldJob, ToldOrganisation
from portal.models.base import utc_now
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.receivers import add, messages, tell, told

YESTERDAY = utc_now() - timedelta(days=1)
EXAMPLE = "http://receiver.example/hooks"


@pytest.fixture
def hook(cast: Cast) -> int:
    return add(cast.northwind, cast.mara, EXAMPLE)[0]


def change(job_id: int, **values: object) -> None:
    """Write a job as every writer does."""
    job = session().get_one(Job, job_id)
    with changing(job.organisation_id) as done:
        job = done.session.get_one(Job, job_id)
        for name, value in values.items():
            setattr(job, name, value)
        job.revision, job.changed_at = done.revision, done.now


@on_sqlite
def test_nothing_is_told_of_jobs_that_were_public_before(cast: Cast, make_job: MakeJob) -> None:
    make_job(title="There before")
    add(cast.northwind, cast.mara, EXAMPLE)
    assert tell() == 0
    make_job(title="New", revision=2)
    assert tell() == 1
    assert told() == [("job.opened", "New")]


@on_sqlite
def test_a_job_is_told_of_when_it_opens_changes_and_closes(hook: int, make_job: MakeJob) -> None:
    job_id = make_job(title="Welder", revision=2)
    tell()
    change(job_id, title="Senior welder")
    tell()
    change(job_id, listed=False)
    tell()
    change(job_id, listed=True)
    tell()
    assert told() == [
        ("job.opened", "Welder"),
        ("job.changed", "Senior welder"),
        ("job.closed", "Senior welder"),
        ("job.opened", "Senior welder"),
    ]
    assert tell() == 0


@on_sqlite
def test_a_message_says_what_the_api_says(hook: int, app: Flask, make_job: MakeJob) -> None:
    job_id = make_job(title="Welder", location="Lisbon, Portugal", description_html="<p>Weld.</p>")
    tell()
    body = json.loads(messages()[0].body)
    said = app.test_client().get(f"/api/v1/orgs/northwind/jobs/{job_id}").get_json()
    assert body["data"]["job"] | {"url": ""} == said | {"url": ""}
    assert body["data"]["organisation"] == {"slug": "northwind", "name": "Northwind Labs"}
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None


@on_sqlite
@pytest.mark.parametrize(
    "values",
    [{"visibility": "hidden"}, {"visibility": "members"}, {"deleted_at": YESTERDAY}],
)
def test_a_job_that_is_hidden_is_closed_and_nothing_new_of_it_leaves(
    hook: int, make_job: MakeJob, values: dict[str, object]
) -> None:
    job_id = make_job(title="Welder", revision=2)
    tell()
    change(job_id, title="Secret project", **values)
    tell()
    closed = json.loads(messages()[-1].body)
    assert (closed["type"], closed["data"]["job"]["title"]) == ("job.closed", "Welder")
    assert closed["data"]["job"].keys() == {"id", "url", "title"}
    assert "Secret" not in messages()[-1].body


@on_sqlite
def test_what_is_not_public_is_no_news(hook: int, make_job: MakeJob) -> None:
    paid = {"salary_min": 1, "salary_max": 2, "salary_currency": "EUR", "salary_visible": False}
    job_id = make_job(title="Welder", revision=2, **paid)
    make_job(title="Hidden", visibility="hidden", revision=3)
    make_job(title="For members", visibility="members", revision=4)
    tell()
    change(job_id, salary_max=3, hiring_manager="Kim", source_values={"a": "b"})
    tell()
    assert told() == [("job.opened", "Welder")]


def test_a_closing_date_that_passes_closes_a_job_at_the_organisations_midnight(
    hook: int, cast: Cast, make_job: MakeJob
) -> None:
    with write() as current:
        current.get_one(type(cast.northwind), cast.northwind.id).time_zone = "Pacific/Auckland"
    make_job(title="Welder", closes_on=date(2027, 3, 1), revision=2)
    notify_of_changes(datetime(2027, 3, 1, 10, 59, tzinfo=UTC))  # one minute to midnight there
    assert told() == [("job.opened", "Welder")]
    notify_of_changes(datetime(2027, 3, 1, 11, 0, tzinfo=UTC))
    assert told() == [("job.opened", "Welder"), ("job.closed", "Welder")]
    assert notify_of_changes(datetime(2027, 3, 1, 11, 1, tzinfo=UTC)) == 0


@on_sqlite
def test_a_job_whose_row_is_gone_is_told_of_as_closed(hook: int, make_job: MakeJob, cast: Cast) -> None:
    job_id = make_job(title="Welder", revision=2)
    tell()
    with changing(cast.northwind.id) as done:
        done.session.delete(done.session.get_one(Job, job_id))
        done.raise_revision()
    tell()
    assert told()[-1] == ("job.closed", "Welder")


@on_sqlite
def test_a_bulk_edit_and_its_undo_tell_of_each_job(hook: int, make_job: MakeJob, cast: Cast) -> None:
    ids = tuple(make_job(title=f"Job {number}") for number in range(3))
    tell()
    org_id = cast.northwind.id
    change = checked_change(org_id, "department", How.SET, "Yard")
    result = bulk_edit(org_id, Selection(job_ids=ids), change, cast.mara.id)
    tell()
    assert result.edit_id is not None
    undo_edit(org_id, result.edit_id, cast.mara.id)
    tell()
    assert told()[3:] == 2 * [("job.changed", f"Job {number}") for number in range(3)]


def test_a_flood_becomes_one_message_and_no_second_one_while_it_waits(
    hook: int, cast: Cast, app: Flask
) -> None:
    def add_jobs(revision: int) -> None:
        with changing(cast.northwind.id) as done:
            common = {"organisation_id": cast.northwind.id, "source": "own", "revision": done.revision}
            done.session.add_all(Job(title=f"Job {number}", **common) for number in range(MOST_EVENTS + 1))

    add_jobs(1)
    assert tell() == 1
    assert told() == [("jobs.changed", None)]
    assert json.loads(messages()[0].body)["data"]["jobs_url"].endswith("/api/v1/orgs/northwind/jobs")
    add_jobs(2)
    assert tell() == 0  # the one that waits says the same
    assert session().query(ToldJob).count() == 2 * (MOST_EVENTS + 1)


@on_sqlite
def test_a_receiver_is_told_of_what_it_chose(cast: Cast, make_job: MakeJob) -> None:
    add(cast.northwind, cast.mara, EXAMPLE, events=(EventType.CLOSED,))
    job_id = make_job(title="Welder", revision=2)
    assert tell() == 0
    change(job_id, listed=False)
    assert tell() == 1
    assert told() == [("job.closed", "Welder")]


@on_sqlite
def test_slack_gets_one_message_of_all_that_came_at_once(cast: Cast, make_job: MakeJob) -> None:
    add(cast.northwind, cast.mara, EXAMPLE, Format.SLACK, (EventType.OPENED, EventType.CLOSED))
    for number in range(3):
        make_job(title=f"Job <{number}>", revision=2 + number)
    assert tell() == 1
    body = json.loads(messages()[0].body)
    assert body["text"] == "Northwind Labs: 3 jobs opened"
    assert "Job &lt;2&gt;" in body["blocks"][0]["text"]["text"]


@on_sqlite
def test_a_paused_receiver_hears_neither_now_nor_later_what_happened_meanwhile(
    cast: Cast, hook: int, make_job: MakeJob
) -> None:
    endpoints.pause(cast.northwind.id, hook)
    make_job(title="Meanwhile", revision=2)
    assert tell() == 0
    endpoints.resume(cast.northwind.id, hook)
    make_job(title="After", revision=3)
    tell()
    assert told() == [("job.opened", "After")]


@on_sqlite
def test_organisations_hear_of_their_own_jobs_alone(cast: Cast, hook: int, make_job: MakeJob) -> None:
    add(cast.cafe, cast.otto, EXAMPLE)
    make_job(title="Barista", organisation_id=cast.cafe.id, revision=1)
    tell()
    [message] = messages()
    assert message.endpoint_id != hook
    assert json.loads(message.body)["data"]["organisation"]["slug"] == "cafe-nord"


@on_sqlite
def test_without_receivers_nothing_is_kept(cast: Cast, hook: int, make_job: MakeJob) -> None:
    make_job(revision=2)
    tell()
    endpoints.delete_endpoint(cast.northwind.id, hook)
    assert session().query(ToldOrganisation).count() == session().query(ToldJob).count() == 0
    assert messages() == []


def test_several_processes_that_compare_at_once_tell_each_change_once(
    app: Flask, hook: int, make_job: MakeJob
) -> None:
    for number in range(5):
        make_job(title=f"Job {number}", revision=2 + number)

    def compare() -> int:
        with app.app_context():
            try:
                return tell()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        made = [each.result() for each in [pool.submit(compare) for _ in range(4)]]
    assert sorted(made) == [0, 0, 0, 5]
    assert len(messages()) == 5


@on_sqlite
def test_a_process_that_dies_while_it_compares_loses_no_change(
    hook: int, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job(title="Welder", revision=2)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "add_deliveries", lambda _rows: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tell()
    assert tell() == 1
    assert told() == [("job.opened", "Welder")]


@on_sqlite
def test_an_organisation_that_cannot_be_compared_keeps_nothing_from_the_others(
    cast: Cast, hook: int, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cast.cafe, cast.otto, EXAMPLE)
    make_job(title="Broken", revision=2)
    make_job(title="Barista", organisation_id=cast.cafe.id, revision=1)
    usual = telling.whole_public_json

    def fail(job: object) -> dict[str, object]:
        if job.title == "Broken":  # type: ignore[attr-defined]
            raise RuntimeError
        return usual(job)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(telling, "whole_public_json", fail)
        assert tell() == 1
    assert tell() == 1
    assert told() == [("job.opened", "Barista"), ("job.opened", "Broken")]
