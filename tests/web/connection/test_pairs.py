"""Pairs of jobs with the same title, as people meet them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.db import session
from portal.domain.jobs.fields import Source
from portal.models import Connection, Job
from tests.support.app import PortalClient
from tests.support.board_server import DemoBoard
from tests.support.faults import post

Work = Callable[[Connection], None]

PAIRS = "/orgs/northwind/pairs"
MANAGE = "/orgs/northwind/jobs/manage"
JOBS = "/orgs/northwind/jobs"


@pytest.fixture
def title(board: DemoBoard) -> str:
    titles = [post["title"] for post in board.posts if post["internal_job_id"]]
    return next(str(title) for title in titles if titles.count(title) == 1)


@pytest.fixture
def own(make_job: Callable[..., int], title: str) -> int:
    """An own job with an imported one's title; written before the first import."""
    return make_job(title=title.lower(), location="Faro", hiring_manager="Mara")


@pytest.fixture
def other(app: Flask, own: int, imported: Connection, title: str) -> int:
    """The imported job of that title."""
    with app.app_context():
        return session().query(Job.id).filter_by(title=title, source=Source.GREENHOUSE).scalar()


def test_a_notice_leads_to_the_pairs(mara: PortalClient, noor: PortalClient, other: int) -> None:
    for browser in (mara, noor):
        page = browser.get(MANAGE).text
        assert "1 job may be here twice." in page
        assert f'href="{PAIRS}"' in page
    assert "The same job</button>" in mara.get(PAIRS).text
    assert "The same job</button>" not in noor.get(PAIRS).text
    assert noor.post(f"{PAIRS}/accept").status_code == 403


def test_two_jobs_become_one_and_both_addresses_lead_there(
    app: Flask, mara: PortalClient, client: PortalClient, own: int, other: int
) -> None:
    pair_id = re.search(r'name="pair_id" value="(\d+)"', mara.get(PAIRS).text)
    assert pair_id is not None
    answer = mara.post(f"{PAIRS}/accept", data={"pair_id": pair_id[1]})
    assert (answer.status_code, answer.location) == (303, MANAGE)
    page = mara.get(f"{MANAGE}?per_page=100").text
    assert "Made one job of 1 pair." in page
    assert f'data-job-id="{own}"' not in page
    assert f'data-job-id="{other}"' in page
    assert "may be here twice" not in page
    assert f'data-job-id="{other}"' in mara.get(f"{MANAGE}?q=Faro").text
    moved = client.get(f"{JOBS}/{own}?gh_src=abc")
    assert (moved.status_code, moved.location) == (301, f"{JOBS}/{other}?gh_src=abc")
    assert "no-cache" in moved.headers["Cache-Control"]
    assert "Faro" in client.get(moved.location).text
    assert f'"{JOBS}/{own}"' not in client.get(JOBS).text


def test_the_old_address_tells_nothing_of_a_hidden_job(
    mara: PortalClient, noor: PortalClient, client: PortalClient, otto: PortalClient, own: int, other: int
) -> None:
    mara.post(f"{PAIRS}/accept")
    mara.post(f"{JOBS}/{other}/fields/visibility", data={"value": "hidden", "version": "0"})
    browsers = (client, otto, noor, mara)
    assert [browser.get(f"{JOBS}/{own}").status_code for browser in browsers] == [404, 404, 404, 301]


def test_a_pair_is_taken_apart_from_the_jobs_panel(
    mara: PortalClient, noor: PortalClient, client: PortalClient, own: int, other: int
) -> None:
    mara.post(f"{PAIRS}/accept")
    panel = mara.get(f"{MANAGE}?job={other}").text
    address = re.search(r'action="(/orgs/northwind/pairs/\d+/part)"', panel)
    assert address is not None
    assert "Take apart" not in noor.get(f"{MANAGE}?job={other}").text
    answer = mara.post(address[1])
    assert answer.location == f"{MANAGE}?job={own}"
    assert "is a job of its own again." in mara.get(answer.location).text
    assert client.get(f"{JOBS}/{own}").status_code == 200
    assert "Take apart" not in mara.get(f"{MANAGE}?job={other}").text
    assert mara.post(address[1]).status_code == 404


def test_a_post_that_took_the_place_of_another_is_taken_apart_under_its_own_words(
    app: Flask, mara: PortalClient, board: DemoBoard, work: Work, connection: Connection
) -> None:
    for post_id, title in ((3, "Smith"), (33, "Silversmith")):
        board.set_posts(board.token, [post(post_id, internal_job_id=777, title=title), post(4)])
        if post_id == 33:
            mara.post("/orgs/northwind/greenhouse/sync")
        work(connection)
    mara.post(f"{PAIRS}/accept")
    with app.app_context():
        job = session().query(Job.id).filter_by(title="Silversmith").scalar()
    panel = mara.get(f"{MANAGE}?job={job}").text
    assert "The same job as “Smith”, which is no longer in Greenhouse." in panel
    assert "Taken apart, that one is a closed job again," in panel


def test_a_declined_pair_is_not_asked_about_again(
    mara: PortalClient, client: PortalClient, own: int, other: int
) -> None:
    assert mara.post(f"{PAIRS}/decline").location == MANAGE
    page = mara.get(MANAGE).text
    assert "1 pair stays two jobs. You are not asked again." in page
    assert "may be here twice" not in page
    assert "No pair waits for an answer" in mara.get(PAIRS).text
    assert client.get(f"{JOBS}/{own}").status_code == 200


@pytest.mark.parametrize("pair_id", ["x", "", "-1", "9" * 30, str(2**63)])
def test_nonsense_for_a_pair_pairs_nothing(mara: PortalClient, other: int, pair_id: str) -> None:
    assert mara.post(f"{PAIRS}/accept", data={"pair_id": pair_id}).status_code == 422
    assert "may be here twice" in mara.get(MANAGE).text


def test_an_answer_that_comes_late_says_so(mara: PortalClient, other: int) -> None:
    mara.post(f"{PAIRS}/decline")
    mara.get(MANAGE)
    mara.post(f"{PAIRS}/accept")
    assert "These pairs were answered meanwhile." in mara.get(MANAGE).text


def test_watchers_are_told_which_row_is_gone(mara: PortalClient, own: int, other: int) -> None:
    seen = re.search(r'data-revision="(\d+)"', mara.get(MANAGE).text)
    assert seen is not None
    mara.post(f"{PAIRS}/accept")
    told = mara.get(f"/orgs/northwind/events?after={seen[1]}", headers={"Accept": "text/html"}).text
    assert re.search(rf'<tr data-job-id="{own}" data-gone>', told)
    assert f'data-job-id="{other}" data-revision' in told


def test_all_of_them_are_those_that_the_page_showed(mara: PortalClient, other: int) -> None:
    for way in ("accept", "decline"):
        answer = mara.post(f"{PAIRS}/{way}", data={"seen": "7-9"})
        assert answer.status_code == 409
        assert "Nothing was decided: this list has changed" in answer.text
        assert "The same job</button>" in answer.text


def test_a_title_that_stands_twice_is_a_choice(
    mara: PortalClient,
    make_job: Callable[..., int],
    board: DemoBoard,
    connection: Connection,
    work: Callable[[Connection], None],
) -> None:
    make_job(title="Engineer")
    board.add(title="Engineer")
    board.add(title="Engineer")
    work(connection)
    assert "1 job may be here twice." in mara.get(MANAGE).text
    page = mara.get(PAIRS).text
    assert page.count("One of several that may be the same") == 2
    assert "They are all the same" not in page
    mara.post(f"{PAIRS}/accept")
    assert "Choose for each of these titles" in mara.get(PAIRS).text
    chosen = re.findall(r'name="pair_id" value="(\d+)"', page)[-1]
    assert mara.post(f"{PAIRS}/accept", data={"pair_id": chosen}).location == MANAGE
    assert "may be here twice" not in mara.get(MANAGE).text
