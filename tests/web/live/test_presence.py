"""Who has which job open or edits which field: told to the other admins, for as long as it is true."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.live import hub, presence
from portal.web.live import RenderedSource
from tests.support.app import Cast, PortalClient

ADDRESS = "/orgs/northwind/presence"
MakeJob = Callable[..., int]


def say(client: PortalClient, job: int | str, field: str = "", page: str = "tab-1") -> TestResponse:
    return client.post(ADDRESS, data={"page": page, "job": job, "field": field})


@pytest.fixture
def seen(app: Flask, cast: Cast) -> Callable[[], str]:
    """What Northwind's admins are told."""
    return lambda: RenderedSource(app).present([cast.northwind.id])[cast.northwind.id].data


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Presence is not in the database."""
    return sqlite_url


def test_the_others_are_told_who_edits_what_until_that_is_over(mara, make_job: MakeJob, seen) -> None:
    job = make_job()
    assert say(mara, job, "location").status_code == 204
    assert f'data-job="{job}" data-field="location" data-initials="M"' in seen()
    assert "mara is editing Location" in seen()
    say(mara, job)
    assert "mara has this job open" in seen()
    assert "is editing" not in seen()
    say(mara, "")
    assert "mara" not in seen()


def test_two_windows_of_one_person_are_told_apart_and_the_same_thing_once(
    mara, make_job: MakeJob, seen
) -> None:
    one, other = make_job(), make_job(title="Rigger")
    say(mara, one, page="a")
    say(mara, other, page="b")
    assert seen().count("<li") == 2
    say(mara, one, page="b")
    assert seen().count("<li") == 1
    say(mara, "", page="a")
    assert seen().count("<li") == 1


def test_what_a_page_says_no_more_is_gone_by_itself(mara, make_job: MakeJob, seen, monkeypatch) -> None:
    say(mara, make_job())
    moment = presence.time()
    monkeypatch.setattr(presence, "time", lambda: moment + presence.LASTS_SECONDS + 1)
    assert "mara" not in seen()
    assert say(mara, make_job(title="Rigger")).status_code == 204
    assert "mara" in seen()


def test_each_page_is_told_at_once_when_it_opens_and_members_never(
    mara, noor, make_job: MakeJob, monkeypatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.05)
    say(mara, make_job(), "location")
    for client, told in ((mara, True), (noor, False)):
        answer = client.get(
            "/orgs/northwind/events?after=9", headers={"Accept": "text/event-stream"}, buffered=False
        )
        first = []
        for chunk in answer.iter_encoded():
            first.append(chunk.decode())
            if "event: ping" in first[-1]:
                break
        answer.close()
        assert any("event: presence" in chunk for chunk in first) == told
        assert any("is editing" in chunk for chunk in first) == told


def test_nobody_is_told_of_another_organisation(app, cast, mara, otto, make_job: MakeJob, seen) -> None:
    job, foreign = make_job(), make_job(organisation_id=cast.cafe.id)
    assert say(mara, foreign).status_code == say(mara, 99_999).status_code == 204
    assert say(otto, job).status_code == 404
    say(mara, job)
    assert "mara" not in RenderedSource(app).present([cast.cafe.id])[cast.cafe.id].data
    assert otto.post("/orgs/cafe-nord/presence", data={"page": "x", "job": job}).status_code == 204
    assert "otto" not in seen()


def test_what_no_page_of_ours_says_is_refused(mara, seen) -> None:
    for page in ("", "a:b", "x" * 41):
        assert say(mara, 1, page=page).status_code == 422
    for field in ("password_hash", "<b>"):
        assert say(mara, 1, field).status_code == 422
    assert "<li" not in seen()


def test_without_redis_nobody_is_seen_and_nothing_fails(app, mara, make_job: MakeJob, seen, tmp_path) -> None:
    app.extensions["redis"].connection_pool.disconnect()
    app.extensions["redis"].connection_pool.connection_kwargs["path"] = str(tmp_path / "nothing.sock")
    assert say(mara, make_job()).status_code == 204
    assert "<li" not in seen()
