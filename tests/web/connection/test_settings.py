"""Greenhouse settings: how the connection does, another key, and the switches."""

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.connection import disconnect
from portal.actions.sync.credentials import unseal
from portal.db import session, write
from portal.models import Connection, Membership, SyncRun
from tests.support.app import HTMX, Cast, PortalClient, _client
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE

SETTINGS = "/orgs/northwind/greenhouse"
OTHER_KEY = "another-key-of-thirty-two-chars-"


def held(app: Flask, connection: Connection) -> Connection:
    with app.app_context():
        found = session().get_one(Connection, connection.id)
        session().expunge(found)
        return found


def test_board_and_key_are_told_apart_and_of_the_key_only_its_end(
    mara: PortalClient, synced: Connection
) -> None:
    page = mara.get(SETTINGS).text
    for words in ("Northwind Labs", "Synced", "•••• 0001", "Not rejected", "Sync history", "Disconnect"):
        assert words in page
    assert DEMO_API_KEY not in page


def test_a_board_out_of_step_does_not_speak_against_the_key(
    mara: PortalClient, synced: Connection, board: DemoBoard, work: Callable[[Connection], None]
) -> None:
    board.fail(404)
    mara.post(f"{SETTINGS}/sync")
    work(synced)
    page = mara.get(SETTINGS).text
    assert "Needs attention" in page
    assert "Greenhouse has no job board “northwind”." in page
    assert "Not rejected" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_another_key_takes_the_place_of_the_first(
    app: Flask,
    mara: PortalClient,
    synced: Connection,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
) -> None:
    monkeypatch.setattr("dev.demo.api.DEMO_API_KEY", OTHER_KEY)
    response = mara.post(SETTINGS, data={"api_key": f" {OTHER_KEY}\n"}, headers=headers)
    page = response.text if headers else mara.get(response.location).text
    assert response.status_code == (200 if headers else 303)
    assert "Greenhouse did not reject it." in page
    assert "•••• ars-" in page
    with app.app_context():
        assert unseal(held(app, synced)) == OTHER_KEY


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "Enter the API key."),
        ("short", "16 to 128"),
        (OTHER_KEY, "Greenhouse rejected this key."),
    ],
)
def test_a_key_that_will_not_do_leaves_the_first_in_place(
    app: Flask, mara: PortalClient, synced: Connection, key: str, words: str
) -> None:
    response = mara.post(SETTINGS, data={"api_key": key})
    assert response.status_code == 422
    assert re.search(rf'id="api_key-error">.*{words}', response.text, re.DOTALL)
    assert OTHER_KEY not in response.text
    with app.app_context():
        assert unseal(held(app, synced)) == DEMO_API_KEY


def test_a_greenhouse_out_of_reach_keeps_the_first_key(
    app: Flask, mara: PortalClient, synced: Connection
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = f"http://127.0.0.1:{server.getsockname()[1]}"
    app.extensions["settings"] = replace(app.extensions["settings"], greenhouse_api_url=nowhere)
    response = mara.post(SETTINGS, data={"api_key": OTHER_KEY}, headers=HTMX)
    assert response.status_code == 422
    assert "Greenhouse could not be reached: it refused the connection." in response.text
    assert "•••• 0001" in response.text


def test_a_switch_that_is_not_sent_stays_as_it_is(app: Flask, mara: PortalClient, synced: Connection) -> None:
    mara.post(SETTINGS, data={"include_prospects": ["off", "on"]})
    found = held(app, synced)
    assert (found.prefill, found.include_prospects) == (True, True)
    mara.post(SETTINGS, data={"prefill": "off"})
    found = held(app, synced)
    assert (found.prefill, found.include_prospects) == (False, True)


def test_only_a_switch_that_imports_something_else_starts_a_sync_and_says_so(
    app: Flask, mara: PortalClient, synced: Connection
) -> None:
    def queued() -> int:
        with app.app_context():
            return session().query(SyncRun).filter_by(status="queued").count()

    def save(prefill: str, prospects: str) -> str:
        sent = {"prefill": prefill, "include_prospects": prospects}
        return mara.post(SETTINGS, data=sent, headers=HTMX).text

    page = save("off", "off")
    assert ("Saved." in page, "A sync has started" in page, queued()) == (True, False, 0)
    assert "Saved. A sync has started" in save("off", "on")
    assert "Saved. A sync has started" in save("on", "on")
    assert queued() == 1
    mara.post(f"{SETTINGS}/pause")
    assert "It takes effect once syncing is resumed." in save("on", "off")


def test_the_help_calls_things_as_the_settings_do(mara: PortalClient, synced: Connection) -> None:
    settings, guide = mara.get(SETTINGS).text, mara.get("/help/greenhouse").text
    for words in ("Fill in location, department and the like", "The board was renamed", "Default type"):
        assert words in settings
        assert words.lower() in guide.lower()


def test_without_a_connection_the_settings_are_the_connect_form(mara: PortalClient) -> None:
    for response in (mara.get(SETTINGS), mara.post(SETTINGS, data={"prefill": "on"})):
        assert response.location == f"{SETTINGS}/connect"


def test_only_admins_see_them(noor: PortalClient, otto: PortalClient, synced: Connection) -> None:
    for browser, status in ((noor, 403), (otto, 404)):
        assert browser.get(SETTINGS).status_code == status
        assert browser.post(SETTINGS, data={"prefill": "off"}).status_code == status


@pytest.mark.parametrize("rejected", [False, True])
@pytest.mark.parametrize(
    ("address", "data"), [(SETTINGS, {"api_key": DEMO_API_KEY}), (f"{SETTINGS}/check-key", {})]
)
def test_a_connection_that_ends_while_greenhouse_is_asked_about_a_key_is_gone(
    app: Flask,
    mara: PortalClient,
    synced: Connection,
    board: DemoBoard,
    address: str,
    data: dict[str, str],
    *,
    rejected: bool,
) -> None:
    board.reject_keys(rejected)
    board.hold()
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(mara.post, address, data=data)
        assert board.faults.wait_held()
        with app.app_context():
            disconnect(synced.organisation_id, keep_jobs=True)
        board.release()
        answer = asking.result(PATIENCE)
    assert answer.status_code == 404
    assert "Greenhouse was disconnected meanwhile." in answer.text


def test_keys_are_checked_and_replaced_only_so_often_and_each_person_has_a_limit_of_their_own(
    app: Flask, cast: Cast, mara: PortalClient, synced: Connection, board: DemoBoard
) -> None:
    asked = len(board.requests)
    checks = [mara.post(f"{SETTINGS}/check-key").status_code for _ in range(19)]
    assert {mara.post(SETTINGS, data={"api_key": "short"}).status_code for _ in range(5)} == {422}
    keys = [mara.post(SETTINGS, data={"api_key": OTHER_KEY}).status_code for _ in range(2)]
    assert (set(checks), keys) == ({303}, [422, 429])
    assert len(board.requests) == asked + 20
    for answer in (
        mara.post(f"{SETTINGS}/check-key", headers=HTMX),
        mara.post(SETTINGS, data={"api_key": OTHER_KEY}),
    ):
        assert answer.status_code == 429
        assert "Wait a minute, then try again." in answer.text
        assert answer.headers["Retry-After"] == "60"
    assert len(board.requests) == asked + 20
    with app.app_context(), write() as writing:
        for person in (cast.sasha, cast.remi):
            place = Membership(organisation_id=cast.northwind.id, user_id=person.id, role="admin")
            writing.add(place)
    sasha, remi = (_client(app).become(person) for person in (cast.sasha, cast.remi))
    assert {sasha.post(f"{SETTINGS}/check-key").status_code for _ in range(20)} == {303}
    assert remi.post(f"{SETTINGS}/check-key").status_code == 429  # the organisation's own limit
    assert len(board.requests) == asked + 40


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_secrets_that_cannot_be_read_are_asked_for_again_until_they_are_entered(
    app: Flask, mara: PortalClient, noor: PortalClient, synced: Connection, headers: dict[str, str]
) -> None:
    mara.post(f"{SETTINGS}/hook-secret", data={"seen": ""})
    settings = app.extensions["settings"]
    assert "Enter the key again" not in mara.get(SETTINGS).text
    app.extensions["settings"] = replace(settings, credential_keys=(Fernet.generate_key().decode(),))
    page = mara.get(SETTINGS).text
    assert page.count("Cannot be read") == 2
    for words in ("Enter the key again", "Make a new secret and enter it in Greenhouse"):
        assert words in page
    assert "Ask Greenhouse again" not in page
    for browser in (mara, noor):
        assert "The API key must be entered again." in browser.get("/orgs/northwind/jobs/manage").text
    answer = mara.post(f"{SETTINGS}/check-key", headers=headers)
    assert answer.status_code == 422
    assert "The stored API key cannot be read. Enter it again" in answer.text
    mara.post(SETTINGS, data={"api_key": DEMO_API_KEY}, headers=headers)
    assert "must be entered again" not in mara.get("/orgs/northwind/jobs/manage").text
    assert mara.get(SETTINGS).text.count("Cannot be read") == 1
