"""What a cell says of following, the two answers to what Greenhouse says instead, and the line of time."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.db import session, write
from portal.domain.sync.following import ALL_FOLLOW
from portal.domain.sync.plan import ChangeKind
from portal.models import Connection, Job, SyncChange, SyncRun
from portal.models.base import utc_now
from tests.support.app import HTMX, Cast, PortalClient

MakeJob = Callable[..., int]
MANAGE = "/orgs/northwind/jobs/manage"
FIELDS = "/orgs/northwind/jobs/{}/fields/{}"
POST = {"source": "greenhouse", "board_token": "n", "external_id": 1, "title": "Welder"}


@pytest.fixture
def connection(app: Flask, cast: Cast) -> int:
    with app.app_context(), write() as current:
        made = Connection(
            organisation_id=cast.northwind.id,
            public_key="k",
            board_token="n",
            board_name="Northwind",
            api_key_ciphertext=b"",
            api_key_last_four="abcd",
        )
        current.add(made)
        current.flush()
        return made.id


@pytest.fixture
def job(make_job: MakeJob, connection: int) -> int:
    said = {"location": "Berlin", "department": "Optics"}
    return make_job(**POST, location="Berlin", department="Optics", source_values=said, follows=ALL_FOLLOW)


def edit(mara: PortalClient, job: int, field: str, value: str, version: int, **more: str) -> int:
    data = {"value": value, "version": version, **more}
    return mara.post(FIELDS.format(job, field), data=data, headers=HTMX).status_code


def said_by_greenhouse(app: Flask, job: int, **columns: object) -> None:
    """A sync brought another value, which followed."""
    with app.app_context(), write() as current:
        row = current.get_one(Job, job)
        row.source_values = {**row.source_values, **columns}
        for name, value in columns.items():
            setattr(row, name, value)


def words(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def cell_of(page: str, field: str) -> str:
    in_panel, in_row = (
        rf'<dd data-field="{field}".*?</dd>',
        rf"<td><[^>]* name={field} .*?(?=<t[dr]|</tbody>)",
    )
    found = re.search(f"{in_panel}|{in_row}", page, re.DOTALL)
    assert found
    return found[0]


def panel_cell(page: str, field: str) -> str:
    return cell_of(page.partition('id="panel"')[2], field)


def test_a_cell_says_whose_its_value_is(mara: PortalClient, job: int) -> None:
    panel = f"{MANAGE}?job={job}"
    assert 'title="Follows Greenhouse"' in panel_cell(mara.get(panel).text, "location")
    edit(mara, job, "location", "Faro", 0)
    page = mara.get(panel).text
    assert 'title="Yours: no sync changes it"' in panel_cell(page, "location")
    assert 'title="Follows Greenhouse"' in panel_cell(page, "department")
    assert "title=" not in panel_cell(page, "salary")
    assert "class=own" in cell_of(page, "location")
    assert "class=own" not in cell_of(page, "department")


def test_while_nothing_is_prefilled_no_cell_says_that_it_follows(
    app: Flask, mara: PortalClient, job: int, connection: int
) -> None:
    with app.app_context(), write() as current:
        current.get_one(Connection, connection).prefill = False
    assert "title=" not in cell_of(mara.get(MANAGE).text, "location")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_difference_that_is_kept_goes_quiet_until_greenhouse_says_something_new(
    app: Flask, mara: PortalClient, job: int, headers: dict[str, str]
) -> None:
    edit(mara, job, "location", "Faro", 0)
    assert "Greenhouse: Berlin" in cell_of(mara.get(MANAGE).text, "location")
    kept = mara.post(FIELDS.format(job, "location/keep"), data={"return": MANAGE}, headers=headers)
    page = kept.text if headers else mara.get(kept.location).text
    assert "Your location is kept, until Greenhouse says something new." in page
    assert "Greenhouse: Berlin" not in cell_of(mara.get(MANAGE).text, "location")
    assert "Greenhouse: Berlin" in panel_cell(mara.get(f"{MANAGE}?job={job}").text, "location")
    with app.app_context(), write() as current:
        current.get_one(Job, job).source_values = {"location": "Oslo"}
        current.get_one(Job, job).revision += 1
    assert "Greenhouse: Oslo" in cell_of(mara.get(MANAGE).text, "location")
    mara.post(FIELDS.format(job, "location/keep"), headers=HTMX)
    undone = mara.post(FIELDS.format(job, "location/keep?off=1"), headers=HTMX)
    assert "portal:done" in undone.headers["HX-Trigger-After-Swap"], "its toast goes"
    assert "Greenhouse: Oslo" in cell_of(mara.get(MANAGE).text, "location")


def test_what_is_not_said_by_greenhouse_is_neither_kept_nor_taken(
    mara: PortalClient, noor: PortalClient, job: int, make_job: MakeJob
) -> None:
    own = make_job(title="Own", source_values={"location": "Berlin"})
    for each, field in ((job, "seniority"), (job, "summary"), (own, "location"), (own + 99, "location")):
        for act in ("keep", "take"):
            assert mara.post(FIELDS.format(each, f"{field}/{act}")).status_code == 404
    assert mara.post(FIELDS.format(job, "title/keep")).status_code == 403
    assert noor.post(FIELDS.format(job, "location/keep")).status_code == 403


def test_many_jobs_can_follow_again_in_each_field_that_the_board_feeds(
    app: Flask, mara: PortalClient, connection: int, make_job: MakeJob
) -> None:
    make_job(**POST)
    assert 'value="take location"' in mara.get(MANAGE).text
    assert 'value="take tags"' not in mara.get(MANAGE).text
    with app.app_context(), write() as current:
        current.get_one(Connection, connection).field_choices = {"crew": "tags"}
    assert 'value="take tags"' in mara.get(MANAGE).text
    with app.app_context(), write() as current:
        current.delete(current.get_one(Connection, connection))
    page = mara.get(MANAGE).text
    assert ("Set a field" in page, "Follow Greenhouse again" in page) == (True, False)


def test_an_own_value_that_equals_greenhouses_follows_again_from_the_panel(
    mara: PortalClient, job: int
) -> None:
    edit(mara, job, "location", "Faro", 0)
    edit(mara, job, "location", "Berlin", 1)
    panel = mara.get(f"{MANAGE}?job={job}").text
    assert "Greenhouse says the same" in panel_cell(panel, "location")
    taken = mara.post(FIELDS.format(job, "location/take"), headers=HTMX)
    assert "Location follows Greenhouse again." in taken.text
    assert 'title="Follows Greenhouse"' in panel_cell(mara.get(f"{MANAGE}?job={job}").text, "location")
    past = words(mara.get(FIELDS.format(job, "location/history")).text)
    assert past.count("follows again") == 1


def test_a_value_that_a_sync_changed_under_an_editor_is_not_overwritten_unseen(
    app: Flask, mara: PortalClient, job: int
) -> None:
    opened = mara.get(FIELDS.format(job, "location"), headers=HTMX).text
    assert '<input type="hidden" name="seen" value="Berlin">' in opened
    said_by_greenhouse(app, job, location="Munich")
    data = {"value": "Faro", "version": 0, "seen": "Berlin"}
    answer = mara.post(FIELDS.format(job, "location"), data=data, headers=HTMX)
    assert answer.status_code == 409
    assert "Greenhouse saved “Munich” while you were editing." in words(answer.text)
    assert 'value="Faro"' in answer.text
    assert '<input type="hidden" name="seen" value="Munich">' in answer.text
    assert edit(mara, job, "location", "Berlin", 0, seen="Berlin") == 200
    with app.app_context():
        assert session().get_one(Job, job).location == "Munich"
    assert edit(mara, job, "location", "Faro", 0, seen="Munich") == 200
    with app.app_context():
        assert session().get_one(Job, job).location == "Faro"


def test_a_field_tells_edits_and_what_followed_in_one_line_of_time(
    app: Flask, mara: PortalClient, cast: Cast, connection: int, job: int
) -> None:
    with app.app_context(), write() as current:
        for number, (before, after) in enumerate((("Bonn", "Berlin"), ("Berlin", "Munich")), 1):
            run = SyncRun(
                organisation_id=cast.northwind.id,
                connection_id=connection,
                board_token="n",
                trigger="manual",
                status="succeeded",
                finished_at=datetime(2026 if number == 1 else 2050, 1, number, tzinfo=UTC),
            )
            current.add(run)
            current.flush()
            followed = {"field": "location", "before": before, "after": after, "followed": True}
            other = {"field": "department", "before": "Sea", "after": "Optics"}
            current.add(
                SyncChange(
                    run_id=run.id, job_id=job, kind=ChangeKind.UPDATED, title="W", fields=[followed, other]
                )
            )
    edit(mara, job, "location", "Faro", 0)
    page = words(mara.get(FIELDS.format(job, "location/history")).text)
    told = ["Berlin became Munich Greenhouse ·", "Berlin became Faro", "Bonn became Berlin Greenhouse ·"]
    places = [page.find(each) for each in told]
    assert -1 not in places
    assert places == sorted(places)
    assert "Undo" in page
    assert "Nobody has changed this" in mara.get(FIELDS.format(job, "department/history")).text
    panel = words(mara.get(f"{MANAGE}?job={job}").text)
    assert "Yours : No sync changes it" in panel


def test_the_panel_says_whose_value_each_field_is_and_nothing_of_defaults(
    mara: PortalClient, job: int
) -> None:
    """Who set it and when stands in the title."""

    def provenance(field: str) -> str:
        page = mara.get(f"{MANAGE}?job={job}", headers={**HTMX, "HX-Target": "panel"}).text
        part = page.partition(f'data-part="past-{field}"')[2].partition("</dd>")[0]
        return " ".join(re.sub("<[^>]*>", "", part.partition(">")[2]).split())

    assert provenance("location") == "Greenhouse"
    assert [provenance(name) for name in ("featured", "visibility", "seniority")] == ["", "", ""]
    edit(mara, job, "location", "Lisbon", 0)
    edit(mara, job, "seniority", "Senior", 0)
    today = f"{utc_now().day} {utc_now():%b %Y}"
    assert provenance("location").startswith("Yours: Set by mara@")
    assert f"on {today}. Greenhouse: Berlin" in provenance("location")
    assert provenance("seniority").endswith(f"on {today}. History")


def test_the_audit_lists_who_took_greenhouses_value_and_who_kept_ours(
    mara: PortalClient, noor: PortalClient, job: int
) -> None:
    edit(mara, job, "location", "Faro", 0)
    for way, times in (("keep", 2), ("keep?off=1", 2), ("take", 2)):
        for _ in range(times):
            answer = mara.post(FIELDS.format(job, f"location/{way}"), headers=HTMX)
            assert answer.status_code == 200
    assert noor.post(FIELDS.format(job, "department/keep")).status_code == 403
    page = words(mara.get("/orgs/northwind/audit?kind=edits").text)
    for decided in (
        "Kept ours where Greenhouse differs · Location, Welder",
        "Had a difference from Greenhouse shown again · Location, Welder",
        "Took Greenhouse’s value · Location, Welder",
    ):
        assert page.count(decided) == 1, decided
