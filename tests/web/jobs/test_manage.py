"""Manage jobs: which rows are listed, in which order, and what each says."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from portal.db import db
from portal.domain.jobs.fields import FIELDS
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.manage_html import MANAGE, titles
from tests.support.statements import statements_sent

MakeJob = Callable[..., int]
MERGED = "the two were put together"
GONE = "That job is not here any more."
FOR_PANEL = {**HTMX, "HX-Target": "panel"}
LONG = f"<p>{'word ' * 100}</p>"
YESTERDAY = date.today() - timedelta(days=2)


def cell_of(page: str, job_id: int, field: str) -> str:
    """The inner HTML of one cell."""
    row = page.split(f'<tr data-job-id="{job_id}"')[1]
    cells = re.split("<(?=t[rdh][ >])|</tbody>", row)
    says = {"title": "th scope=row>", "state": "td data-field=state>"}.get(field, f" name={field} ")
    return next(cell for cell in cells if says in cell)


def test_a_row_shows_each_of_its_values(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(
        title="Welder",
        department="Yard",
        location="Esbjerg",
        workplace_type="onsite",
        employment_type="full_time",
        salary_min=2550,
        salary_max=2550,
        salary_currency="EUR",
        salary_period="hour",
    )
    page = mara.get(MANAGE).text
    for field, text in (
        ("title", "Welder"),
        ("department", "Yard"),
        ("location", "Esbjerg"),
        ("workplace_type", "On site"),
        ("employment_type", "Full-time"),
        ("salary", "€25.50 / hour"),
    ):
        assert text in cell_of(page, job, field)


def test_a_row_has_a_heading_and_its_buttons_say_which_field_of_which_job(
    mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title="QA Analyst", location="Porto")
    page = mara.get(MANAGE).text
    assert "<th scope=row><a class=title" in page
    assert f"name=title value={job}" in cell_of(page, job, "title")
    for field, text in (("employment_type", "Add type"), ("location", "Porto")):
        assert re.search(f"<button[^>]* name={field} value={job}>{text}</button>", cell_of(page, job, field))
        assert f"<th scope=col class=c-{field}>" in page
    opened = mara.get(f"/orgs/northwind/jobs/edit?location={job}&return={MANAGE}%3Fq=QA")
    assert opened.location.startswith(f"/orgs/northwind/jobs/{job}/fields/location?return=")
    assert f'href="{MANAGE}?q=QA"' in mara.get(opened.location).text
    for nonsense in ("", "?location=x", f"?nothing={job}", f"?password_hash={job}"):
        assert mara.get(f"/orgs/northwind/jobs/edit{nonsense}").location == MANAGE


def test_an_imported_row_says_where_it_is_from_and_offers_no_editor_of_its_title(
    mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(source="greenhouse", board_token="n", external_id=1, requisition_id="R-1")
    title = cell_of(mara.get(MANAGE).text, job, "title")
    assert "<i class=lock>R-1</i>" in title
    assert "<button" not in title


def test_a_value_that_greenhouse_sees_otherwise_is_hinted_at(mara: PortalClient, make_job: MakeJob) -> None:
    said = {"location": "Berlin", "workplace_type": "remote", "department": "Yard"}
    job = make_job(
        source="greenhouse",
        board_token="n",
        external_id=1,
        location="Porto",
        workplace_type="remote",
        source_values=said,
    )
    page = mara.get(MANAGE).text
    assert "Greenhouse: Berlin" in cell_of(page, job, "location")
    assert "Greenhouse:" not in cell_of(page, job, "workplace_type")
    assert "Greenhouse: Yard" in cell_of(page, job, "department")


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "Open"),
        ({"visibility": "hidden"}, "Hidden"),
        ({"listed": False}, "Closed"),
        ({"listed": False, "source": "greenhouse"}, "Closed"),
        ({"closes_on": YESTERDAY}, "Closed"),
    ],
)
def test_a_row_says_where_its_job_stands(
    mara: PortalClient, make_job: MakeJob, columns: dict[str, object], state: str
) -> None:
    make_job(**columns)
    row = mara.get(MANAGE).text.split("<tbody>")[1]
    assert f">{state}</i>" in row.split("data-field=state")[1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=open", {"Open here", "Open there"}),
        ("?status=hidden", {"Hidden"}),
        ("?status=closed", {"Closed", "Passed"}),
        ("?status=attention", {"Open here", "Passed"}),
        ("?status=held", set()),
        ("?status=nonsense", {"Open here", "Open there", "Hidden", "Closed", "Passed"}),
        ("?location=Lisbon", {"Open there"}),
        ("?department=Data&location=Lisbon", {"Open there"}),
        ("?department=Data&location=Porto", set()),
        ("?source=greenhouse", {"Passed"}),
        ("?workplace_type=remote", {"Hidden"}),
        ("?employment_type=full_time", {"Open there"}),
        ("?q=open", {"Open here", "Open there"}),
        ("?q=OPEN+lisb", {"Open there"}),
        ("?q=R-77", {"Closed"}),
        ("?q=%C3%9CBER", {"Hidden"}),
        ("?q=uberblick", {"Hidden"}),
        ("?q=lisb+there", {"Open there"}),
        ("?q=N%C3%84CHTE", {"Open there"}),
        ("?location=porto", {"Passed"}),
        ("?location=Faro%2C+Portugal", {"Passed"}),
        ("?location=Porto%3B+Faro%2C+Portugal", {"Passed"}),
        ("?location=Por", set()),
        ("?q=%25", set()),
        ("?q=%00%0A", {"Open here", "Open there", "Hidden", "Closed", "Passed"}),
    ],
)
def test_a_list_holds_what_the_address_asks_for(
    mara: PortalClient, make_job: MakeJob, query: str, expected: set[str]
) -> None:
    make_job(title="Open here")
    there = {"location": "Lisbon", "department": "Data", "employment_type": "full_time"}
    make_job(title="Open there", description_html=LONG, tags=["Nächte"], **there)
    make_job(title="Hidden", visibility="hidden", workplace_type="remote", department="Überblick")
    make_job(title="Closed", listed=False, requisition_id="R-77")
    passed = {"closes_on": YESTERDAY, "source": "greenhouse", "location": "Porto; Faro, Portugal"}
    make_job(title="Passed", **passed)
    assert set(titles(mara, query)) == expected


def test_the_views_count_what_the_search_finds(mara: PortalClient, make_job: MakeJob) -> None:
    for title, visibility in (("Welder", "shown"), ("Welder", "hidden"), ("Cook", "shown")):
        make_job(title=title, visibility=visibility)
    views = mara.get(f"{MANAGE}?q=welder&status=hidden").text.split('id="views"')[1].split("</nav>")[0]
    assert re.findall(r">([\w ]+)<b>(\d+)</b>", views) == [
        ("All", "2"),
        ("Open", "1"),
        ("Incomplete", "1"),
        ("Hidden", "1"),
        ("Closed", "0"),
    ]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["alder", "Birch", "Cedar"]),
        ("-title", ["Cedar", "Birch", "alder"]),
        ("location", ["Cedar", "alder", "Birch"]),
        ("-location", ["alder", "Cedar", "Birch"]),
        ("salary", ["Cedar", "alder", "Birch"]),
        ("changed_at", ["alder", "Birch", "Cedar"]),
        ("", ["Cedar", "Birch", "alder"]),
        ("password_hash", ["Cedar", "Birch", "alder"]),
    ],
)
def test_a_list_is_sorted_with_empty_values_last(
    mara: PortalClient, make_job: MakeJob, sort: str, expected: list[str]
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hourly = {"salary_min": 5000, "salary_currency": "EUR", "salary_period": "hour"}
    yearly = {"salary_min": 5_000_000, "salary_currency": "EUR", "salary_period": "year"}
    make_job(title="alder", location="Porto", changed_at=start, **hourly)
    make_job(title="Birch", changed_at=start + timedelta(days=1))
    make_job(title="Cedar", location="Lisbon", changed_at=start + timedelta(days=2), **yearly)
    assert titles(mara, f"?sort={sort}") == expected


def test_pages_lead_to_each_other_and_keep_the_search(mara: PortalClient, make_job: MakeJob) -> None:
    for number in range(27):
        make_job(title=f"Welder {number:02}")
    seen, address = [], "?q=welder&sort=title"
    while address:
        page = mara.get(f"{MANAGE}{address}").text
        seen += titles(mara, address)
        found = re.search(r'rel="next"[^>]*href="[^"?]*([^"]*)"', page.split('aria-label="Pages"')[1])
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"Welder {number:02}" for number in range(27)]


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 30, "%00", "1.5"])
def test_a_page_that_does_not_exist_shows_one_that_does(
    mara: PortalClient, make_job: MakeJob, page: str
) -> None:
    make_job()
    assert titles(mara, f"?page={page}&per_page=7") == ["Welder"]


def test_a_page_holds_as_many_rows_as_asked_for(mara: PortalClient, make_job: MakeJob) -> None:
    for _ in range(51):
        make_job()
    assert [len(titles(mara, f"?per_page={size}")) for size in ("25", "50", "999", "7")] == [25, 50, 51, 7]
    assert len(titles(mara, "?per_page=0")) == len(titles(mara, "?per_page=x")) == 50
    assert re.search(r"rel=\"next\"[^>]*per_page=7", mara.get(f"{MANAGE}?per_page=7").text)


def test_the_number_of_statements_does_not_depend_on_the_number_of_jobs(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(source="greenhouse", source_values={"location": "Berlin"})
    few = statements(app, mara)
    for number in range(30):
        make_job(source="greenhouse", source_values={"location": "Berlin"}, location=f"Town {number}")
    assert statements(app, mara) == few
    assert few <= 14


def test_what_did_not_change_since_it_was_shown_is_neither_read_nor_counted_again(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    make_job()
    first = statements(app, mara, "")
    assert statements(app, mara, "") == first - 4  # views, whether salaries show, counts, rows
    make_job(title="Rigger")
    assert statements(app, mara, "") == first
    assert titles(mara) == ["Rigger", "Welder"]


def test_what_each_filter_leaves_is_counted_at_once_and_only_where_nothing_matches(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Welder", department="Yard")
    found = statements(app, mara, "?q=welder&department=Yard&location=&status=open")
    one = statements(app, mara, "?q=nobody")
    assert statements(app, mara, "?q=nobody&department=Yard&location=Porto&status=hidden&source=own") == one
    assert one <= found + 1


def statements(app: Flask, client: PortalClient, query: str = "?q=e&status=open&per_page=100") -> int:
    """How many statements one view of the list takes."""
    with app.app_context():
        engine = db.engine
    with statements_sent(engine) as sent:
        client.get(f"{MANAGE}{query}")
    return len(sent)


def test_what_everybody_is_sent_holds_nothing_of_one_reader(
    app: Flask, mara: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    make_job()
    rows = [client.get(MANAGE).text.split("<tbody>")[1].split("</tbody>")[0] for client in (mara, noor)]
    assert rows[0] == rows[1]
    assert "csrf" not in rows[0]
    assert "<form" not in rows[0]


def test_a_member_is_shown_no_way_to_edit(noor: PortalClient, make_job: MakeJob) -> None:
    make_job()
    page = noor.get(MANAGE).text
    assert "<fieldset disabled>" in page
    assert "Add a job" not in page


def test_an_empty_organisation_is_told_what_to_do(mara: PortalClient, noor: PortalClient) -> None:
    page = mara.get(MANAGE).text
    assert "This is where your jobs will be" in page
    assert "Connect Greenhouse</a>" in page
    assert "An admin of Northwind Labs can connect" in noor.get(MANAGE).text


def test_where_nothing_matches_each_filter_can_be_dropped_alone(
    mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(location="Lisbon", visibility="hidden", title="Astronaut")
    make_job(location="Lisbon", visibility="hidden", title="Cosmonaut")
    make_job(location="Porto", title="Astronaut")
    page = mara.get(f"{MANAGE}?q=astronaut&status=hidden&location=Porto&sort=title").text
    assert "No job matches" in page
    assert "look at all 3 jobs" in page
    offered = page.split("drop-one")[1].split("</ul>")[0]
    dropping = re.findall(
        r'href="([^"]*)">.*?Remove filter</span> (.*?) <span.*?leaves</span> (.*?)</a>', offered, re.DOTALL
    )
    assert [(words, left) for _, words, left in dropping] == [
        ("“astronaut”", "0 jobs"),
        ("hidden", "1 job"),
        ("location Porto", "1 job"),
    ]
    assert [unescape(address).partition("?")[2] for address, *_ in dropping] == [
        "status=hidden&location=Porto&sort=title",
        "q=astronaut&location=Porto&sort=title",
        "q=astronaut&status=hidden&sort=title",
    ]


def clear_link(page: str) -> list[str]:
    found = re.findall(r'<a[^>]*href="([^"]*)"[^>]*>Clear filters</a>', page)
    return [unescape(address) for address in found]


def test_search_and_filters_are_cleared_at_once_and_view_order_and_size_stay(
    mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Welder", location="Porto")
    shape = "status=open&sort=title&per_page=25"
    for narrow in ("q=welder", "location=Porto", "q=welder&location=Porto&source=own", "q=nobody"):
        page = mara.get(f"{MANAGE}?{narrow}&{shape}&page=1").text
        assert set(clear_link(page)) == {f"{MANAGE}?{shape}"}, narrow
    assert len(clear_link(mara.get(f"{MANAGE}?q=nobody").text)) == 2, (
        "beside the finder, and in the empty list"
    )
    assert clear_link(mara.get(f"{MANAGE}?{shape}").text) == []
    assert clear_link(mara.get(f"{MANAGE}?status=hidden").text) == []


def test_the_panel_shows_a_job_whole_and_alone(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="Welder", description_html="<p>Weld <strong>masts</strong>.</p>", seniority="Senior")
    whole = mara.get(f"{MANAGE}?job={job}").text
    piece = mara.get(f"{MANAGE}?job={job}", headers={**HTMX, "HX-Target": "panel"}).text
    for page in (whole, piece):
        assert "<p>Weld <strong>masts</strong>.</p>" in page
        assert "Senior" in page
        assert "Close this job" in page
    assert "<table" not in piece


@pytest.mark.parametrize("job", ["0", "x", "999999", "9" * 25, "-1", "%00", "٣"])
def test_a_job_that_is_not_there_leaves_the_list_and_a_panel_that_says_so(
    mara: PortalClient, make_job: MakeJob, job: str
) -> None:
    make_job(title="Welder")
    page = mara.get(f"{MANAGE}?job={job}")
    assert page.status_code == 200
    assert GONE in page.text.partition('class="panel"')[2]
    assert titles(mara, f"?job={job}") == ["Welder"]
    assert GONE not in mara.get(f"{MANAGE}?job=").text


def test_the_panel_alone_of_a_job_that_is_not_there_is_not_found(mara: PortalClient) -> None:
    answer = mara.get(f"{MANAGE}?job=999999", headers=FOR_PANEL)
    assert answer.status_code == 404
    assert GONE in answer.text


def test_another_organisations_job_is_none_that_is_there(
    mara: PortalClient, otto: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    job = make_job(organisation_id=cast.cafe.id, title="Barista")
    page = mara.get(f"{MANAGE}?job={job}").text
    assert GONE in page
    assert "Barista" not in page
    assert mara.get(f"{MANAGE}?job={job}", headers=FOR_PANEL).status_code == 404
    assert otto.get(f"{MANAGE}?job={job}").status_code == 404


def test_a_job_that_was_paired_into_another_leads_to_that_one(mara: PortalClient, make_job: MakeJob) -> None:
    heir = make_job(title="Rigger")
    between = make_job(title="Between", merged_into_id=heir)
    job = make_job(title="Welder", merged_into_id=between)
    for page in (mara.get(f"{MANAGE}?q=rig&job={job}"), mara.get(f"{MANAGE}?job={job}", headers=FOR_PANEL)):
        assert page.status_code == 200
        assert f'data-job="{heir}"' in page.text
        assert MERGED in page.text
    assert MERGED not in mara.get(f"{MANAGE}?job={heir}").text
    piece = mara.get(f"{MANAGE}?q=rig&job={job}", headers=FOR_PANEL)
    assert piece.status_code == 200
    assert f'data-job="{heir}"' in piece.text
    assert piece.headers["HX-Push-Url"] == f"{MANAGE}?q=rig&job={heir}"


def test_the_panel_leads_to_the_jobs_before_and_after_in_the_lists_own_order(
    mara: PortalClient, make_job: MakeJob
) -> None:
    jobs = [make_job(title=f"Welder {number:02}", department="Yard") for number in range(27)]
    make_job(title="Cook", department="Galley")

    def around(job: int, query: str) -> list[str | None]:
        """Where the job stands, and the jobs before and after it with their pages."""
        page = mara.get(f"{MANAGE}?{query}&sort=title&per_page=25&department=Yard&job={job}").text
        links = [
            re.search(f'<a class="tool" rel="{way}"[^>]*?(?: href="([^"]+)"|>)', page)
            for way in ("prev", "next")
        ]
        said = [parse_qs(urlsplit(unescape(link[1])).query) if link and link[1] else {} for link in links]
        ways = [f"{each['job'][0]} {each.get('page', ['1'])[0]}" if each else None for each in said]
        return [re.search(r"data-place>([^<]*)<", page)[1], *ways]  # type: ignore[index]

    assert around(jobs[0], "page=1") == ["1 of 27", None, f"{jobs[1]} 1"]
    assert around(jobs[24], "page=1") == ["25 of 27", f"{jobs[23]} 1", f"{jobs[25]} 2"]
    assert around(jobs[25], "page=2") == ["26 of 27", f"{jobs[24]} 1", f"{jobs[26]} 2"]
    assert around(jobs[26], "page=2") == ["27 of 27", f"{jobs[25]} 2", None]
    assert around(jobs[26], "page=1") == ["", None, None]


def test_the_panel_groups_every_field_under_a_heading(mara: PortalClient, make_job: MakeJob) -> None:
    for source, known in (("own", {*FIELDS, "title", "apply_url", "description"}), ("greenhouse", {*FIELDS})):
        job = make_job(title="Welder", source=source, requisition_id="YA-1")
        panel = mara.get(f"{MANAGE}?job={job}", headers=FOR_PANEL).text
        assert set(re.findall(r'<dd data-field="(\w+)"|<div data-field="(description)"', panel)) == {
            ("", name) if name == "description" else (name, "") for name in known
        }
        headings = [heading.strip() for heading in re.findall(r"<h4>([^<]+)", panel)]
        origin = "From Greenhouse" if source == "greenhouse" else "Added here"
        assert headings == ["Basics", "Pay", "Publishing", "Summary", origin, "Description"]
        assert "YA-1" in panel.partition(origin)[2]


def test_the_panels_page_bears_the_jobs_title(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="R&D welder")
    title = "<title>R&amp;D welder · Manage jobs · Northwind Labs ·"
    assert title in mara.get(f"{MANAGE}?job={job}").text
    assert "<title>Manage jobs · Northwind Labs ·" in mara.get(MANAGE).text
