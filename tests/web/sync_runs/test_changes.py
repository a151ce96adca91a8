"""What a run changed, job by job, and what the last days brought."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from flask import Flask

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.jobs.edit import edit_field
from portal.actions.sync.connection import disconnect
from portal.actions.sync.schedule import start_sync
from portal.config import Settings
from portal.db import db, session, write
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job, SyncChange, SyncRun
from portal.models.base import utc_now
from portal.web.sync_runs.rows import change_rows
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.board_server import DemoBoard
from tests.support.statements import statements_sent

HISTORY = "/orgs/northwind/sync-runs"
Work = Callable[[Connection], None]
Sync = Callable[..., int]


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def sync(app: Flask, imported: Connection, work: Work) -> Sync:
    """Carry out a sync or a preview, and return its id."""

    def carry_out(trigger: Trigger = Trigger.MANUAL) -> int:
        with app.app_context():
            run = start_sync(imported, trigger)
            assert run is not None
            run_id = run.id
        work(imported)
        return run_id

    return carry_out


def real_posts(board: DemoBoard) -> list[int]:
    return [post["id"] for post in board.posts if post["internal_job_id"]]


def page_of(client: PortalClient, run_id: int, query: str = "") -> str:
    return client.get(f"{HISTORY}/{run_id}{query}").text


def words(page: str) -> str:
    """The text of a page on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_first_import_names_every_job_it_brought(noor: PortalClient, imported: Connection) -> None:
    page = page_of(noor, 1)
    links = re.findall(r'class="title" href="/orgs/northwind/jobs/manage\?job=(\d+)"', page)
    assert len(links) == len(set(links)) > 30
    assert "What changed" in page


def test_each_field_is_shown_before_and_after(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    post_id = real_posts(board)[0]
    title, place = board.post(post_id)["title"], board.post(post_id)["location"]["name"]
    board.edit(post_id, title="Keeper", location="Faro", absolute_url="https://example.com/keeper")
    page = words(page_of(mara, sync()))
    assert f"Title Before: {title} After: Keeper" in page
    assert f"Location Before: {place} After: Faro" in page
    assert "After: Faro" in page
    assert "Apply link" in page
    assert "After: https://example.com/keeper" in page


def test_a_description_is_compared_word_by_word(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    post_id = real_posts(board)[0]
    kept = " ".join(f"word{number}" for number in range(60))
    board.edit(post_id, description=f"<p>Climb the mast. {kept}</p>")
    sync()
    board.edit(post_id, description=f"<p>Climb the <b>tower</b> daily. {kept}</p>")
    page = words(page_of(mara, sync()))
    assert "Climb the Removed: mast. Added: tower daily. word0" in page
    assert "word7 …" in page
    assert "word30" not in page


def test_only_the_formatting_of_a_description_may_change(
    mara: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    post_id = real_posts(board)[0]
    board.edit(post_id, description="<p>Climb the mast.</p>")
    sync()
    board.edit(post_id, description="<p>Climb <b>the</b> mast.</p>")
    assert "Only its formatting changed." in page_of(mara, sync())


def test_a_later_change_leaves_the_story_of_an_earlier_one(
    mara: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    post_id = real_posts(board)[0]
    runs = []
    for text in ("First words here", "Second words here", "Third words here"):
        board.edit(post_id, description=f"<p>{text}</p>")
        runs.append(sync())
    board.edit(post_id, title="Renamed")
    sync()
    board.edit(post_id, description="<p>Only looked at</p>")
    sync(Trigger.PREVIEW)
    assert "Removed: First Added: Second words here" in words(page_of(mara, runs[1]))
    assert "Removed: Second Added: Third words here" in words(page_of(mara, runs[2]))


def test_what_an_admin_writes_after_a_disconnect_is_not_told_as_greenhouses(
    app: Flask, mara: PortalClient, board: DemoBoard, sync: Sync, imported: Connection, work: Work
) -> None:
    post_id = real_posts(board)[0]
    runs = []
    for text in ("First words here", "Second words here"):
        board.edit(post_id, description=f"<p>{text}</p>")
        runs.append(sync())
    organisation_id = imported.organisation_id
    with app.app_context():
        disconnect(organisation_id, keep_jobs=True)
        job_id = session().query(Job.id).filter_by(external_id=post_id).scalar()
        for version, text in enumerate(("Third words here", "Fourth words here")):
            edit_field(organisation_id, job_id, "description", text, version, None)
    for _ in range(2):
        assert "Removed: First Added: Second words here" in words(page_of(mara, runs[1]))
        if connected(app):
            break
        mara.post(
            "/orgs/northwind/greenhouse/connect",
            data={"api_key": DEMO_API_KEY, "board_token": "northwind"},
        )
        with app.app_context():
            again = session().query(Connection).one()
        work(again)
    with app.app_context():
        last = session().query(SyncRun.id).order_by(SyncRun.id.desc()).limit(1).scalar()
    assert "Removed: Fourth Added: Second words here" in words(page_of(mara, last))


def connected(app: Flask) -> bool:
    with app.app_context():
        return session().query(Connection).count() == 1


def test_changes_are_filtered_by_kind(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    one, two, three = real_posts(board)[:3]
    board.edit(one, title="Keeper")
    board.close(two)
    board.add(title="Rigger")
    closed = board.post(two)["title"]
    run = sync()
    page = page_of(mara, run)
    for title in ("Keeper", "Rigger", closed):
        assert title in page
    only = page_of(mara, run, "?kind=closed")
    assert closed in only
    assert "Keeper" not in only
    assert 'aria-current="true"' in only
    assert "Keeper" in page_of(mara, run, "?kind=nonsense")
    assert board.post(three)["title"] not in page


def test_many_changes_come_in_pages(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    for number in range(70):
        board.add(title=f"Rigger number {number:02}")
    run = sync()
    first, second = page_of(mara, run), page_of(mara, run, "?page=2")
    titles = [re.findall(r"Rigger number \d\d", page) for page in (first, second)]
    assert [len(set(found)) for found in titles] == [50, 20]
    assert not set(titles[0]) & set(titles[1])
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


def test_a_page_of_changes_costs_the_same_queries_however_many_there_are(
    app: Flask, mara: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    posts = real_posts(board)

    def counted(run_id: int) -> int:
        with app.app_context():
            engine = db.engine
        with statements_sent(engine) as sent:
            page_of(mara, run_id)
        return len(sent)

    board.edit(posts[0], description="<p>One.</p>")
    few = sync()
    for post_id in posts[:30]:
        board.edit(post_id, title=f"Renamed {post_id}", description="<p>Two.</p>")
    many = sync()
    page_of(mara, many)
    assert counted(few) == counted(many)


def test_a_posts_text_cannot_break_the_page(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    post_id = real_posts(board)[0]
    board.edit(post_id, title="<img src=x onerror=alert(1)>", description="<p>&lt;script&gt;alert(2)</p>")
    page = page_of(mara, sync())
    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_a_preview_shows_what_would_be_and_offers_to_do_it(
    mara: PortalClient, noor: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    post_id = real_posts(board)[0]
    board.edit(post_id, title="Keeper", description="<p>New words.</p>")
    board.add(title="Rigger")
    run = sync(Trigger.PREVIEW)
    page = page_of(mara, run)
    assert "A sync would bring: 1 updated, 1 new" in page
    assert "Nothing was changed." in page
    assert "Added: New words." in words(page)
    assert "Sync now" in page.partition("What would change")[0]
    assert 'action="/orgs/northwind/greenhouse/sync"' in page
    assert 'action="/orgs/northwind/greenhouse/sync"' not in page_of(noor, run)
    assert "Keeper" not in mara.get("/orgs/northwind/jobs").text


def test_a_preview_without_changes_says_so(mara: PortalClient, sync: Sync) -> None:
    assert "A sync would change nothing" in page_of(mara, sync(Trigger.PREVIEW))


def test_the_menu_starts_a_preview_and_its_page_follows_until_it_is_over(
    mara: PortalClient, imported: Connection, work: Work
) -> None:
    answer = mara.post("/orgs/northwind/greenhouse/preview")
    assert answer.status_code == 303
    waiting = mara.get(answer.location)
    assert 'hx-trigger="every 2s"' in waiting.text
    piece = mara.get(answer.location, headers={**HTMX, "HX-Target": "run"})
    assert piece.text.lstrip().startswith('<div id="run"')
    assert "HX-Trigger" not in piece.headers
    work(imported)
    over = mara.get(answer.location, headers={**HTMX, "HX-Target": "run"})
    assert "every 2s" not in over.text
    assert "A sync would change nothing" in over.headers["HX-Trigger"]


def test_a_preview_behind_a_queued_sync_says_that_it_is_one(
    app: Flask, mara: PortalClient, imported: Connection
) -> None:
    with app.app_context():
        queued = start_sync(imported, Trigger.MANUAL)
        assert queued is not None
        run_id = queued.id
    answer = mara.post("/orgs/northwind/greenhouse/preview")
    assert answer.location == f"{HISTORY}/{run_id}"
    assert "A sync was queued already." in mara.get(answer.location).text


def test_without_a_connection_there_is_nothing_to_preview(mara: PortalClient, cast: Cast) -> None:
    assert mara.post("/orgs/northwind/greenhouse/preview").status_code == 404


def test_a_previews_outcome_is_not_told_as_if_it_had_happened(
    mara: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    board.add(title="Rigger")
    sync(Trigger.PREVIEW)
    assert '"1 new"' not in mara.get("/orgs/northwind/jobs/manage").text


def test_a_failed_run_says_why_and_when_it_is_tried_again(
    mara: PortalClient, board: DemoBoard, sync: Sync
) -> None:
    board.fail(404)
    page = page_of(mara, sync())
    assert "Greenhouse has no job board" in page
    assert "Next try <time" in page
    assert "Your jobs stay as they are." in page


def test_a_run_that_waits_for_its_retry_says_when(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    board.fail(503)
    page = page_of(mara, sync())
    assert "Next try <time" in page
    assert "every 2s" in page


@pytest.fixture
def make_run(app: Flask, cast: Cast) -> Callable[..., int]:
    def make(ended: datetime, **columns: Any) -> int:
        told: dict[str, Any] = {"board_token": "northwind", "trigger": "schedule", "status": "succeeded"}
        run = SyncRun(
            organisation_id=cast.northwind.id, finished_at=ended, started_at=ended, **told | columns
        )
        with app.app_context(), write() as current:
            current.add(run)
        return run.id

    return make


def test_the_last_days_are_drawn_and_told_in_a_table(
    noor: PortalClient, connection: Connection, make_run: Callable[..., int]
) -> None:
    now = utc_now()
    make_run(now - timedelta(days=90), open_jobs=30, created=30)
    make_run(now - timedelta(days=3), open_jobs=31, created=4, updated=2, closed=3)
    make_run(now - timedelta(days=3), open_jobs=33, created=2)
    make_run(now - timedelta(days=3), trigger="preview", created=77)
    make_run(now - timedelta(days=1), status="failed", updated=55)
    page = noor.get(HISTORY).text
    chart = words(page.partition('class="card chart"')[2].partition("</section>")[0])
    then = (now - timedelta(days=3)).astimezone(UTC)
    assert f"{then.day} {then:%b %Y} 33 6 2 0 3" in chart
    assert "33 now" in chart
    assert "77" not in chart
    assert "55" not in chart
    assert page.count('<svg class="lane') == 4
    assert "style=" not in page


@pytest.mark.parametrize("keep", [True, False])
def test_the_chart_ends_with_what_disconnecting_left_open(
    app: Flask, noor: PortalClient, imported: Connection, board: DemoBoard, keep: bool
) -> None:
    with app.app_context():
        disconnect(imported.organisation_id, keep_jobs=keep)
    left = len(real_posts(board)) if keep else 0
    assert f"Open jobs {left} now" in words(noor.get(HISTORY).text)


def test_a_day_ends_where_the_organisation_is(
    app: Flask, noor: PortalClient, cast: Cast, make_run: Callable[..., int]
) -> None:
    with app.app_context(), write() as current:
        org = current.merge(cast.northwind)
        org.time_zone = "Pacific/Kiritimati"  # fourteen hours ahead
    noon = utc_now().replace(hour=12, minute=0) - timedelta(days=2)
    make_run(noon, open_jobs=8, created=8)
    local = noon + timedelta(days=1)
    assert f"{local.day} {local:%b %Y} 8 8 0 0 0" in words(noor.get(HISTORY).text)


def test_before_the_first_sync_nothing_is_drawn(noor: PortalClient) -> None:
    assert 'class="card chart"' not in noor.get(HISTORY).text


def test_a_run_that_changed_nothing_is_shown_quietly(
    noor: PortalClient, make_run: Callable[..., int]
) -> None:
    make_run(utc_now())
    make_run(utc_now(), updated=1)
    assert noor.get(HISTORY).text.count('<tr class="uneventful">') == 1


def test_real_runs_count_the_open_jobs(app: Flask, board: DemoBoard, sync: Sync) -> None:
    def counted(run_id: int) -> int | None:
        with app.app_context():
            return session().get_one(SyncRun, run_id).open_jobs

    before = counted(1)
    assert before is not None
    board.close(real_posts(board)[0])
    board.add(title="Rigger")
    board.add(title="Welder")
    assert counted(sync()) == before + 1
    assert counted(sync(Trigger.PREVIEW)) is None


def test_a_post_set_aside_leads_to_its_job(mara: PortalClient, board: DemoBoard, sync: Sync) -> None:
    board.edit(real_posts(board)[0], title=None)
    page = page_of(mara, sync())
    table = page.partition('class="aside-posts"')[2].partition("</section>")[0]
    assert "Its job stays as it was" in table
    assert re.search(r'href="/orgs/northwind/jobs/manage\?job=\d+">Without a title', table)


def crafted(changes: int, name: str) -> list[SyncChange]:
    """Changes of descriptions in which each equal pair of words takes a search of its own."""
    return [
        SyncChange(id=n, job_id=n, kind="updated", title="Rigger", fields=[{
            "field": "description",
            "before": " ".join(f"shared{word % 14} {name}{n}.{word}" for word in range(750)),
            "after": " ".join(f"shared{word % 14} x{name}{n}.{word}" for word in range(750)),
        }])
        for n in range(changes)
    ]  # fmt: skip


def seconds(changes: list[SyncChange]) -> float:
    began = process_time()
    change_rows(changes, {})
    return process_time() - began


def test_a_page_of_crafted_descriptions_takes_little_longer_than_some_of_them() -> None:
    few = min(seconds(crafted(12, f"few{attempt}")) for attempt in range(3))
    many = min(seconds(crafted(48, f"many{attempt}")) for attempt in range(2))
    assert many < 2.5 * few
    told = [row.fields[0].passages for row in change_rows(crafted(48, "many0"), {})]
    assert all(passages and passages[-1].text for passages in told)


def test_what_was_compared_once_is_not_compared_again() -> None:
    once, again = (change_rows(crafted(3, "same"), {}) for _ in range(2))
    assert [
        row.fields[0].passages is other.fields[0].passages for row, other in zip(once, again, strict=True)
    ] == ([True] * 3)
