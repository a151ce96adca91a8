"""The columns of Manage jobs: chosen, ordered and sized by each person, and kept by saved views."""

import html
import re
from collections.abc import Callable

import pytest

from tests.support.app import HTMX, PortalClient
from tests.support.manage_html import MANAGE

MakeJob = Callable[..., int]
COLUMNS, WIDTHS, VIEWS = f"{MANAGE}/columns", f"{MANAGE}/columns/widths", f"{MANAGE}/views"
USUAL = ["department", "location", "workplace_type", "employment_type", "salary", "state", "changed_at"]


@pytest.fixture(autouse=True)
def job(make_job: MakeJob) -> int:
    """Without a job there is no table."""
    return make_job(title="Welder", location="Porto", tags=["Night shift"])


def shown(client: PortalClient, address: str = MANAGE) -> dict[str, int | None]:
    """The columns of the table beside the title, from left to right, with the widths that somebody chose."""
    page = client.get(html.unescape(address)).text
    columns = re.findall(r"<col class=c-(\w+)(?: width=(\d+))?>", page)[2:]
    headings = re.findall(r"<th scope=col class=c-(\w+)", page)[2:]
    row = page.split("<tbody>")[1].split("</tr>")[0]
    cells = re.findall(r'<td>?(?: data-field="?|<button[^>]* name=)(\w+)', row)
    assert [name for name, _ in columns] == headings == cells
    return {name: int(width) if width else None for name, width in columns}


def listed(client: PortalClient) -> list[str]:
    """The columns in the list that puts them in order."""
    return re.findall(r"<li id=column-(\w+)>", client.get(MANAGE).text)


def opened(client: PortalClient, name: str) -> str:
    """The address of a saved view."""
    [address] = re.findall(
        rf'id="kept-\d+" href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?{name}</a>', client.get(MANAGE).text
    )
    return html.unescape(address)


def test_columns_stand_in_the_order_in_which_they_were_chosen(mara: PortalClient, noor: PortalClient) -> None:
    assert list(shown(noor)) == USUAL
    noor.post(COLUMNS, data={"column": ["state", "tags", "nonsense", "tags", "location"]})
    assert list(shown(noor)) == ["state", "tags", "location"]
    assert [name for name in listed(noor) if name in ("state", "tags", "location")] == list(shown(noor))
    assert len(listed(noor)) == 13
    assert list(shown(mara)) == USUAL
    exported = noor.get(f"{MANAGE}.csv").text.splitlines()[0]
    assert exported.removeprefix("\ufeff") == "Job ID,Title,State,Tags,Location,Version"


def test_without_a_script_a_column_is_put_in_its_place_and_the_list_is_open_again(
    noor: PortalClient,
) -> None:
    columns = {"column": ["location", "salary", "tags"], "return": f"{MANAGE}?q=welder"}
    answer = noor.post(COLUMNS, data=columns | {"moved": "tags", "to": "2"})
    assert (answer.status_code, answer.location) == (303, f"{MANAGE}?q=welder#column-tags")
    assert list(shown(noor)) == ["location", "tags", "salary"]
    for moved, place in (
        ("tags", ""),
        ("tags", "first"),
        ("tags", "-1"),
        ("seniority", "1"),
        ("\0", "9" * 99),
    ):
        answer = noor.post(COLUMNS, data=columns | {"moved": moved, "to": place})
        assert answer.location == f"{MANAGE}?q=welder"
        assert list(shown(noor)) == ["location", "salary", "tags"]


def test_widths_are_remembered_for_one_person_and_one_organisation(
    mara: PortalClient, noor: PortalClient
) -> None:
    assert noor.post(WIDTHS, data={"width": ["salary:200", "state:90"]}).status_code == 204
    assert noor.post(WIDTHS, data={"width": "salary:210"}).status_code == 204
    assert shown(noor) == dict.fromkeys(USUAL) | {"salary": 210, "state": 90}
    assert shown(mara) == dict.fromkeys(USUAL)
    noor.post(COLUMNS, data={"column": ["tags", "salary"]})
    assert shown(noor) == {"tags": None, "salary": 210}
    noor.post(WIDTHS, data={"width": "salary:"})
    assert shown(noor) == {"tags": None, "salary": None}
    noor.post(COLUMNS, data={"usual": "1"})
    assert shown(noor) == dict.fromkeys(USUAL)


def test_a_width_that_is_none_is_left_out_and_one_beyond_the_limits_ends_there(mara: PortalClient) -> None:
    widths = [
        "salary:NaN",
        "state:-9",
        "tags:1e3",
        "department:999999",
        "location:99999999999",
        "x:1",
        "",
        ":",
    ]
    widths += [f"salary{number}:100" for number in range(900)]
    assert mara.post(WIDTHS, data={"width": widths}).status_code == 204
    assert shown(mara) == dict.fromkeys(USUAL) | {"state": 64, "department": 640}
    assert mara.post(WIDTHS, data={"width": "state:70", "view": "nonsense"}).status_code == 204
    assert mara.post(WIDTHS, data={"width": "state:80", "view": "4711"}).status_code == 204
    assert shown(mara)["state"] == 80


def test_a_saved_view_shows_its_columns_to_everybody(mara: PortalClient, noor: PortalClient) -> None:
    noor.post(COLUMNS, data={"column": ["salary", "state"]})
    mara.post(COLUMNS, data={"column": ["tags", "location"]})
    mara.post(WIDTHS, data={"width": "tags:300"})
    mara.post(VIEWS, data={"name": "Porto", "query": "?location=Porto"})
    address = opened(noor, "Porto")
    assert shown(noor, address) == {"tags": 300, "location": None}
    assert list(shown(noor)) == ["salary", "state"]
    assert list(shown(noor, f"{address}&sort=title&q=w")) == ["tags", "location"]
    page = noor.get(address).text
    assert re.search(r'id=sort-tags href="[^"]*&amp;view=1"', page)
    assert 'name="view" value="1" form="finder"' in page
    assert 'id=view-open href="/orgs/northwind/jobs/manage?status=open&amp;location=Porto"' in page
    exported = noor.get(address.replace("/manage", "/manage.csv")).text.splitlines()[0]
    assert exported.removeprefix("\ufeff") == "Job ID,Title,Tags,Location,Version"


def test_columns_changed_in_a_view_are_ones_own_there_until_they_are_saved_to_it(
    mara: PortalClient, noor: PortalClient
) -> None:
    mara.post(COLUMNS, data={"column": ["tags", "location"]})
    mara.post(VIEWS, data={"name": "Porto", "query": "?location=Porto"})
    address = opened(mara, "Porto")
    assert "Save to view" not in mara.get(address).text
    mara.post(WIDTHS, data={"width": "tags:300", "view": "1"})
    mara.post(COLUMNS, data={"column": ["location", "tags"], "view": "1"})
    assert shown(mara, address) == {"location": None, "tags": 300}
    assert shown(mara) == {"tags": None, "location": None}
    assert shown(noor, address) == {"tags": None, "location": None}
    page = mara.get(address).text
    assert "Save to view" in page
    assert "Reset" in page
    answer = mara.post(f"{VIEWS}/1/update", data={"query": address.partition("?")[2]})
    assert answer.location == address
    assert shown(noor, address) == {"location": None, "tags": 300}
    assert "Save to view" not in mara.get(answer.location).text


def test_a_member_changes_a_view_for_nobody_else_and_shows_it_as_it_was_again(
    mara: PortalClient, noor: PortalClient
) -> None:
    mara.post(VIEWS, data={"name": "Porto", "query": "?location=Porto"})
    address = opened(noor, "Porto")
    noor.post(COLUMNS, data={"column": ["tags"], "view": "1"})
    page = noor.get(address).text
    assert "Reset" in page
    assert "Save to view" not in page
    assert noor.post(f"{VIEWS}/1/update", data={"query": ""}).status_code == 403
    noor.post(COLUMNS, data={"usual": "1", "view": "1"})
    assert list(shown(noor, address)) == USUAL
    assert "Reset" not in noor.get(address).text


def test_a_view_that_was_narrowed_further_can_be_saved_as_it_is(mara: PortalClient) -> None:
    mara.post(VIEWS, data={"name": "Porto", "query": "?location=Porto"})
    page = mara.get(f"{MANAGE}?location=Porto&q=weld&view=1").text
    assert re.search(r'id="kept-1"[^>]* aria-current="true"', page)
    mara.post(f"{VIEWS}/1/update", data={"query": "?location=Porto&q=weld&view=1&page=2&job=1"})
    assert opened(mara, "Porto") == f"{MANAGE}?q=weld&location=Porto&view=1"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_deleted_view_comes_back_with_its_columns(mara: PortalClient, headers: dict[str, str]) -> None:
    mara.post(COLUMNS, data={"column": ["tags", "location"]})
    mara.post(WIDTHS, data={"width": "tags:300"})
    mara.post(VIEWS, data={"name": "Porto", "query": ""})
    mara.post(COLUMNS, data={"usual": "1"})
    page = mara.get(mara.post(f"{VIEWS}/1/delete").location).text
    [undo] = re.findall(rf'action="({VIEWS}/restore[^"]*)"', page)
    mara.post(html.unescape(undo), headers=headers)
    assert shown(mara, opened(mara, "Porto")) == {"tags": 300, "location": None}
    for nonsense in ("[]", "{", "[" * 4000, '{"columns": 5, "widths": {"tags": "x"}}'):
        name = f"View {len(nonsense)}"
        answer = mara.post(f"{VIEWS}/restore", data={"name": name, "columns": nonsense}, headers=HTMX)
        assert answer.status_code == 200
        assert list(shown(mara, opened(mara, name))) == USUAL


def test_a_view_of_another_organisation_shows_nothing_and_is_not_saved_to(
    mara: PortalClient, otto: PortalClient
) -> None:
    mara.post(COLUMNS, data={"column": ["tags"]})
    mara.post(VIEWS, data={"name": "Porto", "query": ""})
    other = "/orgs/cafe-nord/jobs/manage"
    assert otto.post(f"{other}/views/1/update", data={"query": ""}).status_code == 404
    assert "view=1" not in otto.get(f"{other}?view=1").text
    assert mara.post(f"{VIEWS}/4711/update", data={"query": ""}).status_code == 404
