"""New jobs that wait for a decision: their view, the decisions, and the switch that makes jobs wait."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.db import session, write
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from tests.support.app import HTMX, Cast, MakeJob, PortalClient

JOBS = "/orgs/northwind/jobs"
NEW = f"{JOBS}/manage?status=new"
REVIEW = f"{JOBS}/review"
SETTINGS = "/orgs/northwind/greenhouse"


@pytest.fixture
def connection(app: Flask, cast: Cast) -> Connection:
    """A connection of Northwind."""
    held = Connection(
        organisation_id=cast.northwind.id,
        public_key="k",
        board_token="northwind",
        board_name="Northwind Labs",
        api_key_ciphertext=b"",
        api_key_last_four="0001",
    )
    with app.app_context(), write() as current:
        current.add(held)
    return held


@pytest.fixture
def new_job(make_job: MakeJob) -> Callable[..., int]:
    """Store a job that waits."""

    def make(title: str = "Welder", **columns: Any) -> int:
        return make_job(title=title, visibility="new", source="greenhouse", **columns)

    return make


def visibility(app: Flask, job: int) -> str:
    with app.app_context():
        return session().get_one(Job, job).visibility


def undo_address(page: str) -> str:
    found = re.search(r'action="(/orgs/northwind/edits/\d+/undo)"', page)
    assert found
    return found[1]


def test_the_view_lists_what_waits_counts_it_and_says_it_aloud_until_all_is_decided(
    app: Flask, mara: PortalClient, make_job: MakeJob, new_job: Callable[..., int], connection: Connection
) -> None:
    make_job(title="Shown")
    assert "view-new" not in mara.get(f"{JOBS}/manage").text
    job = new_job()
    page = mara.get(NEW).text
    assert re.findall(r'<tr data-job-id="?(\d+)', page) == [str(job)]
    assert re.search(r'id=view-new[^>]*class="waits">New<b>1</b>', page)
    assert "1 new job waits for a decision." in page
    assert f'data-job-id="{job}"' in mara.get(f"{JOBS}/manage?status=hidden").text
    mara.post(REVIEW, data={"hidden": job}, headers=HTMX)
    assert "view-new" not in mara.get(f"{JOBS}/manage").text
    empty = mara.get(NEW).text
    assert "No new job waits" in empty
    assert not re.search(r'class="waits"', empty)
    assert f'data-job-id="{job}"' in mara.get(f"{JOBS}/manage?status=hidden").text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("shown", "Shown “Welder”."),
        ("members", "For members only: “Welder”."),
        ("hidden", "Kept hidden: “Welder”."),
    ],
)
def test_each_decision_is_one_request_and_can_be_undone(
    app: Flask,
    mara: PortalClient,
    new_job: Callable[..., int],
    headers: dict[str, str],
    choice: str,
    said: str,
) -> None:
    job = new_job()
    answer = mara.post(REVIEW, data={choice: job, "return": NEW}, headers=headers)
    page = answer.text if headers else mara.get(answer.location).text
    assert said in page
    assert (answer.location == NEW) is not bool(headers)
    assert visibility(app, job) == choice
    mara.post(undo_address(page))
    assert visibility(app, job) == "new"


def test_what_another_admin_decided_first_stands(
    app: Flask, mara: PortalClient, new_job: Callable[..., int]
) -> None:
    job = new_job()
    mara.post(REVIEW, data={"members": job}, headers=HTMX)
    again = mara.post(REVIEW, data={"members": job}, headers=HTMX)
    assert "For members only: “Welder”." in again.text
    late = mara.post(REVIEW, data={"shown": job}, headers=HTMX)
    assert "Somebody decided about “Welder” meanwhile: members only." in late.text
    assert "undo" not in late.text
    assert visibility(app, job) == "members"


def test_only_admins_decide_and_only_about_jobs_of_their_organisation(
    app: Flask,
    cast: Cast,
    mara: PortalClient,
    noor: PortalClient,
    otto: PortalClient,
    client: PortalClient,
    new_job: Callable[..., int],
) -> None:
    job, foreign = new_job(), new_job(organisation_id=cast.cafe.id)
    assert noor.post(REVIEW, data={"shown": job}).status_code == 403
    assert otto.post(REVIEW, data={"shown": job}).status_code == 404
    assert client.with_csrf_token().post(REVIEW, data={"shown": job}).location.startswith("/login")
    for sent in ({"shown": foreign}, {"shown": "x"}, {"shown": ""}, {"new": job}, {}, {"shown": 10**30}):
        assert mara.post(REVIEW, data=sent).status_code == 404
    assert (visibility(app, job), visibility(app, foreign)) == ("new", "new")
    assert re.search(r"<fieldset[^>]* disabled>", noor.get(NEW).text)
    assert 'id="review"' not in noor.get(NEW).text


@pytest.mark.parametrize("browser", ["client", "noor", "otto"])
def test_nobody_but_admins_sees_the_page_of_a_job_that_waits(
    request: pytest.FixtureRequest, new_job: Callable[..., int], browser: str
) -> None:
    job, other = new_job("Unspeakable"), request.getfixturevalue(browser)
    assert other.get(f"{JOBS}/{job}").status_code == 404
    for path in ("/orgs/northwind", JOBS):
        assert "Unspeakable" not in other.get(path).text


def test_an_admin_sees_it_marked_and_the_panel_offers_the_three_ways(
    app: Flask, mara: PortalClient, new_job: Callable[..., int]
) -> None:
    job = new_job()
    assert "<strong>Hidden.</strong>" in mara.get(f"{JOBS}/{job}").text
    panel = mara.get(f"{JOBS}/manage?job={job}").text
    for label in ("Publish", "Members only", "Keep hidden"):
        assert re.search(rf'<button class="btn-soft"[^>]*>{label}</button>', panel)
    assert "Hidden until somebody decides who sees it." in panel
    editor = mara.get(f"{JOBS}/{job}/fields/visibility").text
    assert re.search(r'<option value="" disabled selected>Choose…</option>\s*<option value="shown">', editor)
    mara.post(f"{JOBS}/{job}/hide", headers=HTMX)
    assert visibility(app, job) == "hidden"


def test_a_tab_without_a_job_says_to_admins_alone_that_new_ones_wait(
    mara: PortalClient, noor: PortalClient, client: PortalClient, new_job: Callable[..., int]
) -> None:
    new_job()
    assert "1 new job waits for a decision, and is hidden until then." in mara.get(JOBS).text
    for other in (noor, client):
        assert "new job waits" not in other.get(JOBS).text


def test_the_state_stands_in_the_view_also_for_who_has_left_that_column_out(
    mara: PortalClient, new_job: Callable[..., int]
) -> None:
    new_job()
    mara.post(f"{JOBS}/manage/columns", data={"column": "location"})
    assert "data-field=state" in mara.get(NEW).text
    assert "data-field=state" not in mara.get(f"{JOBS}/manage").text


def test_all_that_wait_are_decided_at_once_and_that_is_undone_at_once(
    app: Flask, mara: PortalClient, new_job: Callable[..., int], make_job: MakeJob
) -> None:
    jobs, other = [new_job(f"Job {number}") for number in range(3)], make_job(visibility="hidden")
    sent = {"all": 1, "status": "new", "change": "set visibility hidden"}
    assert "Hide 3 jobs" in mara.post(f"{JOBS}/bulk/confirm", data=sent).text
    page = mara.post(f"{JOBS}/bulk", data=sent, headers=HTMX).text
    assert "3 jobs are hidden." in page
    assert {visibility(app, job) for job in (*jobs, other)} == {"hidden"}
    mara.post(undo_address(page))
    assert [visibility(app, job) for job in (*jobs, other)] == ["new", "new", "new", "hidden"]


def test_a_table_that_is_read_back_decides_nothing_until_somebody_edits_it(
    mara: PortalClient, app: Flask, new_job: Callable[..., int]
) -> None:
    job = new_job()
    table = mara.get(f"{JOBS}/manage.csv?fields=all").get_data(as_text=True)
    assert "New" in table
    assert visibility(app, job) == "new"


def test_the_switch_is_off_at_first_and_what_waits_goes_on_waiting_without_it(
    app: Flask, mara: PortalClient, new_job: Callable[..., int], connection: Connection
) -> None:
    page = mara.get(SETTINGS).text
    assert "New jobs stay hidden until somebody shows them" in page
    assert not re.search(r'name="hides_new" value="on"[^>]* checked', page)
    assert "for a decision" not in page
    on = mara.post(SETTINGS, data={"hides_new": ["off", "on"]}, headers=HTMX).text
    assert re.search(r'name="hides_new" value="on"[^>]* checked', on)
    assert "A sync has started" not in on
    assert "view-new" in mara.get(f"{JOBS}/manage").text  # it stands there empty
    jobs = [new_job(f"Job {number}") for number in range(12)]
    off = mara.post(SETTINGS, data={"hides_new": "off"}, headers=HTMX).text
    assert "12 new jobs wait for a decision, and stay hidden until somebody makes it." in off
    assert "Show all 12" in off
    assert {visibility(app, job) for job in jobs} == {"new"}
    sent = {"all": "1", "status": "new", "return": SETTINGS, "change": "set visibility shown"}
    assert "Show 12 jobs?" in mara.post(f"{JOBS}/bulk/confirm", data=sent).text
    done = mara.post(f"{JOBS}/bulk", data=sent)
    assert done.location == SETTINGS
    assert "12 jobs are shown." in mara.get(done.location).text
    assert {visibility(app, job) for job in jobs} == {"shown"}


def test_a_run_says_that_its_new_jobs_are_hidden_and_how_many_wait(
    app: Flask, mara: PortalClient, new_job: Callable[..., int], connection: Connection
) -> None:
    run = SyncRun(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        board_token="northwind",
        trigger="manual",
        status="succeeded",
        finished_at=utc_now(),
        created=3,
        updated=1,
        hides_new=True,
    )
    with app.app_context(), write() as current:
        current.add(run)
        current.get_one(Connection, connection.id).last_synced_at = utc_now()
    new_job("One"), new_job("Two")
    page = mara.get(f"/orgs/northwind/sync-runs/{run.id}").text
    for words in ("1 updated, 3 new (hidden until shown)", "2 new jobs wait for a decision.", "?status=new"):
        assert words in page
    assert "1 updated, 3 new (hidden until shown)" in mara.get(f"{JOBS}/manage").text
