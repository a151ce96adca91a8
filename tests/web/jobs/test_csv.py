"""The list as a CSV file, and a CSV file that changes it, as requests."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.db import db, session
from portal.models import Job, Organisation
from portal.web.requests import LARGEST_FILE
from portal.web.tables import exports
from tests.support.app import Cast, PortalClient

MakeJob = Callable[..., int]
EXPORT = "/orgs/northwind/jobs/manage.csv"
IMPORT = "/orgs/northwind/jobs/import"
MANAGE = "/orgs/northwind/jobs/manage"


def exported(client: PortalClient, query: str = "") -> list[list[str]]:
    answer = client.get(EXPORT + query)
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def upload(client: PortalClient, data: str | bytes, name: str = "jobs.csv") -> TestResponse:
    content = data if isinstance(data, bytes) else data.encode()
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = head + content + b"\r\n--x--\r\n"
    return client.post(IMPORT, data=body, content_type="multipart/form-data; boundary=x")


def preview(client: PortalClient, data: str | bytes) -> str:
    answer = upload(client, data)
    assert answer.status_code == 303
    return client.get(answer.location).text


def confirm(client: PortalClient, page: str, **also: str) -> TestResponse:
    fields = dict(re.findall(r'name="(confirm|seen|progress)" value="([^"]*)"', page))
    return client.post(IMPORT, data=fields | also)


def stored(app: Flask, job: int, column: str = "location") -> object:
    with app.app_context():
        return getattr(session().get(Job, job), column)


def test_members_export_the_list_as_it_stands(
    mara: PortalClient, noor: PortalClient, otto: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Welder", location="Porto", department="Sea", salary_min=4_500_000, salary_currency="EUR")
    make_job(title="Rigger", location="Faro", department="Sea", visibility="hidden")
    make_job(title="Diver", location="Faro", department="Air")
    noor.post("/orgs/northwind/jobs/manage/columns", data={"column": ["location", "salary", "state"]})
    rows = exported(noor, "?department=Sea&sort=title&page=7&per_page=25")
    assert rows[0] == ["Job ID", "Title", "Location", "Salary", "State", "Version"]
    assert [row[1:5] for row in rows[1:]] == [
        ["Rigger", "Faro", "", "Hidden"],
        ["Welder", "Porto", "from 45k EUR", "Open"],
    ]
    assert [row[1] for row in exported(noor, "?q=faro&sort=-title")[1:]] == ["Rigger", "Diver"]
    assert len(exported(mara, "?fields=all")[0]) == 20
    assert otto.get(EXPORT).status_code == 404


def test_an_export_bears_the_organisation_and_the_day_and_is_kept_nowhere(
    noor: PortalClient, make_job: MakeJob
) -> None:
    make_job()
    answer = noor.get(EXPORT)
    assert answer.mimetype == "text/csv"
    assert re.fullmatch(
        r'attachment; filename="northwind-jobs-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert noor.get(EXPORT, buffered=False).is_streamed
    assert noor.get(f"{EXPORT}?separator=semicolon").text.splitlines()[0].startswith("\ufeffJob ID;Title;")


def test_a_slow_download_holds_no_connection_to_the_database(
    app: Flask, noor: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_job(title=f"Job {number}")
    monkeypatch.setattr(exports, "BATCH", 1)
    answer = noor.get(f"{EXPORT}?sort=title", buffered=False)
    lines = iter(answer.response)
    assert [next(lines)[1:].count(b",") > 0 for _ in range(2)] == [True, True]
    with app.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # a pool of connections
    assert b"Job 1" in next(lines)
    answer.close()


def test_a_title_that_is_a_formula_is_none_in_the_export(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(title='=HYPERLINK("https://evil.example","Welder")', department="@SUM(A1)", location="-5")
    [row] = exported(mara)[1:]
    assert row[1:4] == ['\'=HYPERLINK("https://evil.example","Welder")', "'@SUM(A1)", "-5"]


@pytest.mark.parametrize("query", ["?fields=all", "?fields=all&separator=semicolon", "", "?separator=tab"])
def test_an_export_that_comes_back_at_once_changes_nothing(
    mara: PortalClient, make_job: MakeJob, query: str
) -> None:
    make_job(title="+1 Welder", summary='Two\nlines, "quoted"; and\ttab', tags=["a", "b"], location="=x")
    make_job(title="Diver", source="greenhouse", external_id=1, board_token="n", closes_on=None)
    page = preview(mara, mara.get(EXPORT + query).data)
    assert "Nothing would change: the file says what is here already." in page
    assert 'name="confirm"' not in page


def test_the_way_from_a_file_to_its_undo(app: Flask, mara: PortalClient, make_job: MakeJob) -> None:
    welder, diver = make_job(title="Welder", location="Porto"), make_job(title="Diver")
    assert 'enctype="multipart/form-data"' in mara.get(IMPORT).text
    page = preview(
        mara, f"Job ID,Location,Type,Notes\n{welder},Faro,nonsense,x\n{diver},Faro,Contract,\n9,x,,"
    )
    assert "<strong>3 values</strong> in 2 jobs would change" in page
    assert "<strong>2</strong> refused" in page
    assert "Not read: Notes." in page
    assert page.index("There is no job 9 here.") < page.index("Would change")
    assert "Choose one of: Full-time" in page
    assert re.search(r"<del[^>]*>.*Porto</del>.*?<ins[^>]*>.*Faro</ins>", page, re.DOTALL)
    assert stored(app, welder) == "Porto"
    done = confirm(mara, page)
    assert (done.status_code, done.location) == (303, MANAGE)
    shown = mara.get(MANAGE).text
    assert "Changed 3 values in 2 jobs." in shown
    assert stored(app, welder) == "Faro"
    [undo] = re.findall(r'action="(/orgs/northwind/edits/\d+/undo)"', shown)
    assert mara.post(undo).status_code == 303
    assert "Undone. 3 values restored." in mara.get(MANAGE).text
    assert (stored(app, welder), stored(app, diver, "employment_type")) == ("Porto", None)


def test_a_second_click_says_what_the_first_one_did(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(location="Porto")
    page = preview(mara, f"Job ID,Location\n{job},Faro")
    confirm(mara, page)
    mara.post(f"/orgs/northwind/jobs/{job}/fields/location", data={"value": "Braga", "version": "1"})
    mara.get(MANAGE)
    confirm(mara, page)
    assert "Changed 1 value in 1 job." in mara.get(MANAGE).text
    assert stored(app, job) == "Braga"


def test_what_somebody_changed_meanwhile_is_shown_with_their_name_and_overwritten_if_asked(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    job, other = make_job(location="Porto"), make_job(location="Porto")
    file = mara.get(EXPORT).text.replace("Porto", "Faro")
    mara.post(f"/orgs/northwind/jobs/{job}/fields/location", data={"value": "Braga", "version": "0"})
    page = preview(mara, file)
    assert "mara@example.com changed it since." in page
    confirm(mara, page)
    assert "Changed 1 value in 1 job. 1 was left: somebody changed it since." in mara.get(MANAGE).text
    assert (stored(app, job), stored(app, other)) == ("Braga", "Faro")
    page = preview(mara, file)
    again = confirm(mara, page, overwrite="1", seen="0")
    assert again.location.startswith(IMPORT)
    assert "Look at them again; nothing was changed yet." in mara.get(again.location).text
    confirm(mara, page, overwrite="1")
    assert stored(app, job) == "Faro"


def test_long_previews_are_paged(mara: PortalClient, make_job: MakeJob) -> None:
    ids = [make_job(location="Porto") for _ in range(3)]
    text = (
        "Job ID,Location\n"
        + "".join(f"{job},Faro\n" for job in ids)
        + "".join(f"x{n},\n" for n in range(120))
    )
    page = preview(mara, text)
    [following] = set(re.findall(r'rel="next" href="([^"]+)"', page))
    assert page.count("is no job ID") == 100
    last = mara.get(following.replace("&amp;", "&")).text
    assert last.count("is no job ID") == 20
    assert last.count("<ins") == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This file is empty."),
        (b"PK\x03\x04xxxx", "This is a workbook"),
        (b"\x00\x01\x02\xff" * 100, "This file is not text."),
        ("Title\nx", "No column is named “Job ID”"),
    ],
)
def test_what_is_no_csv_is_refused_in_a_plain_sentence(
    mara: PortalClient, data: str | bytes, words: str
) -> None:
    answer = upload(mara, data)
    assert answer.status_code == 422
    assert words in answer.text


def test_no_file_a_file_too_large_and_an_old_upload_are_said_plainly(mara: PortalClient) -> None:
    assert "Choose a CSV file first." in mara.post(IMPORT, data={}).text
    large = upload(mara, b"x" * (LARGEST_FILE + 2**17))
    assert large.status_code == 413
    assert "larger than 10 MB" in large.text
    for answer in (mara.get(f"{IMPORT}?upload=77"), mara.post(IMPORT, data={"confirm": "x"})):
        assert answer.status_code == 410
        assert "out of date" in answer.text


def test_a_file_of_several_megabytes_is_taken(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(location="Porto")
    text = f"Job ID,Location,Notes\n{job},Faro,{'x' * 3_000_000}"
    assert "<strong>1 value</strong> in 1 job would change" in preview(mara, text)


def test_only_who_uploaded_a_file_sees_it(
    app: Flask, cast: Cast, mara: PortalClient, otto: PortalClient, make_job: MakeJob
) -> None:
    address = upload(mara, f"Job ID,Location\n{make_job(location='Porto')},Faro").location
    assert otto.get(address.replace("northwind", "cafe-nord")).status_code == 410
    with app.app_context():
        assert session().get(Organisation, cast.cafe.id) is not None


def test_a_file_cannot_smuggle_markup_into_the_preview(mara: PortalClient, make_job: MakeJob) -> None:
    text = f"Job ID,Location,<b>x</b>\n{make_job()},<script>alert(1)</script>,\n<i>,,"
    page = upload(mara, text, "<u>.csv")
    shown = mara.get(page.location).text
    for markup in ("<script>alert", "<b>x", "<i>", "<u>.csv"):
        assert markup not in shown


def test_exporting_and_importing_stand_in_the_three_dots(mara: PortalClient, noor: PortalClient) -> None:
    for client, can_import in ((mara, True), (noor, False)):
        page = client.get(f"{MANAGE}?status=closed&sort=title").text
        assert f"{EXPORT}?status=closed&amp;sort=title" in page
        assert (f'href="{IMPORT}"' in page) is can_import
