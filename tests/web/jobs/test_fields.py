"""One field of a job: its editor, saving it, and every way in which saving it is refused."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.actions.jobs.edit import edit_field
from portal.db import session, write
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.models import Edit, Job, User
from tests.support.app import HTMX, Cast, PortalClient

MakeJob = Callable[..., int]


def address(job: int, field: str) -> str:
    return f"/orgs/northwind/jobs/{job}/fields/{field}"


def stored(app: Flask, job: int, column: str) -> object:
    with app.app_context():
        return getattr(session().get(Job, job), column)


def edits(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(Edit)) or 0


def imported(make_job: MakeJob) -> int:
    return make_job(source="greenhouse", board_token="n", external_id=1, title="Welder")


@pytest.mark.parametrize(
    ("field", "typed", "column", "kept"),
    [
        ("location", "  Lisbon   or Porto ", "location", "Lisbon or Porto"),
        ("location", "", "location", None),
        ("workplace_type", "remote", "workplace_type", "remote"),
        ("employment_type", "part_time", "employment_type", "part_time"),
        ("department", "Data", "department", "Data"),
        ("seniority", "Senior", "seniority", "Senior"),
        ("salary", "25.50 EUR per hour", "salary_min", 2550),
        ("salary_visible", "false", "salary_visible", False),
        ("hiring_manager", "Ada", "hiring_manager", "Ada"),
        ("summary", "One\r\nTwo", "summary", "One\nTwo"),
        ("tags", "sea, wind, Sea", "tags", ["sea", "wind"]),
        ("featured", "true", "featured", True),
        ("visibility", "hidden", "visibility", "hidden"),
        ("closes_on", "2031-02-03", "closes_on", date(2031, 2, 3)),
        ("title", "Rigger", "title", "Rigger"),
        ("apply_url", "https://example.com/apply", "apply_url", "https://example.com/apply"),
        ("description", "One *and* two", "description_html", "<p>One <em>and</em> two</p>"),
    ],
)
def test_each_field_is_edited_with_and_without_htmx(
    app: Flask, mara: PortalClient, make_job: MakeJob, field: str, typed: str, column: str, kept: object
) -> None:
    for headers in ({}, HTMX):
        job = make_job(location="Aarhus")
        editor = mara.get(address(job, field), headers=headers)
        version = re.search(r'name="version" value="(\d+)"', editor.text)
        assert editor.status_code == 200
        assert version is not None
        answer = mara.post(address(job, field), data={"value": typed, "version": version[1]}, headers=headers)
        assert answer.status_code == (200 if headers else 303)
        assert stored(app, job, column) == kept


def test_every_field_of_the_registry_has_an_editor(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job()
    for field in (*FIELDS, *OWN_FIELDS):
        page = mara.get(address(job, field), headers=HTMX).text
        assert 'name="value"' in page
        assert 'name="csrf_token"' in page


def test_the_saved_cell_is_the_one_that_the_list_shows(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job()
    saved = mara.post(address(job, "location"), data={"value": "Porto", "version": 0}, headers=HTMX)
    cell = saved.text.split("<div hx-swap-oob")[0].strip()
    assert ">Porto</button>" in cell
    assert cell in mara.get("/orgs/northwind/jobs/manage").text
    assert "Porto" in saved.headers["HX-Trigger"]


def test_a_switch_that_is_sent_twice_counts_as_it_was_sent_last(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    mara.post(address(job, "featured"), data={"value": ["false", "true"], "version": 0})
    assert stored(app, job, "featured") is True


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("salary", "90k", "currency"),
        ("closes_on", "tomorrow", "year-month-day"),
        ("workplace_type", "moon", "Choose one of"),
        ("location", "x" * 301, "at most 300"),
        ("location", "a\x00b", "cannot be shown"),
        ("visibility", "", "cannot be empty"),
        ("title", "  ", "cannot be empty"),
        ("apply_url", "javascript:alert(1)", "https://"),
    ],
)
def test_a_bad_value_is_answered_at_the_cell_with_what_was_typed(
    app: Flask, mara: PortalClient, make_job: MakeJob, field: str, typed: str, sentence: str
) -> None:
    job = make_job()
    for headers in ({}, HTMX):
        answer = mara.post(address(job, field), data={"value": typed, "version": 0}, headers=headers)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert sentence in answer.text
        if typed.isprintable() and field not in ("workplace_type", "visibility"):  # which offer choices alone
            assert f'value="{typed}"' in answer.text
    assert edits(app) == 0


@pytest.mark.parametrize("version", [None, "", "x", "-1", "1.5", "٣", "9" * 40])
def test_a_version_that_makes_no_sense_saves_nothing(
    app: Flask, mara: PortalClient, make_job: MakeJob, version: str | None
) -> None:
    job = make_job(location="Porto")
    data = {"value": "Lisbon"} if version is None else {"value": "Lisbon", "version": version}
    answer = mara.post(address(job, "location"), data=data, headers=HTMX)
    assert answer.status_code == 422
    assert "Lisbon" in answer.text
    assert stored(app, job, "location") == "Porto"


def test_a_request_without_a_value_empties_nothing(app: Flask, mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(location="Porto")
    assert mara.post(address(job, "location"), data={"version": 0}).status_code == 422
    assert stored(app, job, "location") == "Porto"


@pytest.mark.parametrize("version", ["5", "9999999999"])
def test_a_version_from_the_future_conflicts(
    app: Flask, mara: PortalClient, make_job: MakeJob, version: str
) -> None:
    job = make_job(location="Porto")
    answer = mara.post(address(job, "location"), data={"value": "Lisbon", "version": version}, headers=HTMX)
    assert answer.status_code == 409
    assert stored(app, job, "location") == "Porto"


def test_of_two_edits_from_one_version_the_second_is_shown_both(
    app: Flask, mara: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    with app.app_context(), write() as writing:
        writing.get_one(User, cast.noor.id).name = "Noor"
    job = make_job(location="Porto")
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Berlin", 0, cast.noor.id)
    for headers in ({}, HTMX):
        second = mara.post(address(job, "location"), data={"value": "Lisbon", "version": 0}, headers=headers)
        assert second.status_code == 409
        assert "Noor saved “Berlin” while you were editing." in second.text
        assert 'value="Lisbon"' in second.text
        assert 'name="version" value="1"' in second.text
    assert stored(app, job, "location") == "Berlin"
    again = mara.post(address(job, "location"), data={"value": "Lisbon", "version": 1}, headers=HTMX)
    assert again.status_code == 200
    assert stored(app, job, "location") == "Lisbon"


def test_an_edit_of_ones_own_in_another_tab_is_not_called_somebody_elses(
    mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(location="Porto")
    mara.post(address(job, "location"), data={"value": "Berlin", "version": 0})
    second = mara.post(address(job, "location"), data={"value": "Lisbon", "version": 0}, headers=HTMX)
    assert second.status_code == 409
    assert "You, in another tab, saved “Berlin” while you were editing." in second.text


@pytest.mark.parametrize("field", ["description", "summary"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_of_two_long_texts_the_second_is_shown_the_other_in_full_beside_theirs(
    mara: PortalClient, make_job: MakeJob, field: str, headers: dict[str, str]
) -> None:
    job = make_job()
    shared = " ".join(f"word{number}" for number in range(40))
    mara.post(address(job, field), data={"value": f"Come aboard {shared} <soon>", "version": 0})
    mine = {"value": f"Come over {shared} <soon>", "version": 0}
    answer = mara.post(address(job, field), data=mine, headers=headers)
    assert answer.status_code == 409
    assert "saved another text while you were editing" in answer.text
    scrolled = answer.text.split('<div class="preview" role="region"')[1].split("</div>")[0]
    plain = re.sub(r"<span[^>]*>[^<]*</span>", "", scrolled.partition(">")[2])
    assert plain.split() == f"Come <del>aboard</del> <ins>over</ins> {shared} &lt;soon&gt;".split()


def test_an_unchanged_value_counts_no_edit(app: Flask, mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(location="Porto")
    answer = mara.post(address(job, "location"), data={"value": "Porto", "version": 0}, headers=HTMX)
    assert answer.status_code == 200
    assert edits(app) == 0


@pytest.mark.parametrize("field", ["title", "description", "description_html", "apply_url"])
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_greenhouses_is_not_edited_by_any_request(
    app: Flask, mara: PortalClient, make_job: MakeJob, field: str, htmx: bool
) -> None:
    job = imported(make_job)
    link = stored(app, job, "apply_url")
    headers = HTMX if htmx else {}
    for answer in (
        mara.get(address(job, field), headers=headers),
        mara.post(address(job, field), data={"value": "Mine", "version": 0}, headers=headers),
        mara.post(address(job, field), headers=headers),
    ):
        assert answer.status_code == 403
        assert "edit it in Greenhouse" in answer.text
    assert edits(app) == 0
    assert stored(app, job, "title") == "Welder"
    assert (stored(app, job, "description_html"), stored(app, job, "apply_url")) == ("", link)


def test_an_own_description_may_be_asked_for_by_the_name_of_its_column(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    mara.post(address(job, "description"), data={"value": "You *weld*.", "version": 0})
    page = mara.get(address(job, "description_html"), headers=HTMX).text
    assert 'name="version" value="1"' in page
    mara.post(address(job, "description_html"), data={"value": "You **weld**.", "version": 1})
    assert stored(app, job, "description_html") == "<p>You <strong>weld</strong>.</p>"
    assert mara.get(address(job, "description_html") + "/history").text.count('class="said"') == 2


@pytest.mark.parametrize(
    "field", ["id", "source", "salary_min", "password_hash", "listed", "Location", "%00"]
)
def test_what_is_no_field_is_not_found(app: Flask, mara: PortalClient, make_job: MakeJob, field: str) -> None:
    job = make_job()
    assert mara.get(address(job, field)).status_code == 404
    assert mara.post(address(job, field), data={"value": "x", "version": 0}).status_code == 404
    assert edits(app) == 0


def test_another_organisations_job_is_not_found(
    app: Flask, mara: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    job = make_job(organisation_id=cast.cafe.id)
    assert mara.get(address(job, "location")).status_code == 404
    assert mara.post(address(job, "location"), data={"value": "x", "version": 0}).status_code == 404
    assert stored(app, job, "location") is None


def test_a_member_changes_nothing(app: Flask, noor: PortalClient, make_job: MakeJob) -> None:
    job = make_job(location="Porto")
    assert noor.get(address(job, "location"), headers=HTMX).status_code == 403
    answer = noor.post(address(job, "location"), data={"value": "x", "version": 0}, headers=HTMX)
    assert answer.status_code == 403
    assert stored(app, job, "location") == "Porto"


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/orgs/northwind/jobs/manage?page=2", "/orgs/northwind/jobs/manage?page=2"),
        ("//evil.example", "/orgs/northwind/jobs/manage"),
        ("https://evil.example", "/orgs/northwind/jobs/manage"),
    ],
)
def test_saving_leads_back_to_where_one_came_from_on_this_site(
    mara: PortalClient, make_job: MakeJob, back: str, leads_to: str
) -> None:
    data = {"value": "Porto", "version": 0, "return": back}
    answer = mara.post(address(make_job(), "location"), data=data)
    assert answer.status_code == 303
    assert answer.location == leads_to


def test_text_is_shown_as_text(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="<script>alert(1)</script>")
    hostile = "<img src=x onerror=alert(1)>"
    saved = mara.post(address(job, "location"), data={"value": hostile, "version": 0}, headers=HTMX)
    for page in (saved.text, mara.get(f"/orgs/northwind/jobs/manage?job={job}").text):
        assert "<img" not in page
        assert "&lt;img" in page
        assert "<script>alert" not in page
