"""Applying here is switched off once Greenhouse rejects the key."""

from collections.abc import Callable

import pytest

from portal.actions.applications import deliver as delivering
from portal.actions.applications.decide import send_again
from portal.actions.applications.deliver import deliver
from portal.actions.applications.switch import switch_apply_here
from portal.actions.sync.connection import check_key
from portal.actions.sync.credentials import seal
from portal.db import write
from portal.domain.applications.states import ApplicationStatus
from portal.models import Connection, Job
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.delivering import TAKEN, now_of, posted
from tests.support.fault_server import FaultServer
from tests.support.faults import status
from tests.support.staff import revision_of
from tests.support.syncs import connection_now, mails


def test_a_rejected_key_ends_applying_here_and_tells_the_admins_once(
    apply: Callable[..., int], greenhouse: FaultServer, connection: Connection, cast: Cast
) -> None:
    greenhouse.answer(status(401, body=b"HTTP Basic: Access denied."), TAKEN)
    first, second = apply("one"), apply("two")
    deliver(first, 0)
    deliver(second, 0)
    held = connection_now(connection)
    assert (held.apply_here, held.key_rejected_at is None) == (False, False)
    assert [now_of(each).status for each in (first, second)] == [ApplicationStatus.FAILED] * 2
    assert posted(greenhouse) == 1, "an application never tests a key"
    assert [to for to, _ in mails()] == ["mara@example.com"]
    assert "rejects the API key" in mails()[0][1]
    with write() as current:
        current.get_one(Connection, connection.id).key_rejected_at = None
    assert send_again(cast.northwind.id, first, now_of(first).generation, cast.mara.id)
    deliver(first, now_of(first).generation)
    assert now_of(first).status == ApplicationStatus.DELIVERED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rejection_of_a_key_that_was_replaced_meanwhile_leaves_the_switch_on(
    apply: Callable[..., int],
    greenhouse: FaultServer,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def replace_first(*arguments: object) -> None:
        with write() as current:
            held = current.get_one(Connection, connection.id)
            held.api_key_ciphertext = seal(held.public_key, "another-key-of-thirty-characters")
        reject(*arguments)  # type: ignore[arg-type]

    reject = delivering._reject_key
    monkeypatch.setattr(delivering, "_reject_key", replace_first)
    greenhouse.answer(status(401))
    deliver(apply(), 0)
    assert connection_now(connection).apply_here


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_a_daily_question_finds_rejected_ends_it_as_well(
    apply: Callable[..., int], greenhouse: FaultServer, connection: Connection
) -> None:
    greenhouse.answer(status(401))
    assert check_key(connection_now(connection))
    assert not connection_now(connection).apply_here
    assert len(mails()) == 1


@on_sqlite
def test_the_switch_raises_the_revision(connection: Connection, job: Job, cast: Cast) -> None:
    before = revision_of(cast.northwind.id)
    switch_apply_here(connection, on=False)
    switch_apply_here(connection, on=False)
    assert revision_of(cast.northwind.id) == before + 1
