"""A colleague without an account enters the key: once, for one organisation, while its asker is an admin."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.accounts import colleagues, people
from portal.db import session
from portal.domain.people import Role
from portal.models import Connection, OneTimeLink
from tests.support.app import Cast, PortalClient, _client
from tests.support.board_server import DemoBoard
from tests.support.letters import waiting

ASK = "/orgs/northwind/greenhouse/colleague"
GOOD = {"api_key": DEMO_API_KEY, "board_token": "northwind"}


def asked(mara: PortalClient, email: str = "") -> str:
    """The path of a page that an admin made."""
    answer = mara.post(ASK, data={"email": email})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    found = re.search(r'value="(http[^"]+/greenhouse-key/[^"]+)"', answer.text)
    assert found is not None
    return urlsplit(found[1]).path


def connections(app: Flask) -> list[tuple[int, int | None]]:
    with app.app_context():
        rows = session().execute(select(Connection.organisation_id, Connection.created_by_id))
        return [(organisation, user) for organisation, user in rows]


def test_a_colleague_connects_the_board_once(app: Flask, cast: Cast, mara: PortalClient) -> None:
    page, colleague = asked(mara, "gina@example.com"), _client(app).with_csrf_token()
    with app.app_context():
        assert page in waiting("gina@example.com")[0].text
    assert "gina@example.com" in mara.get(ASK).text
    assert "Connect Greenhouse to Northwind Labs" in colleague.get(page).text
    wrong = colleague.post(page, data={**GOOD, "board_token": "nowhere"})
    assert wrong.status_code == 422
    assert DEMO_API_KEY not in wrong.text
    done = colleague.post(page, data=GOOD)
    assert "Greenhouse is connected" in done.text
    assert connections(app) == [(cast.northwind.id, cast.mara.id)]
    assert colleague.get(page).status_code == 410
    assert mara.get(ASK).location == "/orgs/northwind/jobs/manage"
    with app.app_context():
        assert session().scalars(select(OneTimeLink.id)).all() == []


@pytest.mark.parametrize("how", ["withdrawn", "asker demoted", "asker gone"])
def test_a_page_ends_with_the_right_of_who_made_it(
    app: Flask, cast: Cast, mara: PortalClient, otto: PortalClient, how: str
) -> None:
    page = asked(mara)
    with app.app_context():
        link = session().scalars(select(OneTimeLink.id)).one()
        people.set_role("noor@example.com", "northwind", Role.ADMIN)
    assert otto.post(f"/orgs/cafe-nord/greenhouse/colleague/{link}/withdraw").status_code == 404
    assert _client(app).get(page).status_code == 200
    if how == "withdrawn":
        assert mara.post(f"{ASK}/{link}/withdraw").status_code == 303
    with app.app_context():
        if how == "asker demoted":
            people.change_role(cast.northwind.id, cast.mara.id, Role.MEMBER)
        if how == "asker gone":
            people.remove(cast.northwind.id, cast.mara.id)
    assert _client(app).with_csrf_token().post(page, data=GOOD).status_code == 410
    assert connections(app) == []


@pytest.mark.parametrize("how", ["withdrawn", "asker gone"])
def test_a_page_that_ends_while_greenhouse_is_asked_connects_nothing(
    app: Flask, cast: Cast, mara: PortalClient, board: DemoBoard, how: str
) -> None:
    page, colleague = asked(mara), _client(app).with_csrf_token()
    board.hold()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(colleague.post, page, data=GOOD)
        assert board.faults.wait_held()
        with app.app_context():
            if how == "withdrawn":
                colleagues.withdraw(cast.northwind.id, session().scalars(select(OneTimeLink.id)).one())
            else:
                people.remove_member("mara@example.com", "northwind", force=True)
        board.release()
        assert answer.result().status_code == 410
    assert connections(app) == []


def test_the_page_needs_the_token_of_its_form(app: Flask, cast: Cast, mara: PortalClient) -> None:
    page = asked(mara)
    assert _client(app).post(page, data=GOOD).status_code == 400
    assert connections(app) == []
