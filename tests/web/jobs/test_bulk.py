"""Many jobs changed at once and changes taken back, as requests: with htmx and without."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from portal.db import session, write
from portal.models import Edit, Job, User
from tests.support.app import HTMX, Cast, MakeJobs, PortalClient

MakeJob = Callable[..., int]
BULK = "/orgs/northwind/jobs/bulk"
CONFIRM = "/orgs/northwind/jobs/bulk/confirm"
MANAGE = "/orgs/northwind/jobs/manage"


def stored(app: Flask, job: int, column: str = "location") -> Any:
    with app.app_context():
        return getattr(session().get(Job, job), column)


def last_edit_id(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.max(Edit.id))) or 0


def undo_address(page: str) -> str:
    found = re.search(r'action="(/orgs/northwind/edits/\d+/undo)"', page)
    assert found
    return found[1]


@pytest.fixture
def jobs(make_job: MakeJob) -> list[int]:
    return [make_job(title=f"Job {place}", location=place) for place in ("Porto", "Lisbon", "Faro")]


def test_every_row_can_be_selected_by_admins_alone(
    mara: PortalClient, noor: PortalClient, jobs: list[int]
) -> None:
    page = mara.get(MANAGE).text
    for job in jobs:
        assert re.search(rf"name=job_id value={job} form=bulk", page)
    assert '<form class="bulk-bar" id="bulk"' in page
    assert 'id="bulk"' not in noor.get(MANAGE).text
    assert re.search(r"<fieldset disabled>", noor.get(MANAGE).text)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_the_way_from_a_selection_to_its_undo(
    app: Flask, mara: PortalClient, jobs: list[int], headers: dict[str, str]
) -> None:
    chosen = {"job_id": jobs, "return": f"{MANAGE}?q=Job"}
    asked = mara.post(CONFIRM, data={**chosen, "change": "set location"}, headers=headers)
    assert asked.status_code == 200
    assert 'name="value"' in asked.text
    assert "Set location" in asked.text
    foreseen = mara.post(
        CONFIRM, data={**chosen, "how": "set", "field": "location", "value": "Lisbon"}, headers=headers
    )
    assert "Set location to “Lisbon” on 3 jobs?" in foreseen.text
    assert "1 already has it." in foreseen.text
    assert "Set on 2 jobs" in foreseen.text
    assert foreseen.text.count('name="job_id"') == 3
    assert last_edit_id(app) == 0
    done = mara.post(
        BULK, data={**chosen, "how": "set", "field": "location", "value": "Lisbon"}, headers=headers
    )
    said = "Location set to “Lisbon” on 2 jobs."
    if headers:
        assert done.status_code == 200
        assert "portal:done" in json.loads(done.headers["HX-Trigger-After-Swap"])
        page = done.text
    else:
        assert done.status_code == 303
        assert done.location == f"{MANAGE}?q=Job"
        page = mara.get(done.location).text
    assert said in page
    assert [stored(app, job) for job in jobs] == ["Lisbon"] * 3
    undone = mara.post(undo_address(page), headers=headers)
    assert undone.status_code == (200 if headers else 303)
    page = undone.text if headers else mara.get(undone.location).text
    assert "Undone. Location restored on 2 jobs." in page
    assert [stored(app, job) for job in jobs] == ["Porto", "Lisbon", "Faro"]


@pytest.mark.parametrize(
    ("change", "question", "button"),
    [
        ("set visibility hidden", "Hide 3 jobs?", "Hide 3 jobs"),
        ("set featured true", "Feature 3 jobs?", "Feature 3 jobs"),
        ("set visibility shown", "Show 3 jobs?", None),
        ("take location", "Follow Greenhouse’s location again on 3 jobs?", None),
    ],
)
def test_what_needs_no_value_is_foreseen_at_once(
    mara: PortalClient, jobs: list[int], change: str, question: str, button: str | None
) -> None:
    page = mara.post(CONFIRM, data={"job_id": jobs, "change": change}).text
    assert question in page
    if button:
        assert f">{button}</span>" in page
    else:
        assert "Nothing would change." in page
        assert 'class="btn-main"' not in page


def test_a_closing_date_is_called_so_in_sentences(mara: PortalClient, jobs: list[int]) -> None:
    asked = {"job_id": jobs, "how": "set", "field": "closes_on"}
    assert "Set closing date" in mara.post(CONFIRM, data={"job_id": jobs, "change": "set closes_on"}).text
    foreseen = mara.post(CONFIRM, data={**asked, "value": "2036-12-24"}).text
    assert "Set closing date to “24 Dec 2036” on 3 jobs?" in foreseen
    done = mara.post(BULK, data={**asked, "value": "2036-12-24"}, headers=HTMX).text
    assert "Closing date set to “24 Dec 2036” on 3 jobs." in done
    undone = mara.post(undo_address(done), headers=HTMX).text
    assert "Undone. Closing date restored on 3 jobs." in undone


@pytest.mark.parametrize("where", ["form", "address"])
def test_all_that_match_are_changed_by_the_filter_in_the_address(
    app: Flask, mara: PortalClient, jobs: list[int], where: str
) -> None:
    match = {"all": "1", "q": "job", "location": "Lisbon"}
    change = {"field": "department", "value": "Yard"}
    if where == "form":
        answer = mara.post(BULK, data={**match, **change})
    else:
        answer = mara.post(BULK, query_string=match, data=change)
    assert answer.status_code == 303
    assert [stored(app, job, "department") for job in jobs] == [None, "Yard", None]


def test_all_that_match_on_several_pages_are_changed_and_taken_back_by_forms_alone(
    app: Flask, mara: PortalClient, make_jobs: MakeJobs
) -> None:
    jobs = make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in range(30))
    other = make_jobs([{"title": "Cook", "location": "Porto"}])[0]
    listed = f"{MANAGE}?q=job&sort=title&per_page=25"
    page = mara.get(listed).text
    assert 'name="all" value="1"> <span data-every>All 30 that match</span>' in page
    chosen = [*hidden_fields(page, "bulk"), ("all", "1"), ("change", "set location")]
    asked = mara.post(CONFIRM, data=MultiDict(chosen)).text
    foreseen = mara.post(CONFIRM, data=MultiDict([*hidden_fields(asked), ("value", "Lisbon")])).text
    assert "Set on 30 jobs" in foreseen
    done = mara.post(BULK, data=MultiDict(hidden_fields(foreseen)))
    assert (done.status_code, done.location) == (303, listed)
    page = mara.get(done.location).text
    assert "Location set to “Lisbon” on 30 jobs." in page
    assert {stored(app, job) for job in jobs} == {"Lisbon"}
    assert stored(app, other) == "Porto"
    undone = mara.post(undo_address(page))
    assert "Undone" in mara.get(undone.location).text
    assert {stored(app, job) for job in jobs} == {"Porto"}


def test_all_that_match_are_changed_only_where_they_are_as_many_as_somebody_agreed_to(
    app: Flask, mara: PortalClient, make_jobs: MakeJobs
) -> None:
    jobs = make_jobs([{}, {}, {}])
    asked = mara.post(CONFIRM, data={"all": "1", "change": "set visibility hidden"}).text
    assert "Hide 3 jobs?" in asked
    jobs += make_jobs([{}])
    refused = mara.post(BULK, data=MultiDict(hidden_fields(asked)))
    assert refused.status_code == 409
    assert "Other jobs match by now. Nothing was changed" in refused.text
    assert {stored(app, job, "visibility") for job in jobs} == {"shown"}
    again = mara.post(CONFIRM, data={"all": "1", "change": "set visibility hidden"}).text
    assert mara.post(BULK, data=MultiDict(hidden_fields(again))).status_code == 303
    assert {stored(app, job, "visibility") for job in jobs} == {"hidden"}


def test_all_is_meant_only_where_it_is_said(app: Flask, mara: PortalClient, make_jobs: MakeJobs) -> None:
    one, other = make_jobs([{}, {}])
    for said, meant in (("0", [one]), ("", [one]), ("1", [one, other])):
        mara.post(BULK, data={"all": said, "job_id": one, "field": "department", "value": f"Yard {said}"})
        changed = [job for job in (one, other) if stored(app, job, "department") == f"Yard {said}".strip()]
        assert changed == meant


def hidden_fields(page: str, form: str = "") -> list[tuple[str, str]]:
    """What a form sends beside what somebody chooses in it: the one with this id, or a dialog's."""
    begun = f'id="{form}"' if form else "bulk-sheet"
    inputs = page.partition(begun)[2].partition("</form>")[0]
    return [
        (name, unescape(value))
        for name, value in re.findall(r'<input type="?hidden"? name="?(\w+)"? value="([^"]*)"', inputs)
    ]


def test_tags_are_added_and_removed(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    mara.post(BULK, data={"job_id": jobs, "how": "add", "field": "tags", "value": "night, sea"})
    mara.post(BULK, data={"job_id": jobs[:1], "how": "remove", "field": "tags", "value": "Night"})
    assert [stored(app, job, "tags") for job in jobs] == [["sea"], ["night", "sea"], ["night", "sea"]]


@pytest.mark.parametrize("address", [BULK, CONFIRM])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"field": "location", "value": "x"}, 422),
        ({"job_id": "x", "field": "location", "value": "x"}, 422),
        ({"job_id": 10**30, "field": "location", "value": "x"}, 422),
        ({"job_id": 2**63, "field": "location", "value": "x"}, 422),
        ({"job_id": 10**9, "field": "location", "value": "x"}, 404),
        ({"all": 1, "q": "nobody", "field": "location", "value": "x"}, 404),
        ({"job_id": 1, "field": "title", "value": "x"}, 403),
        ({"job_id": 1, "field": "description", "value": "x"}, 403),
        ({"job_id": 1, "field": "listed", "value": "x"}, 404),
        ({"job_id": 1, "field": "location", "how": "burn", "value": "x"}, 422),
        ({"job_id": 1, "field": "location", "how": "add", "value": "x"}, 422),
        ({"job_id": 1, "field": "salary", "value": "110k – 90k EUR"}, 422),
        ({"job_id": 1, "field": "workplace_type", "value": "moon"}, 422),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    app: Flask,
    mara: PortalClient,
    jobs: list[int],
    address: str,
    headers: dict[str, str],
    data: dict[str, Any],
    status: int,
) -> None:
    assert mara.post(address, data=data, headers=headers).status_code == status
    assert last_edit_id(app) == 0


@pytest.mark.parametrize("address", [BULK, CONFIRM])
@pytest.mark.parametrize("field", ["title", "description", "description_html", "apply_url"])
@pytest.mark.parametrize("how", ["set", "add", "take", "burn"])
def test_what_is_greenhouses_is_not_edited_in_bulk(
    app: Flask, mara: PortalClient, make_job: MakeJob, address: str, field: str, how: str
) -> None:
    job = make_job(source="greenhouse", board_token="n", external_id=1)
    for data in ({"how": how, "field": field, "value": "x"}, {"change": f"{how} {field}"}):
        answer = mara.post(address, data={"job_id": job, **data}, headers=HTMX)
        assert answer.status_code == 403
        assert "edit it in Greenhouse" in answer.text
    assert last_edit_id(app) == 0


def test_a_change_without_its_value_changes_nothing(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    assert mara.post(BULK, data={"job_id": jobs, "field": "location"}).status_code == 422
    for change, status in (("set title", 403), ("set listed", 404), ("add location", 422)):
        assert mara.post(CONFIRM, data={"job_id": jobs, "change": change}).status_code == status
    assert last_edit_id(app) == 0


def test_a_bad_value_is_answered_at_the_field_with_the_selection_kept(
    mara: PortalClient, jobs: list[int]
) -> None:
    data = {"job_id": jobs, "how": "set", "field": "salary", "value": "110k – 90k EUR"}
    answer = mara.post(CONFIRM, data=data, headers=HTMX)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "The lower amount comes first" in answer.text
    assert "110k – 90k EUR" in answer.text
    assert answer.text.count('name="job_id"') == 3


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_choice_is_made_before_anything_is_set(
    mara: PortalClient, jobs: list[int], headers: dict[str, str]
) -> None:
    asked = mara.post(CONFIRM, data={"job_id": jobs, "change": "set workplace_type"}, headers=headers)
    select = asked.text.split("<select")[1].split("</select>")[0]
    assert re.findall(r"<option ([^>]*)>([^<]*)<", select) == [
        ('value="" disabled selected', "Choose…"),
        ('value="onsite"', "On site"),
        ('value="hybrid"', "Hybrid"),
        ('value="remote"', "Remote"),
        ('value=""', "– (empty)"),
    ]
    chosen = {"job_id": jobs, "how": "set", "field": "workplace_type"}
    again = mara.post(CONFIRM, data=chosen, headers=headers)
    assert again.status_code == 422
    assert "Choose one first." in again.text
    assert "Nothing would change." in mara.post(CONFIRM, data={**chosen, "value": ""}, headers=headers).text
    shown = mara.post(CONFIRM, data={"job_id": jobs, "change": "set visibility"}, headers=headers).text
    assert "(empty)" not in shown


def test_strangers_jobs_among_the_selected_are_passed_over(
    app: Flask, mara: PortalClient, jobs: list[int], make_job: MakeJob, cast: Cast
) -> None:
    foreign = make_job(organisation_id=cast.cafe.id, location="Here")
    mara.post(BULK, data={"job_id": [*jobs, foreign], "field": "location", "value": "Lisbon"})
    assert stored(app, foreign) == "Here"
    assert stored(app, jobs[0]) == "Lisbon"


def test_members_and_strangers_change_nothing(
    app: Flask, mara: PortalClient, noor: PortalClient, otto: PortalClient, jobs: list[int]
) -> None:
    mara.post(BULK, data={"job_id": jobs, "field": "location", "value": "Braga"})
    undo = f"/orgs/northwind/edits/{last_edit_id(app)}/undo"
    assert noor.post(BULK, data={"job_id": jobs, "field": "location", "value": "x"}).status_code == 403
    assert noor.post(undo).status_code == 403
    assert otto.post(undo).status_code == 404
    assert otto.post(undo.replace("northwind", "cafe-nord")).status_code == 404
    assert {stored(app, job) for job in jobs} == {"Braga"}


def test_a_save_can_be_undone_from_what_confirms_it(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    address = f"/orgs/northwind/jobs/{jobs[0]}/fields/location"
    for headers in ({}, HTMX):
        version = re.search(r'name="version" value="(\d+)"', mara.get(address).text)
        assert version
        data = {"value": "Braga", "version": version[1], "return": f"{MANAGE}?q=job"}
        saved = mara.post(address, data=data, headers=headers)
        page = saved.text if headers else mara.get(saved.location).text
        assert "Saved. Location: Braga" in page
        undone = mara.post(undo_address(page), headers=headers, data={"return": f"{MANAGE}?q=job"})
        assert stored(app, jobs[0]) == "Porto"
        if headers:
            assert "Undone. Location: Porto" in undone.text
        else:
            assert undone.location == f"{MANAGE}?q=job"
        assert mara.post(undo_address(page), headers=headers).status_code == 409


def undo_form(page: str) -> str:
    """The form of a toast, opening tag and button."""
    found = re.search(
        r'<form method="post" action="/orgs/northwind/edits/\d+/undo".*?</form>', page, re.DOTALL
    )
    assert found
    return found[0]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_undo_can_be_undone_in_turn_and_says_what_it_did(
    mara: PortalClient, jobs: list[int], headers: dict[str, str]
) -> None:
    data = {"value": "Braga", "version": 0}
    answer = mara.post(f"/orgs/northwind/jobs/{jobs[0]}/fields/location", data=data, headers=headers)
    page = answer.text if headers else mara.get(answer.location).text
    for said, label in (
        ("Undone. Location: Porto", "Redo"),
        ("Done again. Location: Braga", "Undo"),
        ("Undone. Location: Porto", "Redo"),
    ):
        answer = mara.post(undo_address(page), headers=headers)
        page = answer.text if headers else mara.get(answer.location).text
        assert said in page
        assert f">{label}</span></button>" in undo_form(page)
        assert ("data-undo" in undo_form(page)) is (label == "Undo")
    history = mara.get(f"/orgs/northwind/jobs/{jobs[0]}/fields/location/history").text
    assert re.findall(r"· (undo|done again)<", history) == ["undo", "done again", "undo"]


def test_many_jobs_are_done_again_at_once(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    page = mara.post(BULK, data={"job_id": jobs, "field": "location", "value": "Faro"}, headers=HTMX).text
    page = mara.post(undo_address(page), headers=HTMX).text
    redo = undo_address(page)
    page = mara.post(redo, headers=HTMX).text
    assert "Done again. Location set again on 2 jobs." in page
    assert "data-undo" in undo_form(page)
    assert {stored(app, job) for job in jobs} == {"Faro"}
    again = mara.post(redo, headers=HTMX)
    assert (again.status_code, "This was done again already." in again.text) == (409, True)


def test_a_refused_undo_says_why(app: Flask, mara: PortalClient, jobs: list[int], make_job: MakeJob) -> None:
    for field, value, since, why in (
        ("location", "Braga", {}, "Not undone: location was edited since."),
        ("title", "Rigger", {"source": "greenhouse"}, "Not undone: title belongs to Greenhouse by now."),
        ("seniority", "Senior", {"merged_into_id": jobs[0]}, "Not undone: the job is not here any more."),
    ):
        job = make_job()
        address = f"/orgs/northwind/jobs/{job}/fields/{field}"
        mara.post(address, data={"value": value, "version": 0})
        undo = f"/orgs/northwind/edits/{last_edit_id(app)}/undo"
        if not since:
            mara.post(address, data={"value": "Tavira", "version": 1})
        with app.app_context(), write() as writing:
            for column, written in since.items():
                setattr(writing.get_one(Job, job), column, written)
        refused = mara.post(undo, headers=HTMX)
        assert refused.status_code == 409
        assert why in refused.text


def test_an_undo_tells_how_many_were_edited_since(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    done = mara.post(BULK, data={"job_id": jobs, "field": "location", "value": "Braga"}, headers=HTMX)
    mara.post(f"/orgs/northwind/jobs/{jobs[2]}/fields/location", data={"value": "Tavira", "version": 1})
    undone = mara.post(undo_address(done.text), headers=HTMX)
    assert "Undone: 2 restored, 1 was edited since." in undone.text
    assert [stored(app, job) for job in jobs] == ["Porto", "Lisbon", "Tavira"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_greenhouses_value_is_taken_with_one_click(
    app: Flask, mara: PortalClient, make_job: MakeJob, headers: dict[str, str]
) -> None:
    said = {"location": "Berlin"}
    job = make_job(source="greenhouse", board_token="n", external_id=1, location="Porto", source_values=said)
    take = f"/orgs/northwind/jobs/{job}/fields/location/take"
    assert 'title="Greenhouse: Berlin"' in mara.get(MANAGE).text
    assert f'formaction="{take}"' in mara.get(take.removesuffix("/take")).text
    taken = mara.post(take, data={"value": "Nonsense", "return": MANAGE}, headers=headers)
    assert taken.status_code == (200 if headers else 303)
    assert stored(app, job) == "Berlin"
    page = taken.text if headers else mara.get(taken.location).text
    mara.post(undo_address(page))
    assert stored(app, job) == "Porto"


def test_greenhouses_value_is_taken_only_where_there_is_one(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    own = make_job(source_values={"location": "Berlin"})
    imported = make_job(source="greenhouse", board_token="n", external_id=1, source_values={})
    for job, field, status in (
        (own, "location", 404),
        (imported, "location", 404),
        (imported, "tags", 404),
        (imported, "title", 403),
    ):
        assert mara.post(f"/orgs/northwind/jobs/{job}/fields/{field}/take").status_code == status
    assert last_edit_id(app) == 0


def test_a_fields_history_tells_who_changed_what(
    app: Flask, mara: PortalClient, noor: PortalClient, cast: Cast, jobs: list[int]
) -> None:
    with app.app_context(), write() as writing:
        writing.get_one(User, cast.mara.id).name = "Mara"
    address = f"/orgs/northwind/jobs/{jobs[0]}/fields/location"
    mara.post(address, data={"value": "Berlin", "version": 0})
    mara.post(BULK, data={"job_id": jobs, "field": "location", "value": "<b>Braga</b>"})
    for client, headers in ((mara, HTMX), (mara, {}), (noor, HTMX)):
        page = client.get(f"{address}/history", headers=headers)
        assert page.status_code == 200
        told = [
            tuple(re.findall(r"<(?:del|ins)[^>]*>(.*?)</", entry))
            for entry in page.text.split('class="said"')[1:]
        ]
        assert told == [("Berlin", "&lt;b&gt;Braga&lt;/b&gt;"), ("Porto", "Berlin")]
        assert page.text.count("Mara ·") == 2
        assert page.text.split("</ol>")[0].count("/undo") == (0 if client is noor else 2)
    panel = mara.get(f"{MANAGE}?job={jobs[0]}").text
    assert f"{address}/history?return=" in panel


def test_a_history_is_of_the_organisation_and_of_a_field(
    mara: PortalClient, otto: PortalClient, jobs: list[int]
) -> None:
    address = f"/orgs/northwind/jobs/{jobs[0]}/fields"
    assert otto.get(f"{address}/location/history").status_code == 404
    assert mara.get(f"{address}/listed/history").status_code == 404
    assert "Nobody has changed this" in mara.get(f"{address}/location/history").text


def test_members_are_offered_first_as_hiring_managers_and_tags_as_they_are_in_use(
    app: Flask, mara: PortalClient, cast: Cast, make_job: MakeJob
) -> None:
    with app.app_context(), write() as writing:
        writing.get_one(User, cast.noor.id).name = "Noor"
        writing.get_one(User, cast.otto.id).name = "Otto"
    job = make_job(tags=["sea", "night"])
    for manager in ("Ada", "Noor", "Zed"):
        make_job(hiring_manager=manager, tags=["night"])
    make_job(tags=["secret"], organisation_id=cast.cafe.id)

    def offers(field: str) -> list[str]:
        page = mara.get(f"/orgs/northwind/jobs/{job}/fields/{field}", headers=HTMX).text
        return re.findall(r'<option value="([^"]+)"', page)

    assert offers("hiring_manager") == ["Noor", "Ada", "Zed"]
    assert offers("tags") == ["night", "sea"]
