"""Manage jobs, looked at in one's own way: choices with counts, columns, saved views, what jobs lack."""

import gzip
import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.saved_views import MOST_VIEWS
from portal.store import job_counts
from portal.web.jobs import manage
from portal.web.templating import capped
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.manage_html import MANAGE, titles

MakeJob = Callable[..., int]
VIEWS = f"{MANAGE}/views"


CHOICE = (
    r'<input type=checkbox name=(\w+) value="([^"]*)"( checked)?> (?:<bdi>)?([^<]*?)(?:</bdi>)?'
    r'(?: <b class="num">([^<]*)</b>)?</label>'
)


def choices(page: str, name: str) -> list[str]:
    """The values of a filter with how many jobs each leaves, a star before what is chosen."""
    of_it = [each for each in re.findall(CHOICE, page) if each[0] == name or each[1] == name]
    return [f"{'*' if chosen else ''}{label} {count}".strip() for _, _, chosen, label, count in of_it]


def headings(client: PortalClient) -> list[str]:
    """The headings of the table."""
    head = client.get(MANAGE).text.split("<thead")[1].split("</thead>")[0]
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<th .*?</th>", head, re.DOTALL)]


def test_choices_come_with_how_many_jobs_each_leaves(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(location="Porto", department="Yard")
    make_job(location="Porto; Lisbon", department="Yard")
    make_job(location="Faro", department="Data")
    answer = mara.get(f"{MANAGE}/choices/location?department=Yard&location=Porto", headers=HTMX).text
    assert choices(answer, "location") == ["*Porto 2", "Lisbon 1", "Portugal 2"]
    assert choices(mara.get(f"{MANAGE}?location=Porto").text, "location") == ["*Porto"]
    assert choices(mara.get(MANAGE).text, "location") == []


def test_a_closed_set_shows_all_it_has(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(workplace_type="remote")
    answer = mara.get(f"{MANAGE}/choices/workplace_type").text
    assert choices(answer, "workplace_type") == ["On site 0", "Hybrid 0", "Remote 1", "No workplace 0"]
    assert choices(mara.get(MANAGE).text, "source") == ["Greenhouse", "Added here"]


def test_more_than_a_thousand_are_not_told_apart(
    mara: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.templating.MOST_TOLD", 30)
    for _ in range(30):
        make_job(department="Yard")
    for told in ("30", "30+"):
        assert choices(mara.get(f"{MANAGE}/choices/department").text, "department") == [f"Yard {told}"]
        page = mara.get(f"{MANAGE}?per_page=25&page=2").text
        assert re.findall(r"<b>([^<]*)</b>", page.split('id="views"')[1].split("</nav>")[0])[0] == told
        assert f'id="jobs-count">{told}</span>' in page
        assert f"All {told}</span></label>" in page
        assert f" of {told}</span>" in page
        assert "Page 2 of 2" in page
        make_job(department="Yard")


def test_all_that_a_filter_leaves_are_not_said_to_be_some_of_them(
    mara: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Rigger", location="Porto")
    make_job(title="Welder")
    for query, told in (("q=rig", "1 of "), ("sort=title", ""), ("source=own", "")):
        assert f'id="jobs-found">{told}</span>' in mara.get(f"{MANAGE}?{query}").text


def test_no_more_than_a_thousand_are_told_apart() -> None:
    assert [capped(number) for number in (0, 812, 1_000, 1_001, 10_001)] == [
        "0", "812", "1,000", "1,000+", "1,000+",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["password_hash", "title", "salary"])
def test_there_are_no_choices_of_other_columns(mara: PortalClient, name: str) -> None:
    assert mara.get(f"{MANAGE}/choices/{name}").status_code == 404


def test_without_a_script_a_link_leads_to_all_choices(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(location="Porto", title="Rigger")
    link = re.search(r'<noscript><a href="([^"]+)">Show all', mara.get(f"{MANAGE}?q=rig").text)
    assert link is not None
    page = mara.get(link[1].replace("&amp;", "&")).text
    assert choices(page, "location") == ["Porto 1", "Portugal 1"]


def test_columns_are_remembered_for_one_person_alone(
    mara: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    make_job(tags=["Night shift"], seniority="Senior")
    usual = headings(mara)
    back = f"{MANAGE}?q=welder"
    answer = mara.post(
        f"{MANAGE}/columns", data={"column": ["tags", "nonsense", "seniority"], "return": back}
    )
    assert (answer.status_code, answer.location) == (303, back)
    assert [name for name in headings(mara) if name] == ["Title", "Tags", "Seniority"]
    assert "Night shift" in mara.get(MANAGE).text
    assert headings(noor) == usual
    noor.post(f"{MANAGE}/columns", data={})
    assert [name for name in headings(noor) if name] == ["Title"]
    noor.post(f"{MANAGE}/columns", data={"usual": "1"})
    assert headings(noor) == usual


def test_a_return_address_elsewhere_is_not_followed(mara: PortalClient) -> None:
    answer = mara.post(f"{MANAGE}/columns", data={"return": "https://elsewhere.test/"})
    assert answer.location == MANAGE


def test_a_saved_view_is_everybodys(mara: PortalClient, noor: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Welder", location="Porto")
    make_job(title="Rigger")
    query = "?location=Porto&q=weld&sort=title&job=3&page=4&nonsense=1"
    answer = mara.post(VIEWS, data={"name": "  By the  Douro ", "query": query})
    assert answer.location == f"{MANAGE}?q=weld&location=Porto&sort=title&view=1"
    link = re.search(r'id="kept-\d+" href="([^"]+)"', noor.get(MANAGE).text)
    assert link is not None
    assert titles(noor, link[1].removeprefix(MANAGE).replace("&amp;", "&")) == ["Welder"]
    assert "By the Douro</a>" in noor.get(MANAGE).text


def test_a_view_saved_again_is_replaced_renamed_and_deleted(mara: PortalClient, cast: Cast) -> None:
    for query in ("?q=one", "?q=two"):
        mara.post(VIEWS, data={"name": "Mine", "query": query})
    page = mara.get(MANAGE).text
    [(number, address)] = re.findall(r'id="kept-(\d+)" href="([^"]+)"', page)
    assert address.endswith(f"?q=two&amp;view={number}")
    mara.post(f"{VIEWS}/{number}", data={"name": "Yours"})
    assert "Yours</a>" in mara.get(MANAGE).text
    mara.post(VIEWS, data={"name": "Other", "query": ""})
    refused = mara.post(f"{VIEWS}/{number}", data={"name": "Other"}, follow_redirects=True)
    assert "Another view is called “Other” already." in refused.text
    mara.post(f"{VIEWS}/{number}/delete")
    assert "Yours</a>" not in mara.get(MANAGE).text
    assert mara.post(f"{VIEWS}/{number}/delete").status_code == 404
    assert mara.post(f"{VIEWS}/{number}", data={"name": "x"}).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_deleted_view_is_brought_back_with_its_name(mara: PortalClient, headers: dict[str, str]) -> None:
    for name, query in (("Ours & theirs", "?q=one+%26+two&sort=title"), ("Other", "?q=three")):
        mara.post(VIEWS, data={"name": name, "query": query})
    before = kept(mara)
    page = mara.get(mara.post(f"{VIEWS}/1/delete").location).text
    assert "Deleted the view “Ours &amp; theirs”." in page
    assert set(kept(mara)) == {"Other"}
    answer = mara.post(undo_of(page), headers=headers, data={"return": f"{MANAGE}?q=here"})
    if headers:
        assert 'id="keep-views" hx-swap-oob="true"' in answer.text
        assert "Name of the view Ours &amp; theirs" in answer.text
    else:
        assert answer.location == f"{MANAGE}?q=here"
    said = answer.text if headers else mara.get(answer.location).text
    assert "Undone. The view “Ours &amp; theirs” is back." in said
    assert kept(mara) == before


def kept(client: PortalClient) -> dict[str, str]:
    """The saved views: names, and addresses without the number of the view."""
    links = re.findall(r'id="kept-\d+" href="([^"]+)"[^>]*>(.*?)</a>', client.get(MANAGE).text, re.DOTALL)
    return {
        html.unescape(re.sub("<[^>]+>", "", name)).strip(): re.sub(
            r"[?&]view=\d+$", "", html.unescape(address)
        )
        for address, name in links
    }


def undo_of(page: str) -> str:
    found = re.search(rf'action="({VIEWS}/restore[^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_a_view_is_not_brought_back_over_another_of_its_name_nor_twice(mara: PortalClient) -> None:
    mara.post(VIEWS, data={"name": "Mine", "query": "?q=one"})
    undo = undo_of(mara.get(mara.post(f"{VIEWS}/1/delete").location).text)
    mara.post(VIEWS, data={"name": "Mine", "query": "?q=theirs"})
    refused = mara.post(undo, headers=HTMX)
    assert (refused.status_code, "another view was saved as “Mine” since" in refused.text) == (409, True)
    assert kept(mara) == {"Mine": f"{MANAGE}?q=theirs"}
    mara.post(VIEWS, data={"name": "Mine", "query": "?q=one"})
    refused = mara.post(undo, headers=HTMX)
    assert (refused.status_code, "This was undone already." in refused.text) == (409, True)


def test_a_view_that_nobody_has_room_for_any_more_is_not_brought_back(mara: PortalClient) -> None:
    mara.post(VIEWS, data={"name": "Mine", "query": "?q=one"})
    undo = undo_of(mara.get(mara.post(f"{VIEWS}/1/delete").location).text)
    for number in range(MOST_VIEWS):
        mara.post(VIEWS, data={"name": f"View {number}", "query": ""})
    assert mara.post(undo).status_code == 409
    assert len(kept(mara)) == MOST_VIEWS


def test_a_view_too_long_for_a_cookie_is_deleted_and_says_so(mara: PortalClient) -> None:
    mara.post(VIEWS, data={"name": "Mine", "query": "?" + urlencode({"q": "職" * 200})})
    page = mara.get(mara.post(f"{VIEWS}/1/delete").location).text
    assert "Deleted the view “Mine”." in page
    assert "/restore" not in page


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\x00"])
def test_a_name_that_cannot_be_kept_is_refused_in_words(mara: PortalClient, name: str) -> None:
    page = mara.post(VIEWS, data={"name": name, "query": "?q=one"}, follow_redirects=True).text
    assert 'class="kept"' not in page
    assert "toast-note" in page


def test_another_organisations_view_is_out_of_reach(mara: PortalClient, otto: PortalClient) -> None:
    mara.post(VIEWS, data={"name": "Mine", "query": ""})
    assert otto.post("/orgs/cafe-nord/jobs/manage/views/1/delete").status_code == 404
    assert otto.post("/orgs/cafe-nord/jobs/manage/views/1", data={"name": "Taken"}).status_code == 404
    assert "Mine</a>" in mara.get(MANAGE).text
    assert "Mine</a>" not in otto.get("/orgs/cafe-nord/jobs/manage").text


def test_what_a_job_lacks_is_told_in_its_row_and_its_panel(mara: PortalClient, make_job: MakeJob) -> None:
    own = make_job(title="Welder", employment_type="full_time")
    imported = {"source": "greenhouse", "board_token": "n", "external_id": 1, "location": "Porto"}
    make_job(title="Rigger", employment_type="full_time", **imported)
    page = mara.get(f"{MANAGE}?status=attention&job={own}").text
    for field, label in (("location", "No location"), ("description", "Short description")):
        button = f'<button class="tag [a-z]+ gap" form="edit" name="{field}" value="{own}">{label}</button>'
        assert re.search(button, page)
    assert f'<button class="gap blocks" name=location value={own}>No location</button><b class=more>+' in page
    assert (
        "<b class=gap>Short description</b>" in page or '<b class="gap blocks">No link to apply</b>' in page
    )


def test_a_row_is_drawn_anew_once_its_job_changes(
    app: Flask, mara: PortalClient, cast: Cast, make_job: MakeJob
) -> None:
    job = make_job(location="Porto")
    assert "Porto" in mara.get(MANAGE).text
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Faro", 0, cast.mara.id)
    page = mara.get(MANAGE).text
    assert "Faro" in page
    assert "Porto" not in page


def test_pages_beyond_the_cap_are_reached(
    mara: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_counts, "MOST_COUNTED", 30)
    monkeypatch.setattr(manage, "MOST_COUNTED", 30)
    job_counts._every_view.cache_clear()
    for number in range(80):
        make_job(title=f"Welder {number:02}")
    seen, address = [], "?sort=title&per_page=25"
    while address:
        page = mara.get(f"{MANAGE}{address}").text
        seen += titles(mara, address)
        found = re.search(r'rel="next"[^>]*href="[^"?]*([^"]*)"', page.split('aria-label="Pages"')[1])
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"Welder {number:02}" for number in range(80)]
    assert titles(mara, "?sort=title&per_page=25&page=99") == seen[75:]
    job_counts._every_view.cache_clear()


def test_fifty_rows_weigh_less_than_sixty_kilobytes(mara: PortalClient, make_job: MakeJob) -> None:
    for number in range(50):
        said = {"location": f"Town {number}", "department": "Yard", "employment_type": "contract"}
        imported = {"source": "greenhouse", "board_token": "n", "external_id": number}
        make_job(title=f"Welder of great length, number {number}", source_values=said, **imported)
    page = mara.get(f"{MANAGE}?per_page=50").data
    assert len(titles(mara, "?per_page=50")) == 50
    assert len(gzip.compress(page)) < 60_000


def test_a_value_beyond_the_commonest_is_found_by_what_it_holds(
    mara: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.store.shortcuts.MOST_CHOICES", 2)
    monkeypatch.setattr("portal.web.jobs.filters.MOST_CHOICES", 2)
    for department in ("Dock", "Dock", "Yard", "Yard", "Éclairage", "Farm"):
        make_job(department=department)
    shown = mara.get(f"{MANAGE}/choices/department").text
    assert choices(shown, "department") == ["Dock 2", "Yard 2"]
    assert "data-more" in shown
    found = mara.get(f"{MANAGE}/choices/department?department=Yard&find=%20ECLAIR%20").text
    assert choices(found, "department") == ["Éclairage 1"]
    assert "data-more" not in found
    assert choices(mara.get(f"{MANAGE}/choices/department?find=%00").text, "department") == choices(
        shown, "department"
    )


def test_without_a_script_a_value_beyond_the_commonest_is_typed(
    mara: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.store.shortcuts.MOST_CHOICES", 1)
    monkeypatch.setattr("portal.web.jobs.filters.MOST_CHOICES", 1)
    make_job(department="Dock", title="Crane driver")
    make_job(department="Farm", title="Shepherd")
    page = mara.get(f"{MANAGE}?choices=all").text
    assert "<input class=field name=department maxlength=200>" in page
    assert titles(mara, "?department=&department=farm&location=") == ["Shepherd"]
