"""Applications that were not delivered: listed to admins, decided once, and hidden from everybody else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.db import write
from portal.models import Connection
from tests.support.app import HTMX, PortalClient
from tests.support.applying import LEAST, SHORT, filled, open_form, received
from tests.support.board_server import DemoBoard

LIST = "/orgs/northwind/applications"
SETTINGS = "/orgs/northwind/greenhouse"


@pytest.fixture
def uncertain(
    client: PortalClient,
    apply_here: Connection,
    address: Callable[[int], str],
    board: DemoBoard,
    deliver_all: Callable[[], list[str]],
) -> str:
    """The address of an application to which Greenhouse answered 500, as its list names it."""
    path = address(SHORT)
    sent = client.post(path, data=filled(open_form(client, path), LEAST))
    board.fail(500)
    assert deliver_all() == ["uncertain"]
    assert "You need not send it again" in client.get(sent.location).text
    return f"{LIST}/1"


def test_admins_see_who_applied_for_what_and_why_it_was_not_delivered(
    mara: PortalClient, noor: PortalClient, otto: PortalClient, client: PortalClient, uncertain: str
) -> None:
    page = mara.get(LIST).text
    for said in (
        "Ada Lovelace",
        "ada@example.com",
        "Mechanical Design Engineer",
        "Not certain",
        "answered 500",
    ):
        assert said in page
    assert [each.get(LIST).status_code for each in (noor, otto, client)] == [403, 404, 303]
    manage = mara.get("/orgs/northwind/jobs/manage").text
    assert "1 application was not delivered" in manage
    assert "Ada" not in manage


@pytest.mark.parametrize("jobs", ["keep", "remove"])
def test_it_waits_in_sight_of_admins_when_the_board_is_disconnected(
    mara: PortalClient, uncertain: str, deliver_all: Callable[[], list[str]], jobs: str
) -> None:
    manage = "/orgs/northwind/jobs/manage"
    assert mara.post(f"{SETTINGS}/disconnect", data={"jobs": jobs}).status_code == 303
    page = mara.get(manage).text
    assert "Greenhouse is not connected" in page
    assert "1 application was not delivered" in page
    assert f'href="{LIST}"' in page
    assert "Ada Lovelace" in mara.get(LIST).text
    mara.post(f"{uncertain}/send", data={"seen": "1"})
    assert deliver_all() == ["failed"]
    assert "1 application was not delivered" in mara.get(manage).text
    (seen, *_) = re.findall(r'name="seen" value="(\d+)"', mara.get(LIST).text)
    mara.post(f"{uncertain}/delivered", data={"seen": seen})
    assert "not delivered" not in mara.get(manage).text


def test_sent_again_it_is_delivered_and_leaves_the_list(
    mara: PortalClient, uncertain: str, board: DemoBoard, deliver_all: Callable[[], list[str]]
) -> None:
    page = mara.get(LIST).text
    (seen, *_) = re.findall(r'name="seen" value="(\d+)"', page)
    assert "it will be there twice" in page
    again = mara.post(f"{uncertain}/send", data={"seen": seen})
    assert again.location == LIST
    assert "being sent again" in mara.get(LIST).text
    second = mara.post(f"{uncertain}/send", data={"seen": seen}, follow_redirects=True)
    assert "Nothing was done" in second.text
    assert deliver_all() == ["delivered"]
    assert "Every application was delivered" in mara.get(LIST).text
    noted = mara.get("/orgs/northwind/audit?kind=applications").text
    assert "Sent an application again" in noted
    assert "Ada" not in noted
    assert "not delivered" not in mara.get("/orgs/northwind/jobs/manage").text
    assert len(received(board)) == 1


def test_marked_as_delivered_it_is_deleted_and_never_sent(
    mara: PortalClient, uncertain: str, board: DemoBoard, deliver_all: Callable[[], list[str]]
) -> None:
    page = mara.post(f"{uncertain}/delivered", data={"seen": "1"}, follow_redirects=True).text
    assert "Marked as delivered" in page
    assert "Ada" not in page
    assert deliver_all() == ["delivered"]
    assert received(board) == []


@pytest.mark.parametrize("verb", ["send", "delivered"])
def test_only_admins_decide_and_only_about_what_they_saw(
    mara: PortalClient, noor: PortalClient, otto: PortalClient, uncertain: str, verb: str
) -> None:
    assert noor.post(f"{uncertain}/{verb}", data={"seen": "1"}).status_code == 403
    assert otto.post(f"{uncertain}/{verb}", data={"seen": "1"}).status_code == 404
    theirs = uncertain.replace("northwind", "cafe-nord")
    assert "Nothing was done" in otto.post(f"{theirs}/{verb}", data={"seen": "1"}, follow_redirects=True).text
    for seen in ("", "x", "-1", str(2**40)):
        assert mara.post(f"{uncertain}/{verb}", data={"seen": seen}).status_code == 422
    assert (
        "Nothing was done" in mara.post(f"{uncertain}/{verb}", data={"seen": "0"}, follow_redirects=True).text
    )
    assert "Ada Lovelace" in mara.get(LIST).text


def test_a_rejected_key_shows_in_the_settings_and_cannot_be_switched_on_with(
    app: Flask, mara: PortalClient, apply_here: Connection
) -> None:
    assert re.search(r'id="apply_here"[^>]* checked', mara.get(SETTINGS).text)
    with app.app_context(), write() as session:
        held = session.get_one(Connection, apply_here.id)
        held.apply_here, held.key_rejected_at = False, held.created_at
    page = mara.get(SETTINGS).text
    assert re.search(r'id="apply_here"[^>]* disabled', page)
    answer = mara.post(f"{SETTINGS}/apply-here", data={"apply_here": ["off", "on"]})
    assert answer.status_code == 422
    assert "Replace the API key first" in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_switch_is_off_at_first_and_turned_by_admins(
    mara: PortalClient, noor: PortalClient, connected: Connection, headers: dict[str, str]
) -> None:
    assert not re.search(r'id="apply_here"[^>]* checked', mara.get(SETTINGS).text)
    on = mara.post(f"{SETTINGS}/apply-here", data={"apply_here": ["off", "on"]}, headers=headers)
    page = on.text if headers else mara.get(on.location).text
    assert "People apply on your own pages now." in page
    assert re.search(r'id="apply_here"[^>]* checked', page)
    assert noor.post(f"{SETTINGS}/apply-here", data={"apply_here": "off"}).status_code == 403
    off = mara.post(f"{SETTINGS}/apply-here", data={"apply_here": "off"}, headers=headers)
    assert "lead to the form at Greenhouse again" in (off.text if headers else mara.get(off.location).text)
