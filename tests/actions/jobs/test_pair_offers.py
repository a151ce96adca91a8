"""Which own jobs are offered as pairs of imported ones, and which are not."""

from collections.abc import Callable

import pytest

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import add_job, delete_job, open_or_close
from portal.actions.jobs.pair import ListChanged, accept_pairs, decline_pairs
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync.connection import disconnect
from portal.db import end_read, session
from portal.domain.jobs.fields import Source
from portal.domain.jobs.pairs import PairStatus
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job
from portal.store.jobs import job_of
from portal.store.pairs import count_offered, offered_pairs, offers_of
from portal.store.shortcuts import used_values
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.pairing import heir, org_of, pair
from tests.support.syncs import Sync, reconnect


@on_sqlite
def test_the_first_import_offers_own_jobs_of_the_same_title(
    imported: Callable[[], Job], own: Job, connection: Connection
) -> None:
    [offered] = offered_pairs(connection.organisation_id)
    assert (offered.own.id, offered.imported.id) == (own.id, imported().id)
    assert count_offered(connection.organisation_id) == 1


@on_sqlite
def test_a_later_sync_offers_nothing_more(
    connection: Connection, sync: Sync, board: DemoBoard, imported: Callable[[], Job]
) -> None:
    add_job(connection.organisation_id, {"title": "Rigger"})
    board.add(title="Rigger")
    assert sync().created == 1
    assert count_offered(connection.organisation_id) == 1


@on_sqlite
def test_a_preview_offers_nothing(connection: Connection, own: Job, sync: Sync) -> None:
    sync(Trigger.PREVIEW)
    assert count_offered(connection.organisation_id) == 0


@on_sqlite
def test_a_declined_pair_is_not_offered_again(
    imported: Callable[[], Job], own: Job, connection: Connection, sync: Sync
) -> None:
    assert decline_pairs(org_of(own), None) == 1
    disconnect(org_of(own), keep_jobs=True)
    assert count_offered(org_of(own)) == 0
    assert pair().status == PairStatus.DECLINED
    assert job_of(org_of(own), own.id) is not None


@on_sqlite
@pytest.mark.parametrize("change", ["own closed", "post closed", "own retitled"])
def test_an_offer_that_no_longer_fits_is_not_shown(
    imported: Callable[[], Job], own: Job, sync: Sync, board: DemoBoard, change: str
) -> None:
    if change == "own closed":
        open_or_close(org_of(own), own.id, open_it=False)
    elif change == "post closed":
        board.close(imported().external_id or 0)
        sync()
    else:
        edit_field(org_of(own), own.id, "title", "Another job", 0, None)
    end_read()
    assert (count_offered(org_of(own)), accept_pairs(org_of(own), None)) == (0, 0)


@on_sqlite
def test_a_kept_job_is_never_offered_since_its_post_may_come_back(
    imported: Callable[[], Job], own: Job, connection: Connection
) -> None:
    decline_pairs(org_of(own), None)
    kept = imported().id
    disconnect(org_of(own), keep_jobs=True)
    end_read()
    assert session().get_one(Job, kept).source == Source.OWN
    assert count_offered(org_of(own)) == 0


@on_sqlite
def test_one_own_job_and_two_imported_ones_of_its_title_are_a_choice(
    connection: Connection, sync: Sync, board: DemoBoard
) -> None:
    org = connection.organisation_id
    own = add_job(org, {"title": "Engineer", "location": "Faro"})
    one, two = board.add(title="Engineer"), board.add(title="engineer")
    sync()
    assert {each.imported.external_id for each in offered_pairs(org)} == {one, two}
    assert (offers_of(org).jobs, offers_of(org).unclear) == (1, set(offers_of(org).ids))
    assert accept_pairs(org, None) == 0, "nobody has chosen"
    chosen = next(each for each in offered_pairs(org) if each.imported.external_id == two)
    into = chosen.imported_job_id
    assert accept_pairs(org, None, [chosen.id]) == 1
    end_read()
    assert (heir(own), count_offered(org)) == (into, 0)


@on_sqlite
def test_what_came_since_is_not_decided_with_all(
    connection: Connection, sync: Sync, board: DemoBoard, imported: Callable[[], Job]
) -> None:
    org = connection.organisation_id
    seen = offers_of(org).list_version
    for act in (accept_pairs, decline_pairs):
        with pytest.raises(ListChanged):
            act(org, None, (), (seen[0], seen[1] + 1))
    assert accept_pairs(org, None, (), seen) == 1


@on_sqlite
def test_kept_jobs_are_offered_as_pairs_of_another_board(
    connection: Connection, sync: Sync, board: DemoBoard, title: str
) -> None:
    org, posts = connection.organisation_id, board.posts
    sync()
    disconnect(org, keep_jobs=True)
    board.set_posts("other", [post | {"id": post["id"] + 10**6} for post in posts])
    reconnect(org, "other")
    offered = next(each for each in offered_pairs(org) if each.own.title == title)
    assert (offered.own.board_token, offered.imported.board_token) == ("northwind", "other")
    kept = offered.own_job_id
    assert accept_pairs(org, None, [offered.id]) == 1
    disconnect(org, keep_jobs=True)
    reconnect(org, "northwind")
    end_read()
    back = job_of(org, kept)
    assert back is not None, "its post came back under its own id, so it has its own address again"
    assert (back.listed, back.imported) == (True, True)


@on_sqlite
def test_a_deleted_job_is_in_no_pair_until_it_is_restored(own: Job, imported: Callable[[], Job]) -> None:
    organisation_id = org_of(own)
    [pair] = offered_pairs(organisation_id)
    imported()
    deleted = delete_job(organisation_id, own.id)
    assert deleted is not None
    assert deleted.edit_id is not None
    assert count_offered(organisation_id) == 0
    assert accept_pairs(organisation_id, None, [pair.id]) == 0
    undo_edit(organisation_id, deleted.edit_id, None)
    assert count_offered(organisation_id) == 1


@on_sqlite
def test_what_was_deleted_is_offered_to_no_board(own: Job, sync: Sync) -> None:
    delete_job(org_of(own), own.id)
    sync()
    assert count_offered(org_of(own)) == 0
    assert used_values(org_of(own), "hiring_manager") == {"hiring_manager": []}
