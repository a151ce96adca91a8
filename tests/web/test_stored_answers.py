"""An answer that was sent once is sent again without Flask, and only where Flask would answer the same."""

import gzip
import logging
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.actions.jobs.edit import edit_field
from portal.app import create_app
from portal.web.public import answers
from tests.support.app import Cast, PortalClient, disconnect

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
GZIP = {"Accept-Encoding": "gzip, deflate"}
MakeJob = Callable[..., int]
Visit = Callable[..., tuple[TestResponse, bool]]


@pytest.fixture
def visit(app: Flask) -> Visit:
    """Ask as a browser without cookies does; return the answer, and whether Flask saw the request."""
    browser = FlaskClient(app, use_cookies=False)

    def ask(path: str, method: str = "GET", **headers: str) -> tuple[TestResponse, bool]:
        seen: list[object] = []

        def note(*_: object, **__: object) -> None:
            seen.append(True)

        with request_started.connected_to(note, app):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = browser.open(path, method=method, headers=GZIP | named, buffered=True)
        return answer, bool(seen)

    return ask


def text_of(answer: TestResponse) -> str:
    return gzip.decompress(answer.data).decode()


@pytest.mark.parametrize("path", [ORG, JOBS, f"{JOBS}?q=weld&department=Data", f"{JOBS}/1?gh_src=fair"])
def test_the_second_visitor_gets_the_very_same_answer_until_something_changes(
    app: Flask, cast: Cast, make_job: MakeJob, visit: Visit, path: str
) -> None:
    job = make_job(title="Welder", department="Data")
    (first, by_flask), (again, by_flask_again) = visit(path), visit(path)
    assert (by_flask, by_flask_again) == (True, False)
    assert (again.status, again.data) == (first.status, first.data)
    assert set(again.headers.items()) - set(first.headers.items()) <= {
        (name, value) for name, value in again.headers.items() if name == "Last-Modified"
    }
    assert set(first.headers.items()) <= set(again.headers.items())
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Porto", 0, cast.mara.id)
    changed, by_flask = visit(path)
    assert by_flask
    assert "Porto" in text_of(changed)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Cookie": "session=x"}),
        ("GET", {"If_None_Match": "x"}),
        ("GET", {"If_Modified_Since": "Thu, 01 Jan 2026 00:00:00 GMT"}),
        ("GET", {"Range": "bytes=0-9"}),
        ("GET", {"HX_Request": "true"}),
        ("GET", {"Accept_Encoding": "gzip;q=0"}),
        ("GET", {"Accept_Encoding": "br"}),
        ("GET", {"Transfer_Encoding": "chunked"}),
        ("HEAD", {}),
        ("POST", {}),
    ],
)
def test_who_may_be_answered_otherwise_is_asked_by_flask(
    make_job: MakeJob, visit: Visit, method: str, headers: dict[str, str]
) -> None:
    make_job()
    assert [visit(JOBS)[1] for _ in range(2)] == [True, False]
    assert visit(JOBS, method, **headers)[1]
    assert not visit(JOBS)[1]


def test_a_member_sees_what_members_see_after_strangers_did(
    make_job: MakeJob, visit: Visit, mara: PortalClient
) -> None:
    make_job(title="Insider", visibility="members")
    make_job(title="Open")
    for _ in range(2):
        assert "Insider" not in text_of(visit(JOBS)[0])
    mine = super(PortalClient, mara).open(JOBS, headers=GZIP, buffered=True)
    assert "Insider" in text_of(mine)
    assert "Insider" not in text_of(visit(JOBS)[0])


def test_a_job_that_closes_is_gone_for_the_next_visitor(
    make_job: MakeJob, visit: Visit, mara: PortalClient
) -> None:
    path = f"{JOBS}/{make_job()}"
    for _ in range(2):
        assert visit(path)[0].status_code == HTTPStatus.OK
    mara.post(f"{path}/close")
    assert [visit(path)[0].status_code for _ in range(2)] == [HTTPStatus.GONE] * 2


def test_what_is_no_page_is_never_stored(make_job: MakeJob, visit: Visit) -> None:
    job = make_job(visibility="hidden")
    for path in (f"{JOBS}/{job}", "/orgs/nowhere/jobs", f"{JOBS}.atom", "/login", f"{JOBS}/manage"):
        assert [visit(path)[1] for _ in range(2)] == [True, True], path


def test_a_host_that_is_not_trusted_gets_nothing_that_was_stored(
    app: Flask, make_job: MakeJob, visit: Visit
) -> None:
    make_job()
    path = f"{JOBS}/1"
    settings = replace(app.extensions["settings"], public_url="https://jobs.example")
    another = create_app(settings)
    trusted = FlaskClient(another, use_cookies=False)
    for _ in range(2):
        assert trusted.get(path, base_url="https://jobs.example", headers=GZIP).status_code == HTTPStatus.OK
    answer = trusted.get(path, base_url="https://evil.example", headers=GZIP)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    disconnect(another)


def test_it_is_logged_as_every_request_is(
    make_job: MakeJob, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    make_job()
    lines = []
    for _ in range(2):
        caplog.clear()
        visit(JOBS)
        lines.append(
            [str(record.msg) for record in caplog.records if "'event': 'request'" in str(record.msg)]
        )
    assert [len(line) for line in lines] == [1, 1]
    for fact in ("'method': 'GET'", f"'path': '{JOBS}'", "'status': 200", "'org': 'northwind'"):
        assert all(fact in line for [line] in lines)


def test_large_answers_and_too_many_are_not_kept(
    app: Flask, make_job: MakeJob, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    monkeypatch.setattr(answers, "LARGEST", 10)
    assert [visit(JOBS)[1] for _ in range(2)] == [True, True]
