"""Connecting Greenhouse: what comes of each thing that can be typed, and of each thing that can go wrong."""

import html
import logging
import re
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import islice

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.credentials import unseal
from portal.actions.sync.run import run_sync
from portal.config import Settings
from portal.db import db, session, write
from portal.models import Connection, Membership, SyncRun
from tests.support.app import HTMX, Cast, PortalClient, _client
from tests.support.board_server import DemoBoard
from tests.support.fault_server import FaultServer
from tests.support.faults import html as web_page
from tests.support.faults import silence

CONNECT = "/orgs/northwind/greenhouse/connect"
MANAGE = "/orgs/northwind/jobs/manage"


def typed(token: str = "northwind", key: str = DEMO_API_KEY, **others: str) -> dict[str, str]:
    return {"board_token": token, "api_key": key, **others}


def connections(app: Flask) -> list[Connection]:
    with app.app_context():
        return list(session().scalars(select(Connection)))


def error_at(response: TestResponse, field: str) -> str | None:
    found = re.search(
        rf'<p class="error" id="{field}-error">.*?<span>(.*?)</span></p>', response.text, re.DOTALL
    )
    return html.unescape(found[1]) if found else None


def test_a_board_is_connected_and_its_import_queued(app: Flask, mara: PortalClient, board: DemoBoard) -> None:
    jobs = sum(post["internal_job_id"] is not None for post in board.posts)
    response = mara.post(CONNECT, data=typed())
    assert (response.status_code, response.location) == (303, MANAGE)
    page = mara.get(MANAGE)
    assert f"Connected to Northwind Labs. {jobs} jobs are coming." in page.text
    assert "Importing your jobs from Northwind Labs." in page.text
    [connection] = connections(app)
    assert (connection.board_token, connection.prefill) == ("northwind", True)
    with app.app_context():
        [run] = session().scalars(select(SyncRun))
        assert (run.trigger, run.status, run.enqueued_at is not None) == ("connect", "queued", True)


@pytest.mark.parametrize(
    ("token", "words"), [("solo", "1 job is coming."), ("empty", "It lists no jobs yet;")]
)
def test_a_board_with_one_job_or_none_is_spoken_of_in_good_english(
    mara: PortalClient, token: str, words: str
) -> None:
    mara.post(CONNECT, data=typed(token))
    assert words in mara.get(MANAGE).text


def test_with_htmx_success_leads_to_manage_jobs(mara: PortalClient) -> None:
    response = mara.post(CONNECT, data=typed(), headers=HTMX)
    assert response.headers["HX-Redirect"] == MANAGE


@pytest.mark.parametrize(
    ("sent", "kept"), [({}, True), ({"prefill": "on"}, True), ({"prefill": "off"}, False)]
)
def test_prefilling_is_on_unless_switched_off(
    app: Flask, mara: PortalClient, sent: dict[str, str], kept: bool
) -> None:
    mara.post(CONNECT, data=typed(**sent))
    assert [connection.prefill for connection in connections(app)] == [kept]


def test_a_switch_left_on_by_the_form_is_on(app: Flask, mara: PortalClient) -> None:
    mara.post(CONNECT, data={**typed(), "prefill": ["off", "on"]})
    assert [connection.prefill for connection in connections(app)] == [True]


@pytest.mark.parametrize(
    "address",
    [
        "https://boards.greenhouse.io/northwind",
        "https://job-boards.greenhouse.io/Northwind/jobs/123",
        "boards.greenhouse.io/embed/job_board?for=northwind",
        "  NORTHWIND \n",
    ],
)
def test_a_pasted_address_is_as_good_as_its_token(app: Flask, mara: PortalClient, address: str) -> None:
    assert mara.post(CONNECT, data=typed(address)).status_code == 303
    assert [connection.board_token for connection in connections(app)] == ["northwind"]


@pytest.mark.parametrize(
    "token", ["..", "%2e%2e/", "a/b", "acme?x", "a#b", "me@host", "", "https://evil.example/x"]
)
def test_what_is_no_token_is_said_at_the_field_and_never_sent(
    app: Flask, mara: PortalClient, board: DemoBoard, token: str
) -> None:
    response = mara.post(CONNECT, data=typed(token))
    assert response.status_code == 422
    assert error_at(response, "board_token")
    assert not error_at(response, "api_key")
    assert (board.requests, connections(app)) == ([], [])


@pytest.mark.parametrize(
    "key", ["", "too-short", "x" * 129, "sixteen characters no", "line\nbreak-within-the-key", "k" * 20 + "é"]
)
def test_what_is_no_key_is_said_at_the_field_and_never_shown(
    mara: PortalClient, board: DemoBoard, key: str
) -> None:
    response = mara.post(CONNECT, data=typed("acme", key))
    assert response.status_code == 422
    assert error_at(response, "api_key")
    assert 'value="acme"' in response.text
    assert not key or key not in html.unescape(response.text)
    assert board.requests == []


def test_a_key_pasted_with_its_line_end_is_read_without_it(app: Flask, mara: PortalClient) -> None:
    assert mara.post(CONNECT, data=typed(key=f" {DEMO_API_KEY}\r\n")).status_code == 303
    [connection] = connections(app)
    with app.app_context():
        assert unseal(connection) == DEMO_API_KEY


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_unknown_board_is_said_at_its_field_with_what_was_typed(
    app: Flask, mara: PortalClient, headers: dict[str, str]
) -> None:
    response = mara.post(CONNECT, data=typed("northwind-lab", prefill="off"), headers=headers)
    assert response.status_code == 422
    error = error_at(response, "board_token")
    assert error == "Greenhouse has no job board “northwind-lab”. Copy the token from Configure → Job Boards."
    assert 'value="northwind-lab"' in response.text
    assert "Enter the key again" in response.text
    assert "checked" not in response.text
    assert ("<html" in response.text) is not bool(headers)
    assert connections(app) == []


def test_a_rejected_key_is_said_at_its_field(app: Flask, mara: PortalClient, board: DemoBoard) -> None:
    board.reject_keys()
    response = mara.post(CONNECT, data=typed())
    assert response.status_code == 422
    assert "Greenhouse rejected this key." in (error_at(response, "api_key") or "")
    assert error_at(response, "board_token") is None
    assert connections(app) == []


def test_a_busy_greenhouse_is_said_at_the_board_token(mara: PortalClient, board: DemoBoard) -> None:
    board.fail(503)
    response = mara.post(CONNECT, data=typed())
    assert response.status_code == 422
    assert error_at(response, "board_token") == "Greenhouse is busy. Try again in a few minutes."


class TestWhereGreenhouseMisbehaves:
    @pytest.fixture
    def greenhouse(self) -> FaultServer:
        with FaultServer() as server:
            yield server

    @pytest.fixture
    def settings(self, settings: Settings, greenhouse: FaultServer) -> Settings:
        return replace(settings, greenhouse_api_url=greenhouse.url)

    def test_a_web_page_is_not_taken_for_a_board(self, mara: PortalClient, greenhouse: FaultServer) -> None:
        greenhouse.answer(web_page)
        response = mara.post(CONNECT, data=typed())
        assert response.status_code == 422
        assert "web page" in (error_at(response, "board_token") or "")

    def test_silence_ends_at_the_field(
        self, mara: PortalClient, greenhouse: FaultServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("portal.actions.sync.connection.ASK_SECONDS", 0.3)
        greenhouse.answer(silence)
        response = mara.post(CONNECT, data=typed())
        assert response.status_code == 422
        assert "did not answer in time" in (error_at(response, "board_token") or "")

    def test_a_greenhouse_out_of_reach_is_said_at_the_field(
        self, mara: PortalClient, greenhouse: FaultServer
    ) -> None:
        greenhouse.__exit__(None, None, None)
        response = mara.post(CONNECT, data=typed())
        assert response.status_code == 422
        assert "could not be reached" in (error_at(response, "board_token") or "")


def test_a_form_sent_twice_makes_one_connection_and_says_so_both_times(
    app: Flask, mara: PortalClient, board: DemoBoard
) -> None:
    first, second = (mara.post(CONNECT, data=typed()) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert "Northwind Labs is connected already." in mara.get(MANAGE).text
    assert len(connections(app)) == 1


def test_two_admins_at_once_make_one_connection(
    app: Flask, cast: Cast, mara: PortalClient, board: DemoBoard
) -> None:
    with app.app_context(), write() as writing:
        place = Membership(organisation_id=cast.northwind.id, user_id=cast.sasha.id, role="admin")
        writing.add(place)
    browsers = (mara, _client(app).become(cast.sasha))
    board.hold()
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(browser.post, CONNECT, data=typed()) for browser in browsers]
        assert board.faults.wait_held(2)
        board.release()
        assert sorted(answer.result().status_code for answer in answers) == [303, 303]
    assert len(connections(app)) == 1
    with app.app_context():
        assert len(list(session().scalars(select(SyncRun)))) == 1


def test_another_board_is_not_connected_beside_the_first(
    app: Flask, mara: PortalClient, connection: Connection
) -> None:
    response = mara.post(CONNECT, data=typed("solo"))
    assert response.status_code == 409
    assert "Greenhouse is connected already, to Northwind Labs. Disconnect it first." in response.text
    assert [held.board_token for held in connections(app)] == ["northwind"]


def test_the_form_of_a_connected_organisation_is_its_settings(
    mara: PortalClient, connection: Connection
) -> None:
    assert mara.get(CONNECT).location == "/orgs/northwind/greenhouse"


def test_a_member_may_not_connect_and_a_stranger_sees_nothing(
    noor: PortalClient, otto: PortalClient, client: PortalClient
) -> None:
    assert [browser.post(CONNECT, data=typed()).status_code for browser in (noor, otto)] == [403, 404]
    assert client.get(CONNECT).location.startswith("/login")


def test_who_asks_greenhouse_too_often_is_told_at_the_form(mara: PortalClient, board: DemoBoard) -> None:
    refused = [mara.post(CONNECT, data=typed("acme")).status_code for _ in range(21)]
    assert refused == [422] * 20 + [429]
    response = mara.post(CONNECT, data=typed("acme"), headers=HTMX)
    assert "Wait a minute, then try again." in response.text
    assert 'value="acme"' in response.text
    assert response.headers["Retry-After"] == "60"
    assert len(board.requests) == 20


def test_questions_sent_all_at_once_are_counted_before_greenhouse_answers(
    app: Flask, cast: Cast, mara: PortalClient, board: DemoBoard
) -> None:
    assert {mara.post(CONNECT, data=typed("acme")).status_code for _ in range(19)} == {422}
    windows = [_client(app).become(cast.mara) for _ in range(5)]
    board.hold()
    with ThreadPoolExecutor(5) as threads:
        answers = [threads.submit(window.post, CONNECT, data=typed("acme")) for window in windows]
        refused = [answer.result().status_code for answer in islice(as_completed(answers), 4)]
        board.release()
        assert sorted(answer.result().status_code for answer in answers) == [422, 429, 429, 429, 429]
    assert (refused, len(board.requests)) == ([429] * 4, 20)


def test_the_form_is_a_page_and_a_dialog_and_names_the_steps(mara: PortalClient) -> None:
    page, dialog = mara.get(CONNECT).text, mara.get(CONNECT, headers=HTMX).text
    assert "<html" in page
    assert "<html" not in dialog
    for words in ("Create New API Key", "Job Board", "TheOrg", "contact@theorg.com", "/help/greenhouse"):
        assert words in page
        assert words in dialog


def test_what_never_reaches_greenhouse_is_no_attempt(mara: PortalClient, board: DemoBoard) -> None:
    slips = [mara.post(CONNECT, data=typed("acme", "short")).status_code for _ in range(25)]
    assert slips == [422] * 25
    assert mara.post(CONNECT, data=typed()).status_code == 303
    assert [mara.post(CONNECT, data=typed()).status_code for _ in range(25)] == [303] * 25


@pytest.mark.parametrize("path", [CONNECT, "/help/greenhouse"])
def test_the_permission_is_quoted_letter_for_letter(mara: PortalClient, path: str) -> None:
    assert "Can manage ALL organization's API Credentials<" in mara.get(path).text


def test_the_key_is_nowhere_but_in_its_ciphertext(
    app: Flask,
    mara: PortalClient,
    board: DemoBoard,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    bodies = [mara.post(CONNECT, data=typed("acme")).text]
    board.reject_keys()
    bodies.append(mara.post(CONNECT, data=typed()).text)
    board.reject_keys(False)
    mara.post(CONNECT, data=typed())
    bodies += [
        mara.get(path).text for path in (MANAGE, "/orgs/northwind/greenhouse", "/orgs/northwind/sync-runs")
    ]
    told = "".join(bodies) + caplog.text + "".join(capfd.readouterr())
    assert DEMO_API_KEY not in told
    with app.app_context():
        rows = [
            str(tuple(row))
            for table in db.metadata.sorted_tables
            for row in session().execute(text(f'SELECT * FROM "{table.name}"'))
        ]
        assert DEMO_API_KEY not in "".join(rows)
    redis = app.extensions["redis"]
    kept = [redis.hgetall(key) for key in redis.keys("rq:job:*")]
    assert kept
    assert DEMO_API_KEY.encode() not in b"".join(value for job in kept for value in job.values())


def reconnectable(app: Flask, mara: PortalClient, fate: str) -> None:
    """Import Northwind's board, then disconnect it."""
    mara.post(CONNECT, data=typed())
    with app.app_context():
        [run] = session().scalars(select(SyncRun))
        run_sync(run.id, run.generation)
    mara.post("/orgs/northwind/greenhouse/disconnect", data={"jobs": fate})
    mara.get(MANAGE)


def test_connecting_again_says_before_and_after_what_becomes_of_the_jobs(
    app: Flask, mara: PortalClient, board: DemoBoard
) -> None:
    assert "Connecting “" not in mara.get(CONNECT).text
    reconnectable(app, mara, "keep")
    jobs = sum(post["internal_job_id"] is not None for post in board.posts)
    for headers in ({}, HTMX):
        page = html.unescape(mara.get(CONNECT, headers=headers).text)
        assert f"Connecting “northwind” again takes up its {jobs} jobs with all your edits;" in page
        assert "title and description become Greenhouse’s again. Every other value stays yours." in page
        assert f"Another board’s jobs come beside them, and these {jobs} stay as they are." in page
    assert "Connecting “northwind” again" in mara.post(CONNECT, data=typed(key="")).text
    assert mara.post(CONNECT, data=typed()).status_code == 303
    told = f"Connected to Northwind Labs again: {jobs} jobs are taken up with all your edits."
    assert told in mara.get(MANAGE).text


def test_another_boards_jobs_come_beside_those_that_were_kept(
    app: Flask, mara: PortalClient, board: DemoBoard
) -> None:
    reconnectable(app, mara, "keep")
    jobs = sum(post["internal_job_id"] is not None for post in board.posts)
    board.set_posts("solo", [board.posts[0] | {"id": 7}])
    mara.post(CONNECT, data=typed("solo"))
    page = mara.get(MANAGE).text
    assert "1 job is coming." in page
    assert f"The {jobs} jobs of “northwind” stay your own." in page


def test_of_jobs_that_were_taken_off_the_page_it_says_that_they_are_closed(
    app: Flask, mara: PortalClient, board: DemoBoard
) -> None:
    reconnectable(app, mara, "remove")
    assert "again reopens those of its" in mara.get(CONNECT).text
    mara.post(CONNECT, data=typed())
    assert "its closed jobs reopen with all your edits where it lists them." in mara.get(MANAGE).text
