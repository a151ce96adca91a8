"""Several values in one filter of Manage jobs, and the list in groups: addresses, words, pages, files."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.app import HTMX, PortalClient
from tests.support.manage_html import MANAGE, titles

MakeJob = Callable[..., int]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is stored is tried on both databases in tests/store."""
    return sqlite_url


@pytest.fixture
def jobs(make_job: MakeJob) -> dict[str, int]:
    """Jobs of three departments and of none, by title."""
    departments = {"Cook": "Galley", "Rigger": "Yard", "Sailor": None, "Welder": "yard", "Zoologist": "Zoo"}
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return {
        title: make_job(title=title, department=department, changed_at=now + timedelta(hours=number))
        for number, (title, department) in enumerate(departments.items())
    }


def buttons(page: str) -> dict[str, str]:
    """What the button of each filter says, if anything is chosen."""
    said = re.findall(r"popovertarget=filter-\w+><span>(\w+)</span><b[^>]*>([^<]*)</b>", page)
    return {label: unescape(chosen) for label, chosen in said if chosen}


def headings(page: str) -> list[str]:
    """The headings of groups and the titles under them, from top to bottom."""
    heading = r"<tr class=group .*?<bdi>([^<]*)</bdi></span> <b class=num>([^<]*)<.*?</b>( <i>continued</i>)?"
    found = re.findall(rf"{heading}|<a class=title[^>]*>([^<]+)</a>", page)
    return [title or f"{name}: {count}{' …' * bool(more)}" for name, count, more, title in found]


@pytest.mark.parametrize(
    ("query", "found", "said"),
    [
        ("department=Yard", "Rigger Welder", {"Department": "Yard"}),
        ("department=YARD&department=galley", "Cook Rigger Welder", {"Department": "2"}),
        ("department=yard&department=Yard&department=", "Rigger Welder", {"Department": "yard"}),
        ("without=department", "Sailor", {"Department": "none"}),
        ("without=department&department=Zoo", "Sailor Zoologist", {"Department": "2"}),
        ("department=&location=&q=", "Cook Rigger Sailor Welder Zoologist", {}),
        ("without=source&without=title&without=", "Cook Rigger Sailor Welder Zoologist", {}),
        ("department=without", "", {"Department": "without"}),
        ("without=department&source=greenhouse", "", {"Department": "none", "Source": "Greenhouse"}),
    ],
)
def test_jobs_need_one_value_of_each_filter(
    mara: PortalClient, jobs: dict[str, int], query: str, found: str, said: dict[str, str]
) -> None:
    page = mara.get(f"{MANAGE}?{query}&sort=title").text
    assert titles(mara, f"?{query}&sort=title") == found.split()
    assert buttons(page) == said
    assert page.count(' aria-label="Clear ') == 5


def test_a_department_called_like_no_department_is_one_of_its_own(
    mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Welder", department="No department")
    make_job(title="Rigger")
    assert titles(mara, "?department=No+department") == ["Welder"]
    assert titles(mara, "?without=department") == ["Rigger"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("department=Zoo&department=Yard&q=nobody", "department Yard or Zoo"),
        ("department=Zoo&department=Yard&without=department&q=nobody", "department Yard, Zoo or none"),
        ("without=department&q=nobody", "no department"),
        ("employment_type=full_time&employment_type=contract", "type Contract or Full-time"),
        (
            "&".join(f"department=D{number}" for number in range(1, 9)),
            "department D1, D2, D3, D4 or 4 others",
        ),
    ],
)
def test_an_empty_list_names_every_value_and_offers_to_drop_the_filter(
    mara: PortalClient, jobs: dict[str, int], query: str, words: str
) -> None:
    page = mara.get(f"{MANAGE}?{query}").text
    offered = page.split("drop-one")[1].split("</ul>")[0]
    found = re.findall(r'href="([^"]*)">.*?Remove filter</span> (.*?) <span', offered, re.DOTALL)
    address = next(unescape(address) for address, said in found if said == words)
    assert not {"department", "without", "employment_type"} & {name for name, _ in said_in(address)}


def said_in(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def test_values_beyond_the_most_are_left_out_however_many_come(
    mara: PortalClient, jobs: dict[str, int]
) -> None:
    many = [("department", f"D{number}") for number in range(300)] + [("without", "department")]
    answer = mara.get(f"{MANAGE}?{urlencode(many)}")
    assert answer.status_code == 200
    assert buttons(answer.text) == {"Department": "50"}
    assert titles(mara, f"?{urlencode(many)}") == ["Sailor"]
    thousands = [("department", "x" * 500)] * 3_000 + [("location", "\x00\u200b")] * 3_000
    for path in (MANAGE, f"{MANAGE}/choices/location", f"{MANAGE}.csv"):
        assert mara.get(f"{path}?{urlencode(thousands)}").status_code == 200


def test_a_view_of_more_filters_than_can_be_kept_is_refused_in_words(mara: PortalClient) -> None:
    query = urlencode([("department", f"{number}{'x' * 90}") for number in range(50)])
    page = mara.post(f"{MANAGE}/views", data={"name": "Long", "query": query}, follow_redirects=True).text
    assert "Clear some filters first" in page
    assert 'class="kept"' not in page


def test_a_saved_view_keeps_every_value_and_the_groups(mara: PortalClient, jobs: dict[str, int]) -> None:
    query = "?department=Zoo&department=Yard&without=department&group=department&sort=-title&group=nonsense"
    answer = mara.post(f"{MANAGE}/views", data={"name": "Mine", "query": query})
    kept = "department=Yard&department=Zoo&without=department&group=department&sort=-title"
    assert answer.location == f"{MANAGE}?{kept}&view=1"
    other = "department=Zoo&sort=-title&group=department&without=department&department=Yard"
    assert f'href="{MANAGE}?{kept}&view=1"'.replace("&", "&amp;") in mara.get(f"{MANAGE}?{other}").text
    page = mara.get(f"{MANAGE}?{kept}").text
    assert 'aria-current="true">' in page.split('id="views"')[1].split("</nav>")[0]
    assert [line for line in headings(page) if ":" in line] == ["Yard: 2", "Zoo: 1", "No department: 1"]


def test_a_bulk_edit_of_all_means_every_value(mara: PortalClient, jobs: dict[str, int]) -> None:
    page = mara.get(f"{MANAGE}?department=Zoo&department=Galley&without=department&per_page=25").text
    form = page.split('id="bulk"')[1].split("</form>")[0]
    said = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    data = [pair for pair in said if pair[0] not in ("csrf_token", "return")]
    assert data == [("department", "Galley"), ("department", "Zoo"), ("without", "department")]
    asked = mara.post(
        f"{MANAGE.removesuffix('/manage')}/bulk/confirm",
        data=grouped([*data, ("all", "1"), ("change", "set visibility hidden")]),
        headers=HTMX,
    )
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.text)
    assert set(data) <= set(kept)
    answer = mara.post(f"{MANAGE.removesuffix('/manage')}/bulk", data=grouped(kept), headers=HTMX)
    assert "3 jobs are hidden" in answer.text
    assert titles(mara, "?status=hidden&sort=title") == ["Cook", "Sailor", "Zoologist"]


def grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The fields of a form, each with all its values."""
    return {name: [value for each, value in pairs if each == name] for name, _ in pairs}


def test_the_panel_keeps_every_value_and_the_groups_in_the_address(
    mara: PortalClient, jobs: dict[str, int]
) -> None:
    query = "department=Galley&department=Yard&without=department&group=department&sort=title"
    for_panel = {**HTMX, "HX-Target": "panel"}
    answer = mara.get(f"{MANAGE}?{query}&job={jobs['Rigger']}", headers=for_panel)
    assert said_in(answer.headers["HX-Push-Url"]) == [*parse_qsl(query), ("job", str(jobs["Rigger"]))]
    page = mara.get(f"{MANAGE}?{query}&job={jobs['Welder']}").text
    ways = re.findall(r'<a class="tool" rel="(prev|next)"[^>]*? href="([^"]+)"', page.split('id="panel"')[1])
    around = {way: said_in(unescape(address))[-1][1] for way, address in ways}
    assert around == {"prev": str(jobs["Rigger"]), "next": str(jobs["Sailor"])}


def test_groups_have_headings_with_the_count_of_all_pages(mara: PortalClient, make_job: MakeJob) -> None:
    for number in range(30):
        make_job(title=f"Welder {number:02}", department="Yard")
    for title, department in (("Cook", "Galley"), ("Sailor", None)):
        make_job(title=title, department=department)
    first, second = (
        headings(mara.get(f"{MANAGE}?group=department&sort=title&per_page=25&page={page}").text)
        for page in (1, 2)
    )
    welders = [f"Welder {number:02}" for number in range(30)]
    assert first == ["Galley: 1", "Cook", "Yard: 30", *welders[:24]]
    assert second == ["Yard: 30 …", *welders[24:], "No department: 1", "Sailor"]
    of_some = headings(mara.get(f"{MANAGE}?group=department&q=welder&sort=title").text)
    assert of_some[0] == "Yard: 30"
    assert ":" not in "".join(headings(mara.get(f"{MANAGE}?group=nonsense&sort=title").text))


def test_states_and_types_have_headings_in_their_own_order(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(title="c", listed=False, employment_type="internship")
    make_job(title="h", visibility="hidden", employment_type="contract")
    make_job(title="m", visibility="members", employment_type="full_time")
    make_job(title="n", visibility="new")
    make_job(title="o", employment_type="full_time")
    assert headings(mara.get(f"{MANAGE}?group=state").text) == [
        "Open: 1", "o", "New: 1", "n", "Members only: 1", "m", "Hidden: 1", "h", "Closed: 1", "c",
    ]  # fmt: skip
    assert headings(mara.get(f"{MANAGE}?group=employment_type&sort=title").text) == [
        "Full-time: 2", "m", "o", "Contract: 1", "h", "Internship: 1", "c", "No type: 1", "n",
    ]  # fmt: skip


def test_counts_of_groups_follow_an_edit(mara: PortalClient, jobs: dict[str, int], make_job: MakeJob) -> None:
    assert "Yard: 2" in headings(mara.get(f"{MANAGE}?group=department").text)
    data = {"value": "Galley", "version": "0"}
    path = f"{MANAGE.removesuffix('/manage')}/{jobs['Welder']}/fields/department"
    assert mara.post(path, data=data, headers=HTMX).status_code == 200
    said = headings(mara.get(f"{MANAGE}?group=department").text)
    assert "Yard: 1" in said
    assert "Galley: 2" in said


def test_a_file_has_the_jobs_in_the_order_of_the_groups(mara: PortalClient, jobs: dict[str, int]) -> None:
    text = mara.get(f"{MANAGE}.csv?group=department&sort=-title&without=department&department=yard").text
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert [line[1] for line in lines[1:]] == ["Welder", "Rigger", "Sailor"]


def test_views_sorting_pages_and_filters_keep_the_groups(mara: PortalClient, jobs: dict[str, int]) -> None:
    page = mara.get(f"{MANAGE}?group=location&department=Yard&department=Zoo").text
    links = re.findall(r'<a [^>]*id="?(?:view-open|sort-title)"? href="([^"]+)"', page)
    clear = re.findall(r'<a class="clear" href="([^"]+)">Clear filters', page)
    assert len(links) == 2
    assert all("group=location" in address for address in links + clear)
    assert '<option value="location" selected>By location' in page
