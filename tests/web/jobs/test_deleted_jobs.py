"""Own jobs that are deleted, listed as deleted, and restored."""

import re
from collections.abc import Callable

from flask import Flask
from werkzeug.test import TestResponse

from portal.db import session
from portal.models import Job
from tests.support.app import HTMX, PortalClient

MANAGE = "/orgs/northwind/jobs/manage"
MakeJob = Callable[..., int]


def delete(client: PortalClient, job: int, **headers: str) -> TestResponse:
    return client.post(f"/orgs/northwind/jobs/{job}/delete", headers=headers)


def undo_of(page: str) -> str:
    found = re.findall(r'action="(/orgs/northwind/edits/\d+/undo)"', page)
    assert found
    return found[-1]


def test_a_deleted_job_leaves_every_page_and_is_restored_whole(
    app: Flask, mara: PortalClient, client: PortalClient, make_job: MakeJob
) -> None:
    job, other = make_job(title="Welder", tags=["steel"]), make_job(title="Cook")
    mara.post(f"/orgs/northwind/jobs/{job}/fields/location", data={"value": "Esbjerg", "version": 0})
    address, history = f"/orgs/northwind/jobs/{job}", f"/orgs/northwind/jobs/{job}/fields/location/history"
    answer = delete(mara, job)
    assert (answer.status_code, answer.location) == (303, MANAGE)
    page = mara.get(MANAGE).text
    assert "Deleted “Welder”. It can be restored for 30 days." in page
    assert f'data-job-id="{job}"' not in page
    assert re.search(r'id="jobs-count">1<', page)
    for path in (
        MANAGE + "?q=welder",
        f"{MANAGE}?location=Esbjerg",
        "/orgs/northwind/jobs",
        "/orgs/northwind",
    ):
        assert address not in client.get(path).text
        assert f'data-job-id="{job}"' not in mara.get(path).text
    for path in (address, history, f"{address}/fields/location"):
        assert mara.get(path).status_code == 404, path
    assert client.get(address).status_code == 404
    assert "That job is not here any more." in mara.get(f"{MANAGE}?job={job}").text
    assert "steel" not in mara.get(f"/orgs/northwind/jobs/{other}/fields/tags").text  # as a suggestion
    for verb in ("close", "reopen", "hide", "publish", "duplicate", "fields/location"):
        data = {"value": "Porto", "version": 1}
        assert mara.post(f"{address}/{verb}", data=data).status_code == 404, verb

    assert mara.post(undo_of(page), data={"return": MANAGE}).location == MANAGE
    assert "Undone. “Welder” is restored." in mara.get(MANAGE).text
    assert client.get(address).status_code == 200
    assert "Esbjerg" in mara.get(history).text
    with app.app_context():
        assert session().get_one(Job, job).tags == ["steel"]


def test_htmx_is_told_that_the_panel_is_empty_and_the_address_without_it(
    mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    asked_from = f"http://localhost{MANAGE}?sort=title&job={job}"
    answer = delete(mara, job, **HTMX, **{"HX-Current-URL": asked_from})
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == f"{MANAGE}?sort=title"
    assert '<div id="panel" hx-swap-oob="innerHTML"></div>' in answer.text
    assert "portal:done" in answer.headers["HX-Trigger-After-Swap"]


def test_deleting_and_restoring_twice_does_it_once(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="Welder")
    first, second = delete(mara, job, **HTMX), delete(mara, job, **HTMX)
    assert first.status_code == second.status_code == 200
    undo = undo_of(first.text)
    assert undo_of(second.text) == undo
    restored = mara.post(undo, headers=HTMX)
    assert mara.post(undo, headers=HTMX).status_code == 409
    again = mara.post(undo_of(restored.text), headers=HTMX)
    assert "Done again. The job is deleted." in again.text
    assert f'data-job-id="{job}"' not in mara.get(MANAGE).text
    assert mara.post(undo_of(again.text), headers=HTMX).status_code == 200
    assert f'data-job-id="{job}"' in mara.get(MANAGE).text


def test_only_an_admin_deletes_and_only_a_job_of_ones_own(
    mara: PortalClient, noor: PortalClient, otto: PortalClient, make_job: MakeJob
) -> None:
    own, imported = make_job(), make_job(source="greenhouse", board_token="n", external_id=1)
    merged = make_job(merged_into_id=imported)
    refused = delete(mara, imported)
    assert refused.status_code == 403
    assert "not be deleted here" in refused.text
    assert f"/jobs/{imported}/delete" not in mara.get(f"{MANAGE}?job={imported}").text
    assert f"/jobs/{own}/delete" in mara.get(f"{MANAGE}?job={own}").text
    assert delete(mara, merged).status_code == 404
    assert delete(mara, 10**6).status_code == 404
    assert delete(noor, own).status_code == 403
    assert delete(otto, own).status_code == 404
    assert f'data-job-id="{own}"' in mara.get(MANAGE).text


def test_a_bulk_edit_passes_over_a_deleted_job_and_so_does_its_undo(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    gone, here = make_job(), make_job()
    many = {"job_id": [gone, here], "field": "location", "value": "Porto"}
    first = mara.post("/orgs/northwind/jobs/bulk", data=many, headers=HTMX)
    delete(mara, gone)
    second = mara.post("/orgs/northwind/jobs/bulk", data=many | {"value": "Faro"}, headers=HTMX)
    assert "on 1 job." in second.text
    mara.post(undo_of(second.text), headers=HTMX)
    assert "1 restored, 1 is not here any more" in mara.post(undo_of(first.text), headers=HTMX).text
    everything = {"all": "1", "field": "visibility", "value": "hidden"}
    assert "1 job is hidden." in mara.post("/orgs/northwind/jobs/bulk", data=everything, headers=HTMX).text
    with app.app_context():
        job = session().get_one(Job, gone)
        assert (job.location, job.visibility) == ("Porto", "shown")


def test_deleted_jobs_are_listed_and_restored_there(
    mara: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title="Welder <1>")
    assert "No deleted jobs" in mara.get("/orgs/northwind/jobs/deleted").text
    delete(mara, job)
    page = mara.get("/orgs/northwind/jobs/deleted").text
    assert "Welder &lt;1&gt;" in page
    assert "mara@example.com" in page
    answer = mara.post(undo_of(page), data={"return": f"{MANAGE}?job={job}"})
    assert answer.location == f"{MANAGE}?job={job}"
    assert f'data-job="{job}"' in mara.get(answer.location).text
    assert noor.get("/orgs/northwind/jobs/deleted").status_code == 403
