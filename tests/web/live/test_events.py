"""What an open page is told: as a stream, or once for a page that polls."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from flask import Flask, template_rendered
from jinja2 import Template
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.actions.accounts.people import remove_member, set_password
from portal.actions.accounts.sign_in import sign_out
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import delete_job, open_or_close
from portal.actions.jobs.undo import undo_edit
from portal.db import end_read, session, write
from portal.live import hub
from portal.live.hub import STREAMS_PER_SIGN_IN
from portal.models import LoginSession, Organisation
from portal.web.auth import TOKEN
from tests.support.app import Cast, PortalClient

ADDRESS = "/orgs/northwind/events"
MakeJob = Callable[..., int]


def poll(client: PortalClient, after: int = 0) -> TestResponse:
    return client.get(f"{ADDRESS}?after={after}", headers={"Accept": "text/html"})


def revision_of(answer: TestResponse) -> int:
    found = re.search(r'data-revision="(\d+)"', answer.text)
    assert found
    return int(found[1])


@pytest.fixture
def edit(app: Flask, cast: Cast) -> Callable[[int, str], None]:
    """Change a job's place, as another admin would."""

    def change(job_id: int, place: str) -> None:
        with app.app_context():
            edit_field(cast.northwind.id, job_id, "location", place, 0, cast.mara.id)

    return change


def test_polling_answers_what_changed_since_and_nothing_twice(mara, make_job: MakeJob, edit) -> None:
    job_id, other = make_job(title="Rigger"), make_job(title="Welder")
    edit(job_id, "Faro")
    first = poll(mara)
    assert f'data-job-id="{job_id}"' in first.text
    assert f'data-job-id="{other}"' not in first.text
    assert "Faro" in first.text
    again = poll(mara, revision_of(first))
    assert "data-job-id" not in again.text
    assert revision_of(again) == revision_of(first)


def test_more_than_fifty_changes_become_one_notice(mara, make_job: MakeJob, app, cast) -> None:
    jobs = [make_job(title=f"Job {number}") for number in range(51)]
    with app.app_context():
        for job_id in jobs:
            open_or_close(cast.northwind.id, job_id, open_it=False)
    answer = poll(mara)
    assert 'data-event="list"' in answer.text
    assert "data-job-id" not in answer.text


def test_a_deleted_job_is_told_to_be_gone_and_a_restored_one_comes_again(
    mara, make_job: MakeJob, app, cast
) -> None:
    job_id = make_job(title="Rigger")
    with app.app_context():
        deleted = delete_job(cast.northwind.id, job_id)
    gone = poll(mara)
    assert f'<tr data-job-id="{job_id}" data-gone>' in gone.text
    assert "Rigger" not in gone.text
    with app.app_context():
        undo_edit(cast.northwind.id, deleted.edit_id, None)
    assert "Rigger" in poll(mara, revision_of(gone)).text


def test_what_everybody_is_told_holds_no_form_token_or_role(mara, noor, make_job: MakeJob, edit) -> None:
    edit(make_job(), "Faro")
    answer = poll(mara)
    assert poll(noor).text == answer.text
    assert "csrf" not in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("after", ["", "x", "-1", "99999999999999999999", "1e3", "١"])
def test_a_nonsense_cursor_is_the_very_beginning(mara, make_job: MakeJob, edit, after) -> None:
    edit(make_job(), "Faro")
    answer = mara.get(ADDRESS, query_string={"after": after}, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "Faro" in answer.text


def test_a_stream_begins_with_what_changed_and_bears_the_revision(mara, make_job: MakeJob, edit) -> None:
    edit(make_job(), "Faro")
    answer = mara.get(ADDRESS, headers={"Accept": "text/event-stream"}, buffered=False)
    assert answer.mimetype == "text/event-stream"
    chunks = iter_chunks(answer)
    events = {}
    while "rows" not in events:
        chunk = next(chunks)
        events[re.search(r"event: (\w+)", chunk)[1]] = chunk
    assert "Faro" in events["rows"]
    assert events["rows"].startswith("id: ")
    answer.close()


def test_a_full_house_answers_503_so_that_the_page_polls(app: Flask, mara) -> None:
    app.extensions["live_hub"]._capacity = 0
    assert mara.get(ADDRESS, headers={"Accept": "text/event-stream"}).status_code == 503
    assert poll(mara).status_code == 200


def test_a_stream_leaves_no_place_taken_behind(app: Flask, mara) -> None:
    answer = mara.get(ADDRESS, headers={"Accept": "text/event-stream"}, buffered=False)
    assert app.extensions["live_hub"].streams == 1
    answer.close()
    assert app.extensions["live_hub"].streams == 0


def test_asking_only_for_the_head_takes_no_place(app: Flask, mara) -> None:
    answer = mara.head(ADDRESS, headers={"Accept": "text/event-stream"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    assert app.extensions["live_hub"].streams == 0


@pytest.mark.parametrize("how", ["sign_out", "password", "removal"])
def test_a_stream_ends_with_the_right_to_read_it(app: Flask, cast: Cast, mara, how) -> None:
    answer = mara.get(ADDRESS, headers={"Accept": "text/event-stream"}, buffered=False)
    with mara.session_transaction() as cookie:
        token = cookie[TOKEN]
    with app.app_context():
        if how == "sign_out":
            sign_out(token)
        elif how == "password":
            set_password("mara@example.com", "another long pass phrase")
        else:
            remove_member("mara@example.com", "northwind", force=True)
    assert all("event: " in chunk for chunk in iter_chunks(answer))
    assert app.extensions["live_hub"].streams == 0


def test_every_change_raises_the_revision(app: Flask, cast: Cast, mara, make_job: MakeJob, edit) -> None:
    job_id = make_job()

    def revision() -> int:
        with app.app_context():
            end_read()
            return session().get_one(Organisation, cast.northwind.id).revision

    before = revision()
    edit(job_id, "Faro")
    middle = revision()
    mara.post(f"/orgs/northwind/jobs/{job_id}/close")
    assert before < middle < revision()


def iter_chunks(answer: TestResponse) -> Iterator[str]:
    return (chunk.decode() for chunk in answer.iter_encoded())


def test_a_page_that_claims_to_be_ahead_keeps_nothing_from_the_others(
    mara, noor, make_job: MakeJob, edit
) -> None:
    job_id = make_job()
    now = revision_of(poll(mara))
    streams = [
        browser.get(f"{ADDRESS}?after={after}", headers={"Accept": "text/event-stream"}, buffered=False)
        for browser, after in ((mara, 2**53), (noor, now))
    ]
    edit(job_id, "Faro")
    assert any("event: rows" in chunk and "Faro" in chunk for chunk in islice(iter_chunks(streams[1]), 6))
    for stream in streams:
        stream.close()


def test_a_page_that_is_far_behind_has_nothing_old_sent_to_the_others(
    mara, noor, make_job: MakeJob, edit
) -> None:
    edit(make_job(title="Rigger"), "Porto")
    job_id, now = make_job(title="Welder"), revision_of(poll(mara))
    streams = [
        browser.get(f"{ADDRESS}?after={after}", headers={"Accept": "text/event-stream"}, buffered=False)
        for browser, after in ((mara, 0), (noor, now))
    ]
    edit(job_id, "Faro")
    told = next(chunk for chunk in iter_chunks(streams[1]) if "event: rows" in chunk)
    assert "Faro" in told
    assert "Porto" not in told
    for stream in streams:
        stream.close()


def test_a_changed_row_is_rendered_once_however_many_pages_watch(
    app: Flask, mara, noor, make_job: MakeJob, edit
) -> None:
    job_id, _other = make_job(), make_job(title="Rigger")
    address = f"{ADDRESS}?after={revision_of(poll(mara))}"
    streams = [
        browser.get(address, headers={"Accept": "text/event-stream"}, buffered=False)
        for browser in (mara, noor)
        for _ in range(STREAMS_PER_SIGN_IN)
    ]
    rendered: list[int] = []

    def note(_app: Flask, template: Template, context: dict[str, Any]) -> None:
        if template.name == "partials/jobs/list/_rows.html":
            rendered.extend(job.id for job in context["jobs"])

    with template_rendered.connected_to(note, app):
        edit(job_id, "Faro")
        told = [next(chunk for chunk in iter_chunks(each) if "event: rows" in chunk) for each in streams]
    assert len(told) == 2 * STREAMS_PER_SIGN_IN
    assert len(set(told)) == 1
    assert "Faro" in told[0]
    assert rendered == [job_id]
    for stream in streams:
        stream.close()


def test_a_page_from_before_a_restore_is_told_to_read_all_of_it_again(mara, make_job: MakeJob, edit) -> None:
    edit(make_job(), "Faro")
    now = revision_of(poll(mara))
    answer = poll(mara, now + 3)
    assert 'data-event="restored"' in answer.text
    assert revision_of(answer) == now
    assert 'data-event="restored"' not in poll(mara, now).text
    stream = mara.get(f"{ADDRESS}?after={now + 3}", headers={"Accept": "text/event-stream"}, buffered=False)
    assert any(chunk.startswith(f"id: {now}\nevent: restored\n") for chunk in islice(iter_chunks(stream), 3))
    stream.close()


def test_a_restore_reaches_the_pages_that_were_open(
    app: Flask, cast: Cast, mara, make_job: MakeJob, edit, monkeypatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.05)
    edit(make_job(), "Faro")
    now = revision_of(poll(mara))
    stream = mara.get(f"{ADDRESS}?after={now}", headers={"Accept": "text/event-stream"}, buffered=False)
    with app.app_context(), write() as writing:
        writing.execute(update(Organisation).values(revision=now - 1))
    told = (chunk for chunk in iter_chunks(stream) if "event: restored" in chunk)
    assert next(told).startswith(f"id: {now - 1}\n")
    stream.close()


def test_rows_that_cannot_be_rendered_become_the_notice_that_the_list_changed(
    app: Flask, mara, make_job: MakeJob, edit, monkeypatch, caplog
) -> None:
    edit(make_job(), "Faro")

    def break_down(*_: object) -> None:
        raise LookupError("a template that nobody foresaw")

    monkeypatch.setitem(app.jinja_env.globals, "rendered_rows", break_down)
    answers = [poll(mara) for _ in range(3)]
    assert all('data-event="list"' in answer.text for answer in answers)
    assert caplog.text.count("live_failed") == 1
    assert 'data-event="list"' not in poll(mara, revision_of(answers[0])).text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"{ADDRESS}?after=0", {"Accept": "text/html"}),
        (f"{ADDRESS}?after=0", {"Accept": "text/event-stream"}),
        ("/orgs/northwind/jobs/manage", {"X-Background": "true"}),
    ],
)
def test_what_a_page_asks_for_by_itself_does_not_prolong_the_sign_in(
    app: Flask, mara, path: str, headers: dict[str, str]
) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    with app.app_context(), write() as writing:
        writing.execute(update(LoginSession).values(seen_at=end - timedelta(hours=3), expires_at=end))
    answer = mara.get(path, headers=headers, buffered=False)
    assert answer.status_code == 200
    answer.close()
    with app.app_context():
        assert session().scalar(select(LoginSession.expires_at)) == end
    mara.get("/orgs/northwind/jobs/manage")
    with app.app_context():
        assert session().scalar(select(LoginSession.expires_at)) > end
