"""Jobs of the organisation's own: added with a form, copied, published, closed and reopened."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.db import session, write
from portal.models import Job
from tests.support.app import HTMX, PortalClient

NEW = "/orgs/northwind/jobs/new"
CLOSED = {"listed": False, "closed_at": datetime(2026, 3, 1, 12, 30, 0, 250, tzinfo=UTC)}
MakeJob = Callable[..., int]


def test_an_added_job_is_public_at_once(mara: PortalClient, client: PortalClient) -> None:
    answer = mara.post(
        NEW,
        data={
            "title": "Mast climber",
            "description": "Climb **up**.\n\n- Then again.",
            "department": "Field",
            "location": "Esbjerg",
            "workplace_type": "onsite",
            "employment_type": "full_time",
            "salary": "25.50 EUR per hour",
            "apply_url": "https://example.com/apply",
        },
    )
    assert answer.status_code == 303
    assert "Added “Mast climber”. It is public now." in mara.get(answer.location).text
    assert "Mast climber" in client.get("/orgs/northwind/jobs").text
    page = client.get("/orgs/northwind/jobs/1").text
    for text in (
        "<p>Climb <strong>up</strong>.</p>",
        "<li>Then again.</li>",
        "Field",
        "Esbjerg",
        "On site",
        "Full-time",
        "€25.50 / hour",
    ):
        assert text in page


def test_a_form_that_is_sent_twice_adds_one_job(app: Flask, mara: PortalClient) -> None:
    data = {
        "title": "Mast climber",
        "description": "Climb **up**.",
        "tags": "sea",
        "salary": "25 EUR per hour",
    }
    first, again = mara.post(NEW, data=data), mara.post(NEW, data=data)
    assert (first.status_code, again.location) == (303, first.location)
    other = mara.post(NEW, data=data | {"location": "Esbjerg"})
    assert other.location != first.location
    with app.app_context():
        with write() as writing:
            writing.query(Job).update({"created_at": datetime(2026, 3, 1, tzinfo=UTC)})
        assert session().query(Job).count() == 2
    assert mara.post(NEW, data=data).location not in (first.location, other.location)


def test_what_was_typed_stays_when_something_cannot_be_kept(app: Flask, mara: PortalClient) -> None:
    data = {"title": "", "salary": "lots", "location": "Esbjerg", "apply_url": "javascript:x"}
    answer = mara.post(NEW, data=data)
    assert answer.status_code == 422
    assert "Title cannot be empty." in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    for typed in ("lots", "Esbjerg", "javascript:x"):
        assert f'value="{typed}"' in answer.text
    with app.app_context():
        assert session().get(Job, 1) is None


def test_a_visibility_that_there_is_none_of_is_said_to_be_wrong(app: Flask, mara: PortalClient) -> None:
    answer = mara.post(NEW, data={"title": "Welder", "visibility": "ghostly"})
    assert answer.status_code == 422
    assert "Visibility: Choose one of: Shown, Members only, Hidden." in answer.text
    with app.app_context():
        assert session().get(Job, 1) is None


def test_every_field_may_be_filled_in_at_once(app: Flask, mara: PortalClient) -> None:
    said = {
        "title": "Welder",
        "seniority": "Senior",
        "hiring_manager": "Noor",
        "summary": "You weld.",
        "tags": "sea, wind",
        "closes_on": "2031-02-03",
        "salary_visible": "false",
        "featured": "true",
        "visibility": "hidden",
    }
    answer = mara.post(NEW, data=said)
    assert "Added “Welder”. It stays hidden until you publish it." in mara.get(answer.location).text
    with app.app_context():
        job = session().get(Job, 1)
        assert job is not None
        kept = (job.seniority, job.hiring_manager, job.summary, job.tags, str(job.closes_on))
        assert kept == ("Senior", "Noor", "You weld.", ["sea", "wind"], "2031-02-03")
        assert (job.salary_visible, job.featured, job.visibility) == (False, True, "hidden")


def test_what_a_request_leaves_out_is_as_usual(app: Flask, mara: PortalClient) -> None:
    mara.post(NEW, data={"title": "Welder", "apply_url": "northwind.example/apply"})
    with app.app_context():
        job = session().get(Job, 1)
        assert job is not None
        assert (job.salary_visible, job.featured, job.visibility, job.listed) == (True, False, "shown", True)


def test_a_member_adds_none(noor: PortalClient) -> None:
    assert noor.get(NEW).status_code == 403
    assert noor.post(NEW, data={"title": "Mine"}).status_code == 403


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_own_job_is_closed_and_reopened(
    mara: PortalClient, client: PortalClient, make_job: MakeJob, headers: dict[str, str]
) -> None:
    job = make_job(title="Welder")
    closed = mara.post(f"/orgs/northwind/jobs/{job}/close", headers=headers)
    assert closed.status_code == (200 if headers else 303)
    assert client.get(f"/orgs/northwind/jobs/{job}").status_code == 410
    mara.post(f"/orgs/northwind/jobs/{job}/reopen", headers=headers)
    assert client.get(f"/orgs/northwind/jobs/{job}").status_code == 200


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("columns", "way", "said", "undone"),
    [
        ({}, "close", "Closed “Welder”.", "Undone. “Welder” is open again."),
        (CLOSED, "reopen", "Reopened “Welder”.", "Undone. “Welder” is closed again."),
        ({}, "hide", "Hidden: “Welder”.", "Undone. Visibility: Shown"),
        ({"visibility": "hidden"}, "publish", "Published “Welder”.", "Undone. Visibility: Hidden"),
    ],
)
def test_what_the_panel_s_buttons_do_is_taken_back_and_done_again(
    app: Flask,
    mara: PortalClient,
    make_job: MakeJob,
    headers: dict[str, str],
    columns: dict[str, object],
    way: str,
    said: str,
    undone: str,
) -> None:
    job = make_job(title="Welder", **columns)
    before = standing(app, job)
    page = pressed(mara, f"/orgs/northwind/jobs/{job}/{way}", headers)
    after = standing(app, job)
    assert said in page
    assert after != before
    for words, stands in ((undone, before), ("Done again.", after), (undone, before)):
        page = pressed(mara, undo_address(page), headers)
        assert words in page
        assert standing(app, job) == stands


def pressed(client: PortalClient, address: str, headers: dict[str, str]) -> str:
    """What a button answers, by way of the next page where it leads to one."""
    answer = client.post(address, headers=headers)
    return answer.text if headers else client.get(answer.location).text


def undo_address(page: str) -> str:
    found = re.search(r'action="(/orgs/northwind/edits/\d+/undo)"', page)
    assert found
    return found[1]


def standing(app: Flask, job: int) -> tuple[object, ...]:
    with app.app_context():
        stored = session().get_one(Job, job)
        return stored.listed, stored.closed_at, stored.visibility


def test_a_button_that_changes_nothing_offers_no_undo(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job()
    assert "/undo" in mara.post(f"/orgs/northwind/jobs/{job}/close", headers=HTMX).text
    assert "/undo" not in mara.post(f"/orgs/northwind/jobs/{job}/close", headers=HTMX).text


REVERSED = "Not undone: the job was closed or reopened since."


@pytest.mark.parametrize(
    ("ways", "synced", "why"),
    [
        (["reopen", "close"], {}, REVERSED),
        ([], {"source": "greenhouse"}, "Not undone: the job is Greenhouse’s by now."),
        ([], {"closed_at": datetime(2026, 3, 2, tzinfo=UTC)}, REVERSED),
    ],
    ids=["by a person", "Greenhouse's now", "Greenhouse's for a while"],
)
def test_a_closing_that_something_else_came_after_is_not_taken_back(
    app: Flask, mara: PortalClient, make_job: MakeJob, ways: list[str], synced: dict[str, object], why: str
) -> None:
    job = make_job()
    page = mara.post(f"/orgs/northwind/jobs/{job}/close", headers=HTMX).text
    for way in ways:
        mara.post(f"/orgs/northwind/jobs/{job}/{way}")
    with app.app_context(), write() as writing:
        for column, value in synced.items():
            setattr(writing.get_one(Job, job), column, value)
    stood = standing(app, job)
    refused = mara.post(undo_address(page), headers=HTMX)
    assert refused.status_code == 409
    assert why in refused.text
    assert standing(app, job) == stood


def test_an_imported_job_is_closed_in_greenhouse(
    mara: PortalClient, client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(source="greenhouse", board_token="n", external_id=1)
    answer = mara.post(f"/orgs/northwind/jobs/{job}/close")
    assert answer.status_code == 403
    assert "close or reopen it in Greenhouse" in answer.text
    assert client.get(f"/orgs/northwind/jobs/{job}").status_code == 200


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_any_job_is_copied_as_a_hidden_one_of_ones_own(
    app: Flask, mara: PortalClient, client: PortalClient, make_job: MakeJob, headers: dict[str, str]
) -> None:
    job = make_job(
        title="Welder",
        source="greenhouse",
        board_token="n",
        external_id=1,
        requisition_id="R-1",
        apply_url="https://boards.greenhouse.io/n/1",
        description_html="<p>Weld.</p>",
        location="Faro",
        tags=["sea"],
        salary_min=1,
        salary_max=1,
        salary_currency="EUR",
        salary_period="year",
        source_values={"location": "Faro"},
    )
    answer = mara.post(f"/orgs/northwind/jobs/{job}/duplicate", headers=headers)
    page = answer.text if headers else mara.get(answer.location).text
    assert "Added “Copy of Welder”. It stays hidden until you publish it." in page
    with app.app_context():
        copy = session().get(Job, job + 1)
        assert copy is not None
        assert (copy.title, copy.location, copy.tags) == ("Copy of Welder", "Faro", ["sea"])
        assert (copy.description_html, copy.salary_currency) == ("<p>Weld.</p>", "EUR")
        assert (copy.imported, copy.visibility, copy.listed) == (False, "hidden", True)
        assert (copy.apply_url, copy.external_id, copy.requisition_id) == (None, None, None)
    assert client.get(f"/orgs/northwind/jobs/{job + 1}").status_code == 404


def test_a_copy_is_opened_in_the_list_that_one_was_in(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="W" * 200)
    here = {"HX-Current-URL": f"http://localhost/orgs/northwind/jobs/manage?q=w&job={job}"}
    answer = mara.post(f"/orgs/northwind/jobs/{job}/duplicate", headers=HTMX | here)
    assert answer.headers["HX-Push-Url"] == f"/orgs/northwind/jobs/manage?q=w&job={job + 1}"
    assert "WWW…" in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_job_is_published_and_hidden_again(
    mara: PortalClient, client: PortalClient, make_job: MakeJob, headers: dict[str, str]
) -> None:
    job = make_job(visibility="hidden")
    for way, status in (("publish", 200), ("hide", 404), ("publish", 200)):
        answer = mara.post(f"/orgs/northwind/jobs/{job}/{way}", headers=headers)
        assert answer.status_code == (200 if headers else 303)
        page = answer.text if headers else mara.get(answer.location).text
        assert "Undo" in page
        assert client.get(f"/orgs/northwind/jobs/{job}").status_code == status


@pytest.mark.parametrize("way", ["duplicate", "publish", "hide", "close", "reopen"])
def test_nobody_else_s_job_is_touched(
    otto: PortalClient, noor: PortalClient, make_job: MakeJob, way: str
) -> None:
    job = make_job()
    assert otto.post(f"/orgs/cafe-nord/jobs/{job}/{way}").status_code == 404
    assert noor.post(f"/orgs/northwind/jobs/{job}/{way}").status_code == 403


def test_a_job_without_a_link_to_apply_is_published_only_when_that_is_said_again(
    mara: PortalClient, client: PortalClient
) -> None:
    page = mara.get(mara.post(NEW, data={"title": "Welder"}).location).text
    assert "It is hidden for now: it has no link to apply." in page
    assert "nobody can apply online" in page
    assert 'name="apply_url"' in page
    assert client.get("/orgs/northwind/jobs/1").status_code == 404
    mara.post("/orgs/northwind/jobs/1/publish")
    assert "You cannot apply for this job online." in client.get("/orgs/northwind/jobs/1").text
    row = mara.get("/orgs/northwind/jobs/manage?status=attention").text
    assert ">No link to apply</button>" in row


def test_a_job_with_a_link_is_asked_nothing(mara: PortalClient, client: PortalClient) -> None:
    page = mara.get(mara.post(NEW, data={"title": "Welder", "apply_url": "müller.example/a b"}).location).text
    assert "nobody can apply online" not in page
    shown = client.get("/orgs/northwind/jobs/1").text
    assert 'href="https://xn--mller-kva.example/a%20b"' in shown
    assert "You cannot apply for this job online." not in shown
