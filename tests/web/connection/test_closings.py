"""Closings that are held: seen by members, decided by admins."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.closings import decide_closings
from portal.actions.sync.schedule import start_sync
from portal.db import session, write
from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job
from tests.support.app import HTMX, PortalClient
from tests.support.board_server import DemoBoard

CLOSINGS = "/orgs/northwind/closings"
MANAGE = "/orgs/northwind/jobs/manage"
Work = Callable[[Connection], None]


@pytest.fixture
def held(app: Flask, imported: Connection, board: DemoBoard, work: Work) -> Connection:
    """A connection whose board listed only five posts at last."""
    board.short(5)
    _sync(app, imported, work)
    return imported


def _sync(app: Flask, connection: Connection, work: Work) -> None:
    with app.app_context():
        start_sync(connection, Trigger.MANUAL)
    work(connection)


def open_jobs(app: Flask) -> int:
    with app.app_context():
        return len(session().scalars(select(Job.id).where(Job.listed)).all())


def ids(page: str) -> list[str]:
    return re.findall(r'name="job_id" value="(\d+)"', page)


def waiting_ids(page: str) -> list[str]:
    return ids(page.partition('id="decided"')[0])


def flat(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_manage_jobs_says_how_many_would_close_and_leads_on(
    app: Flask, mara: PortalClient, held: Connection
) -> None:
    number = len(ids(mara.get(CLOSINGS).text))
    page = mara.get(MANAGE).text
    notices = page.partition('id="sync-notices"')[2].partition('<nav class="views"')[0]
    assert f"{number} jobs would close." in notices
    assert f"Greenhouse listed only {open_jobs(app) - number} of your {open_jobs(app)}" in notices
    assert f'href="{CLOSINGS}"' in notices
    assert "csrf" not in notices
    assert "<form" not in notices


def test_the_page_lists_them_for_members_and_lets_admins_decide(
    mara: PortalClient, noor: PortalClient, held: Connection
) -> None:
    page, read = mara.get(CLOSINGS).text, noor.get(CLOSINGS).text
    assert "so nothing was closed yet" in flat(page)
    assert ids(page)
    assert not ids(read)
    assert "An admin of Northwind Labs decides." in read
    assert f'action="{CLOSINGS}/approve"' not in read
    assert noor.post(f"{CLOSINGS}/approve").status_code == 403


def test_approving_all_closes_them_with_the_next_sync(
    app: Flask, mara: PortalClient, held: Connection, work: Work
) -> None:
    before, number = open_jobs(app), len(ids(mara.get(CLOSINGS).text))
    answer = mara.post(f"{CLOSINGS}/approve")
    assert (answer.status_code, answer.location) == (303, MANAGE)
    page = mara.get(MANAGE).text
    assert f"{number} jobs close with the sync that was started now" in page
    assert "would close" not in page
    assert open_jobs(app) == before
    work(held)
    assert open_jobs(app) == before - number


def mark(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("way", ["approve", "discard"])
def test_all_of_them_are_those_that_the_page_showed(
    app: Flask, mara: PortalClient, held: Connection, board: DemoBoard, work: Work, way: str
) -> None:
    seen = mark(mara.get(CLOSINGS).text)
    board.short(2)
    _sync(app, held, work)
    waiting = len(ids(mara.get(CLOSINGS).text))
    for sent in (seen, "nonsense", "", "1-2-3", "9" * 30):
        answer = mara.post(f"{CLOSINGS}/{way}", data={"seen": sent})
        assert answer.status_code == 409
        assert "Nothing was decided: this list has changed" in answer.text
        assert len(ids(answer.text)) == waiting
    decided = mara.post(f"{CLOSINGS}/{way}", data={"seen": mark(answer.text)})
    assert (decided.status_code, decided.location) == (303, MANAGE)
    said = mara.get(MANAGE).text
    assert f"{waiting} jobs {'close' if way == 'approve' else 'stay'}" in said


def test_a_decision_about_nothing_any_more_is_no_conflict(mara: PortalClient, held: Connection) -> None:
    seen = mark(mara.get(CLOSINGS).text)
    mara.post(f"{CLOSINGS}/discard")
    assert mara.post(f"{CLOSINGS}/approve", data={"seen": seen}).status_code == 303


def test_kept_jobs_that_a_board_lists_no_more_are_named_when_it_is_connected_again(
    app: Flask, mara: PortalClient, imported: Connection, board: DemoBoard, work: Work
) -> None:
    mara.post("/orgs/northwind/greenhouse/disconnect", data={"jobs": "keep"})
    gone = next(post for post in board.posts if post["internal_job_id"])
    board.close(gone["id"])
    key = {"api_key": DEMO_API_KEY, "board_token": "northwind"}
    mara.post("/orgs/northwind/greenhouse/connect", data=key)
    with app.app_context():
        again = session().scalars(select(Connection)).one()
        work(again)
    page = mara.get(CLOSINGS).text
    assert "1 kept job is not listed any more." in page
    assert "would close" not in page
    assert gone["title"] in html.unescape(page)
    assert "1 kept job is not listed any more." in mara.get(MANAGE).text


def test_discarding_all_keeps_them_open(app: Flask, mara: PortalClient, held: Connection, work: Work) -> None:
    before, number = open_jobs(app), len(ids(mara.get(CLOSINGS).text))
    assert mara.post(f"{CLOSINGS}/discard").location == MANAGE
    assert f"{number} jobs stay open." in mara.get(MANAGE).text
    _sync(app, held, work)
    assert open_jobs(app) == before
    assert "would close" not in mara.get(CLOSINGS).text + mara.get(MANAGE).text


def test_some_can_be_decided_alone(app: Flask, mara: PortalClient, held: Connection, work: Work) -> None:
    waiting = ids(mara.get(CLOSINGS).text)
    answer = mara.post(f"{CLOSINGS}/discard", data={"some": "1", "job_id": waiting[:2]})
    assert answer.location == CLOSINGS
    page = mara.get(CLOSINGS).text
    assert "2 jobs stay open." in page
    assert waiting_ids(page) == waiting[2:]


@pytest.mark.parametrize("data", [{"some": "1"}, {"again": "1"}, {"job_id": "x"}, {"job_id": ""}])
def test_none_chosen_is_not_all_of_them(mara: PortalClient, held: Connection, data: dict[str, str]) -> None:
    waiting = ids(mara.get(CLOSINGS).text)
    answer = mara.post(f"{CLOSINGS}/approve", data=data)
    assert answer.status_code == 422
    assert ("Choose" if "job_id" in data else "Choose at least one job") in answer.text
    assert ids(mara.get(CLOSINGS).text) == waiting


def test_a_decision_that_was_made_already_is_said_and_not_made_twice(
    mara: PortalClient, held: Connection
) -> None:
    mara.post(f"{CLOSINGS}/discard")
    mara.get(MANAGE)
    mara.post(f"{CLOSINGS}/approve")
    assert "Nothing waits for a decision any more" in mara.get(MANAGE).text


def test_an_open_page_hears_that_somebody_else_decided(
    app: Flask, mara: PortalClient, held: Connection
) -> None:
    page = mara.get(CLOSINGS).text
    address = re.search(rf'hx-get="({CLOSINGS}\?seen=[^"]+)"', page)
    assert address is not None
    asks = {**HTMX, "HX-Target": "meanwhile"}
    assert "every 5s" in mara.get(address[1], headers=asks).text
    with app.app_context():
        decide_closings(held, HoldStatus.DISCARDED, None, [int(ids(page)[0])])
    assert "This list has changed." in mara.get(address[1], headers=asks).text
    with app.app_context():
        decide_closings(held, HoldStatus.DISCARDED, None)
    told = mara.get(address[1], headers=asks).text
    assert "This was decided meanwhile." in told
    assert "every 5s" not in told


def test_the_runs_page_shows_them_too(mara: PortalClient, held: Connection) -> None:
    page = mara.get("/orgs/northwind/sync-runs/2").text
    assert "Held" in page
    assert f'href="{CLOSINGS}"' in page
    mara.post(f"{CLOSINGS}/discard")
    assert f'href="{CLOSINGS}"' not in mara.get("/orgs/northwind/sync-runs/2").text


def test_without_a_connection_nothing_waits(mara: PortalClient, noor: PortalClient) -> None:
    assert "Nothing waits for a decision" in noor.get(CLOSINGS).text
    assert mara.post(f"{CLOSINGS}/approve").status_code == 404


def test_very_many_come_in_pages(
    app: Flask, mara: PortalClient, imported: Connection, board: DemoBoard, work: Work
) -> None:
    for number in range(120):
        board.add(title=f"Rigger number {number:03}")
    _sync(app, imported, work)
    board.short(5)
    _sync(app, imported, work)
    first, second = mara.get(CLOSINGS).text, mara.get(f"{CLOSINGS}?page=2").text
    assert len(ids(first)) == 100
    assert ids(second)
    assert not set(ids(first)) & set(ids(second))
    assert 'rel="next"' in first


def test_while_syncing_is_paused_an_approval_waits_for_it(
    app: Flask, mara: PortalClient, held: Connection
) -> None:
    mara.post("/orgs/northwind/greenhouse/pause")
    before = open_jobs(app)
    mara.post(f"{CLOSINGS}/approve")
    assert "close when syncing is resumed" in mara.get(MANAGE).text
    assert open_jobs(app) == before


def test_what_was_kept_open_is_listed_with_who_decided_and_can_be_closed_after_all(
    app: Flask, mara: PortalClient, noor: PortalClient, held: Connection, work: Work
) -> None:
    before = open_jobs(app)
    mara.post(f"{CLOSINGS}/discard")
    page = mara.get(CLOSINGS).text
    kept = ids(page)
    said = "Stays open, though Greenhouse does not list it. mara@"
    assert flat(page).count(said) == len(kept) > 3
    assert "Nothing waits for a decision" not in page
    assert (ids(noor.get(CLOSINGS).text), "Stays open" in noor.get(CLOSINGS).text) == ([], True)
    assert f'href="{CLOSINGS}"' in mara.get("/orgs/northwind/greenhouse").text
    answer = mara.post(f"{CLOSINGS}/approve", data={"again": "1", "job_id": kept[0]})
    assert answer.location == CLOSINGS
    assert "Closes with the next sync" in mara.get(CLOSINGS).text
    work(held)
    assert open_jobs(app) == before - 1
    assert kept[0] not in ids(mara.get(CLOSINGS).text)


def test_an_approval_that_has_not_come_about_yet_can_be_taken_back(
    app: Flask, mara: PortalClient, held: Connection, work: Work
) -> None:
    before = open_jobs(app)
    mara.post(f"{CLOSINGS}/approve")
    for job_id in ids(mara.get(CLOSINGS).text):
        mara.post(f"{CLOSINGS}/discard", data={"again": "1", "job_id": job_id})
    work(held)
    assert open_jobs(app) == before


def test_a_decision_that_came_about_is_not_taken_back(
    app: Flask, mara: PortalClient, held: Connection, work: Work
) -> None:
    mara.post(f"{CLOSINGS}/approve")
    job_id = ids(mara.get(CLOSINGS).text)[0]
    work(held)
    mara.post(f"{CLOSINGS}/discard", data={"again": "1", "job_id": job_id})
    assert "That is over: the job was closed meanwhile" in mara.get(CLOSINGS).text


def test_a_decision_of_another_admin_is_not_turned_round_by_a_page_that_shows_it_waiting(
    app: Flask, mara: PortalClient, held: Connection, work: Work
) -> None:
    job_id = ids(mara.get(CLOSINGS).text)[0]
    mara.post(f"{CLOSINGS}/approve", data={"job_id": job_id})
    before = open_jobs(app)
    mara.post(f"{CLOSINGS}/discard", data={"some": "1", "job_id": job_id})
    work(held)
    assert open_jobs(app) == before - 1


def test_what_greenhouse_listed_is_counted_rightly_when_some_were_decided(
    app: Flask, mara: PortalClient, held: Connection
) -> None:
    waiting = ids(mara.get(CLOSINGS).text)
    mara.post(f"{CLOSINGS}/discard", data={"some": "1", "job_id": waiting[:4]})
    said = f"Greenhouse listed only {open_jobs(app) - len(waiting)} of your {open_jobs(app)} open jobs"
    for address in (CLOSINGS, MANAGE):
        page = flat(mara.get(address).text)
        assert f"{len(waiting) - 4} jobs would close." in page
        assert said in page


def test_a_board_of_new_posts_alone_is_said_to_list_none_of_the_known_ones(
    app: Flask, mara: PortalClient, imported: Connection, board: DemoBoard, work: Work
) -> None:
    posts, before = board.posts, open_jobs(app)
    new = [
        post | {"id": 90_000 + number, "internal_job_id": 90_000 + number}
        for number, post in enumerate(posts)
    ]
    board.set_posts(board.token, new[:12])
    _sync(app, imported, work)
    said = f"Greenhouse listed none of your {before} open jobs, and 12 new ones, when"
    assert said in flat(mara.get(CLOSINGS).text)
    assert said in flat(mara.get(MANAGE).text)


def test_prospect_posts_that_are_imported_no_more_are_not_said_to_be_missing(
    app: Flask, mara: PortalClient, imported: Connection, board: DemoBoard, work: Work
) -> None:
    jobs, posts = 5, [post | {"id": 5000 + place} for place, post in enumerate(board.posts[:14])]
    board.set_posts(
        board.token,
        [post | {"internal_job_id": 1 if place < jobs else None} for place, post in enumerate(posts)],
    )
    with app.app_context(), write() as rows:
        rows.execute(delete(Job))
    for imports_prospects in (True, False):
        with app.app_context(), write() as rows:
            connection = rows.get_one(Connection, imported.id)
            connection.include_prospects, connection.etag = imports_prospects, None
        _sync(app, imported, work)
    for address in (CLOSINGS, MANAGE):
        page = flat(mara.get(address).text)
        assert "9 jobs would close. They are prospect posts, which are not to be imported any more." in page
        assert "Greenhouse listed only" not in page
