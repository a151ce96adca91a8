"""Connecting and keeping the key, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync import credentials
from portal.actions.sync.connection import AlreadyConnected, KeyRejected, connect, disconnect, replace_key
from portal.actions.sync.credentials import UnreadableCredential, seal, unseal
from portal.boards.errors import BoardNotFound, GreenhouseError
from portal.db import end_read, session, write
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.models import Connection, Organisation, SyncRun
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite

NORTHWIND = BoardToken("northwind")
KEY = ApiKey(DEMO_API_KEY)


def connect_northwind(cast: Cast, token: BoardToken = NORTHWIND, key: ApiKey = KEY) -> Connection:
    organisation = session().get_one(Organisation, cast.northwind.id)
    return connect(organisation, token, key, prefill=True, user_id=cast.mara.id)[0]


def everything(model: type) -> list[object]:
    end_read()
    return list(session().scalars(select(model)))


@on_sqlite
@pytest.mark.usefixtures("in_app")
def test_connecting_keeps_the_key_sealed_and_starts_the_first_import(cast: Cast, board: DemoBoard) -> None:
    connection = connect_northwind(cast)
    assert DEMO_API_KEY.encode() not in connection.api_key_ciphertext
    assert unseal(connection) == DEMO_API_KEY
    assert (connection.api_key_last_four, connection.board_name) == ("0001", "Northwind Labs")
    [run] = session().scalars(select(SyncRun))
    assert (run.trigger, run.status, run.started_by_id) == ("connect", "queued", cast.mara.id)


@on_sqlite
@pytest.mark.usefixtures("in_app")
def test_what_greenhouse_refuses_is_not_stored(cast: Cast, board: DemoBoard) -> None:
    with pytest.raises(BoardNotFound):
        connect_northwind(cast, token=BoardToken("nowhere"))
    with pytest.raises(KeyRejected) as rejected:
        connect_northwind(cast, key=ApiKey("k" * 32))
    assert "k" * 32 not in str(rejected.value)
    board.fail(500)
    with pytest.raises(GreenhouseError):
        connect_northwind(cast)
    assert everything(Connection) == everything(SyncRun) == []


def test_of_many_who_connect_at_once_one_does(app: Flask, cast: Cast, board: DemoBoard) -> None:
    def attempt(_: int) -> str:
        with app.app_context():
            try:
                connect_northwind(cast)
            except AlreadyConnected:
                return "already"
        return "connected"

    board.hold()
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(attempt, range(4))
        assert board.faults.wait_held(4)
        board.release()
        assert sorted(answers) == ["already"] * 3 + ["connected"]
    with app.app_context():
        assert (len(everything(Connection)), len(everything(SyncRun))) == (1, 1)


@pytest.mark.usefixtures("in_app")
def test_a_sealed_key_opens_for_its_own_connection_alone(cast: Cast, board: DemoBoard) -> None:
    connection = connect_northwind(cast)
    with write():
        session().get_one(Connection, connection.id).public_key = "the key of somebody else"
    with pytest.raises(UnreadableCredential):
        unseal(session().get_one(Connection, connection.id))


@pytest.mark.usefixtures("in_app")
def test_rotating_seals_every_key_anew_and_none_is_lost(app: Flask, cast: Cast, board: DemoBoard) -> None:
    connection = connect_northwind(cast)
    before, old = connection.api_key_ciphertext, app.extensions["settings"]
    newest = Fernet.generate_key().decode()
    app.extensions["settings"] = replace(old, credential_keys=(newest, *old.credential_keys))
    assert credentials.rotate().connections == 1
    app.extensions["settings"] = replace(old, credential_keys=(newest,))
    [held] = everything(Connection)
    assert isinstance(held, Connection)
    assert held.api_key_ciphertext != before
    assert unseal(held) == DEMO_API_KEY
    app.extensions["settings"] = replace(old, credential_keys=(Fernet.generate_key().decode(),))
    with pytest.raises(UnreadableCredential):
        unseal(held)


@on_sqlite
@pytest.mark.usefixtures("in_app")
def test_a_rejected_key_does_not_take_the_place_of_the_first(cast: Cast, board: DemoBoard) -> None:
    connection = connect_northwind(cast)
    with pytest.raises(KeyRejected):
        replace_key(connection, ApiKey("k" * 32))
    [held] = everything(Connection)
    assert isinstance(held, Connection)
    assert unseal(held) == DEMO_API_KEY


@on_sqlite
@pytest.mark.usefixtures("in_app")
def test_disconnecting_leaves_nothing_of_the_key_and_frees_the_organisation(
    cast: Cast, board: DemoBoard
) -> None:
    connect_northwind(cast)
    assert disconnect(cast.northwind.id, keep_jobs=True)
    assert everything(Connection) == []
    assert [run.status for run in everything(SyncRun) if isinstance(run, SyncRun)] == ["cancelled"]
    assert not disconnect(cast.northwind.id, keep_jobs=True)
    connect_northwind(cast)
    assert len(everything(Connection)) == 1


@on_sqlite
@pytest.mark.usefixtures("in_app")
def test_sealing_twice_gives_two_ciphertexts() -> None:
    assert seal("a connection", KEY) != seal("a connection", KEY)
