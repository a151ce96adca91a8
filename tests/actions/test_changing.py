"""One way to change an organisation: what changes nothing raises no revision and publishes nothing."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.accounts.organisations import change_organisation
from portal.actions.changing import changing
from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.pair import accept_pairs, decline_pairs
from portal.actions.jobs.saved_views import save_view
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync.closings import decide_closings
from portal.actions.sync.connection import change_settings
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import pause, resume, start_sync
from portal.db import end_read, session
from portal.domain.jobs.bulk import How
from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import Trigger
from portal.live.publish import CHANNEL
from portal.models import Connection, Job, Organisation
from tests.support.app import Cast

Published = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def published(app: Flask) -> Iterator[Published]:
    """What was published to the web processes since the last look."""
    redis = app.extensions["redis"]
    with redis.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(CHANNEL)

        def look() -> list[dict[str, Any]]:
            end = {"end": uuid4().hex}
            redis.publish(CHANNEL, json.dumps(end))
            heard: list[dict[str, Any]] = []
            while end not in heard:
                message = channel.get_message(timeout=5)
                if message is not None:
                    heard.append(json.loads(message["data"]))
            return heard[:-1]

        look()
        yield look


def revision_of(organisation_id: int) -> int:
    end_read()
    query = select(Organisation.revision).where(Organisation.id == organisation_id)
    found = session().scalars(query).one()
    end_read()
    return found


@pytest.fixture
def is_quiet(connection: Connection, published: Published) -> Callable[[Callable[[], object]], bool]:
    """Whether doing something leaves Northwind's revision as it is, and nothing is published."""

    def look(action: Callable[[], object]) -> bool:
        before = revision_of(connection.organisation_id)
        published()
        action()
        return (revision_of(connection.organisation_id), published()) == (before, [])

    return look


Quiet = Callable[[Callable[[], object]], bool]


def test_a_save_that_changes_something_is_published_once_with_the_revision_it_made(
    cast: Cast, connection: Connection, make_job: Callable[..., int], published: Published
) -> None:
    org, job = cast.northwind.id, make_job()
    before = revision_of(org)
    edit_field(org, job, "location", "Porto", 0, cast.mara.id)
    assert published() == [{"organisation": org, "revision": before + 1}]
    assert revision_of(org) == session().get_one(Job, job).revision == before + 1


def test_an_unchanged_save_raises_no_revision_and_publishes_nothing(
    cast: Cast, make_job: Callable[..., int], is_quiet: Quiet
) -> None:
    job = make_job(location="Porto")
    assert is_quiet(lambda: edit_field(cast.northwind.id, job, "location", "Porto", 0, cast.mara.id))
    change = checked_change(cast.northwind.id, "location", How.SET, "Porto")
    assert is_quiet(lambda: bulk_edit(cast.northwind.id, Selection((job,)), change, cast.mara.id))


def test_an_undo_of_nothing_raises_no_revision_and_publishes_nothing(
    cast: Cast, make_job: Callable[..., int], is_quiet: Quiet
) -> None:
    saved = edit_field(cast.northwind.id, make_job(), "location", "Porto", 0, cast.mara.id)
    edit_id = saved.edit_id or 0
    assert not is_quiet(lambda: undo_edit(cast.northwind.id, edit_id, cast.mara.id))
    assert is_quiet(lambda: undo_edit(cast.northwind.id, edit_id, cast.mara.id))
    assert is_quiet(lambda: undo_edit(cast.northwind.id, edit_id + 100, cast.mara.id))


def test_a_stale_queue_message_raises_no_revision_and_publishes_nothing(
    connection: Connection, is_quiet: Quiet
) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    run_id, generation = run.id, run.generation
    run_sync(run_id, generation)
    assert is_quiet(lambda: run_sync(run_id, generation))


def test_what_was_done_before_raises_no_revision_and_publishes_nothing(
    cast: Cast, connection: Connection, is_quiet: Quiet
) -> None:
    org, mara = cast.northwind.id, cast.mara.id
    pause(connection)
    assert is_quiet(lambda: pause(connection))
    resume(connection, mara)
    assert is_quiet(lambda: resume(connection, mara))
    assert is_quiet(lambda: start_sync(connection, Trigger.SCHEDULE))
    same = {name: getattr(connection, name) for name in ("prefill", "include_prospects", "hides_new")}
    assert is_quiet(lambda: change_settings(connection, **same, user_id=mara))
    assert is_quiet(lambda: decide_closings(connection, HoldStatus.APPROVED, mara))
    assert is_quiet(lambda: accept_pairs(org, mara))
    assert is_quiet(lambda: decline_pairs(org, mara))
    assert is_quiet(lambda: change_organisation("northwind", name="Northwind Labs"))
    save_view(org, "Open", "status=open", mara)
    assert is_quiet(lambda: save_view(org, "Open", "status=open", mara))


def test_after_an_exception_nothing_is_written_and_nothing_published(
    cast: Cast, connection: Connection, is_quiet: Quiet
) -> None:
    def fail() -> None:
        with changing(cast.northwind.id) as change:
            change.session.get_one(Connection, connection.id).board_name = "Other"
            change.raise_revision()
            raise LookupError

    def try_it() -> None:
        with pytest.raises(LookupError):
            fail()

    assert is_quiet(try_it)
    assert session().get_one(Connection, connection.id).board_name == "Northwind Labs"
