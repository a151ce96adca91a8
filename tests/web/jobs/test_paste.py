"""A block copied from a spreadsheet, filled into the cells of the list, as requests."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.db import session
from portal.models import Job
from tests.support.app import PortalClient

MakeJob = Callable[..., int]
PASTE = "/orgs/northwind/jobs/paste"


def stored(app: Flask, column: str) -> list[object]:
    with app.app_context():
        return [getattr(job, column) for job in session().query(Job).order_by(Job.id)]


@pytest.fixture
def jobs(make_job: MakeJob) -> list[int]:
    return [make_job(title=f"Job {place}", location=place) for place in ("Porto", "Lisbon", "Faro")]


def paste(client: PortalClient, status: int = 200, **form: Any) -> dict[str, Any]:
    answer = client.post(PASTE, data=form)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_block_is_previewed_and_refused_cells_are_named(
    app: Flask, mara: PortalClient, jobs: list[int]
) -> None:
    block = "Porto\tfull time\nBraga\tnonsense\nÉvora\t\nbeyond\t"
    said = paste(mara, job_id=jobs, field=["location", "employment_type"], block=block)
    assert (said["changes"], said["refused"], said["same"], said["outside"]) == (3, 1, 2, 2)
    assert said["applied"] is False
    [refused] = [cell for cell in said["cells"] if cell["state"] == "refused"]
    assert (refused["job_id"], refused["field"], refused["text"]) == (jobs[1], "employment_type", "nonsense")
    assert refused["reason"].startswith("Choose one of: Full-time")
    [first] = [cell for cell in said["cells"] if cell["job_id"] == jobs[0]]
    assert (first["before"], first["after"]) == ("", "Full-time")
    assert stored(app, "location") == ["Porto", "Lisbon", "Faro"]


def test_all_of_a_block_is_applied_or_nothing_and_the_good_cells_if_asked_with_one_undo(
    app: Flask, mara: PortalClient, jobs: list[int]
) -> None:
    block = {"job_id": jobs, "field": ["location", "salary"], "block": "Braga\t90k EUR\nÉvora\tlots"}
    said = paste(mara, 422, **block, apply="all")
    assert (said["applied"], said["refused"]) == (False, 1)
    assert stored(app, "location") == ["Porto", "Lisbon", "Faro"]
    said = paste(mara, **block, apply="good", seen=said["seen"])
    assert said["said"] == "Changed 3 values in 2 jobs."
    assert said["revision"] > 0
    assert said["undo"] in said["toast"]
    assert stored(app, "location") == ["Braga", "Évora", "Faro"]
    mara.post(said["undo"])
    assert stored(app, "location") == ["Porto", "Lisbon", "Faro"]
    assert stored(app, "salary_min") == [None, None, None]


def test_what_changed_since_the_preview_is_shown_anew(
    app: Flask, mara: PortalClient, jobs: list[int]
) -> None:
    block = {"job_id": jobs[:2], "field": "location", "block": "Braga\nÉvora"}
    seen = paste(mara, **block)["seen"]
    mara.post(f"/orgs/northwind/jobs/{jobs[0]}/fields/location", data={"value": "Tavira", "version": "0"})
    said = paste(mara, 409, **block, apply="all", seen=seen)
    assert [cell["before"] for cell in said["cells"]] == ["Tavira", "Lisbon"]
    assert stored(app, "location") == ["Tavira", "Lisbon", "Faro"]
    assert paste(mara, **block, apply="all", seen=said["seen"])["applied"]


def test_one_jobs_values_fill_those_below(app: Flask, mara: PortalClient, make_job: MakeJob) -> None:
    pay = {"salary_min": 2_550, "salary_max": 2_550, "salary_currency": "EUR", "salary_period": "hour"}
    source = make_job(**pay, tags=["a", "b"], featured=True, closes_on=None)
    others = [make_job(tags=["x"]), make_job()]
    said = paste(
        mara, source=source, job_id=others, field=["salary", "tags", "featured", "state"], apply="all"
    )
    assert (said["said"], said["skipped"]) == ("Changed 6 values in 2 jobs.", 2)
    assert stored(app, "salary_period") == ["hour"] * 3
    assert stored(app, "tags") == [["a", "b"]] * 3


def test_one_cell_fills_a_selection(app: Flask, mara: PortalClient, jobs: list[int]) -> None:
    paste(mara, job_id=jobs, field="department", block="Sea", fill="1", apply="all")
    assert stored(app, "department") == ["Sea"] * 3


def test_what_no_page_of_ours_sends_is_refused(
    mara: PortalClient, noor: PortalClient, jobs: list[int], make_job: MakeJob, cast: Any
) -> None:
    good = {"job_id": jobs, "field": "location", "block": "x"}
    for wrong in (
        {"job_id": []},
        {"job_id": [jobs[0], jobs[0]]},
        {"job_id": "x"},
        {"field": []},
        {"block": ""},
        {"apply": "some"},
    ):
        assert mara.post(PASTE, data=good | wrong).status_code == 422
    theirs = make_job(organisation_id=cast.cafe.id)
    assert mara.post(PASTE, data=good | {"source": theirs}).status_code == 404
    assert noor.post(PASTE, data=good).status_code == 403
    said = paste(mara, 422, job_id=[theirs], field="location", block="x", apply="all")
    assert re.fullmatch(r"There is no job \d+ here\.", said["cells"][0]["reason"])


def test_a_title_from_greenhouse_is_refused_at_its_cell(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="Diver", source="greenhouse", external_id=1, board_token="n")
    said = paste(mara, 422, job_id=job, field=["title", "location"], block="Chef\tFaro", apply="all")
    assert [(cell["field"], cell["state"]) for cell in said["cells"]] == [
        ("title", "refused"),
        ("location", "change"),
    ]
