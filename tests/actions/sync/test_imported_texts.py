"""Texts of other languages and editors, from Greenhouse's answer to the pages."""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import update

from portal.db import write
from portal.models import Job, Organisation
from portal.store.sync_changes import changes_of
from tests.support.app import PortalClient
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.html import Checker
from tests.support.syncs import Sync

FindJob = Callable[[int], Job]
JOBS = "/orgs/northwind/jobs"
OPT_OUT = "https://app.example.com/opt_out/29"
JAPANESE = "<p>" + "私たちは風を測る機器を作っています。" * 20 + "</p>"
LISTS = (
    "<p>·&nbsp;&nbsp;&nbsp; Plan</p><p>·&nbsp;&nbsp;&nbsp; Run</p><p>Then</p>"
    '<ul><li>One</li><li class="ql-indent-1">Two</li></ul><ol type="a"><li>First</li></ol>'
    "<p>We&nbsp;are&nbsp;building</p><p><a href='/careers'>Careers</a> <a href='#'>x</a></p>"
)
MADE = (
    "<ul><li>Plan</li><li>Run</li></ul><p>Then</p><ul><li>One<ul><li>Two</li></ul></li></ul>"
    '<ol type="a"><li>First</li></ol><p>We are building</p>'
    '<p><a href="https://acme.example/careers" rel="noopener noreferrer nofollow">Careers</a> x</p>'
)


def page_of(client: PortalClient, job_id: int) -> str:
    """The public page of a job, which is well-formed."""
    page = client.get(f"{JOBS}/{job_id}").text
    checker = Checker()
    checker.feed(page)
    assert checker.faults == []
    return page


@on_sqlite
def test_texts_are_shown_in_their_language_direction_and_structure(
    sync: Sync, board: DemoBoard, job: FindJob, client: PortalClient
) -> None:
    hebrew = board.add(
        title="מהנדס C++", language="he", description='<p style="direction: rtl">דרוש ניסיון ב-C++!</p>'
    )
    german = board.add(title="Sachbearbeiter (m/w/d)", language="de", description="<p>Du kaufst ein.</p>")
    plain = board.add(title="Welder", language=None, description="<p>Weld.</p>")
    japanese = board.add(title="技術者", language="ja", description=JAPANESE)
    lists = board.add(title="Lister", description=LISTS, absolute_url="https://acme.example/jobs/1")
    sync()
    listed, page = client.get(JOBS).text, page_of(client, job(hebrew).id)
    assert '<h3 lang="he" dir="rtl">' in listed
    assert re.search('<h3 lang="de" dir="auto"><a [^>]+>Sachbearbeiter [(]m/w/d[)]</a></h3>', listed)
    assert '<h1 lang="he" dir="rtl">' in page
    assert '<div class="description" lang="he" dir="rtl" hx-disable>' in page
    assert '<p dir="rtl">' in page
    assert '<div class="description" lang="de" dir="auto" hx-disable>' in page_of(client, job(german).id)
    assert '<h1 dir="auto">Welder</h1>' in page_of(client, job(plain).id)
    assert job(japanese).words > 100
    assert job(lists).description_html == MADE


@on_sqlite
def test_the_notice_on_automated_tools_is_shown_and_its_change_is_one_of_the_post(
    sync: Sync, board: DemoBoard, job: FindJob, client: PortalClient
) -> None:
    post_id = board.add(
        title="Seller",
        include_ai_disclaimer=True,
        ai_disclaimer="<p><strong>AI in hiring:</strong> we use tools.<script>x</script></p>",
        ai_opt_out_request_url=OPT_OUT,
    )
    sync()
    page = page_of(client, job(post_id).id)
    assert "<p><strong>AI in hiring:</strong> we use tools.</p>" in page
    assert f'<a href="{OPT_OUT}"' in page
    board.edit(post_id, include_ai_disclaimer=False)
    run = sync()
    assert [change["field"] for change in changes_of(run.id, limit=5)[0].fields] == ["ai_notice"]
    assert "AI in hiring" not in page_of(client, job(post_id).id)


@pytest.mark.parametrize(("zone", "day"), [("Asia/Seoul", 20), ("UTC", 19), ("America/Sao_Paulo", 19)])
def test_a_date_is_the_one_where_the_organisation_is(
    sync: Sync, board: DemoBoard, job: FindJob, client: PortalClient, zone: str, day: int
) -> None:
    with write() as rows:
        rows.execute(update(Organisation).values(time_zone=zone))
    post_id = board.add(
        title="Seoul", location="Seoul, South Korea", first_published="2026-11-20T00:30:00+09:00"
    )
    sync()
    page = page_of(client, job(post_id).id)
    assert re.findall(r'Posted <time[^>]* title="([^",]+)', page) == [f"{day} Nov 2026"]
    posting = json.loads(unescape(page.partition('ld+json">')[2].partition("</script>")[0]))
    assert posting["datePosted"] == f"2026-11-{day}"
