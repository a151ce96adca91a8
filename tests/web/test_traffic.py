"""A page's script says that it was seen; admins see how often, by day, source and job."""

import csv
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.actions.public.counting import traffic_of
from portal.db import db, session
from portal.models import Traffic
from portal.web.traffic import routes as traffic
from portal.web.traffic import throttle
from tests.support.app import Cast, PortalClient
from tests.support.statements import statements_sent

ORG = "/orgs/northwind"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"}
MakeJob = Callable[..., int]


@pytest.fixture(autouse=True)
def fresh_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "_ALLOWED", throttle.Throttle(300))


def see(client: PortalClient, path: str, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
    return client.post(f"{ORG}/jobs/{path}seen", data=form, headers=BROWSER | (headers or {}))


def counted(app: Flask) -> dict[tuple[int, str], tuple[int, int]]:
    traffic_of(app).flush()
    with app.app_context():
        return {
            (row.job_id, row.source): (row.views, row.clicks)
            for row in session().scalars(select(Traffic)).all()
        }


def test_views_and_clicks_are_counted_by_source_without_a_cookie(
    app: Flask, client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    answers = [
        see(client, f"{job}/", what="view", source="", **{"from": "www.google.de"}),
        see(client, f"{job}/", what="view", source="Fair 2026", **{"from": "www.google.de"}),
        see(client, f"{job}/", what="click", source="fair 2026"),
        see(client, f"{job}/", what="view", **{"from": "localhost"}),
        see(client, "", what="click", **{"from": ""}),
    ]
    assert {answer.status_code for answer in answers} == {204}
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert counted(app) == {
        (job, "google"): (1, 0),
        (job, "fair 2026"): (1, 1),
        (job, "portal"): (1, 0),
        (0, "direct"): (1, 0),
    }


def test_robots_other_sites_and_floods_are_not_counted(
    app: Flask, client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    for headers in ({"User-Agent": "Googlebot/2.1"}, {"User-Agent": ""}, {"Sec-Fetch-Site": "cross-site"}):
        assert see(client, f"{job}/", headers).status_code == 204
    assert counted(app) == {}
    monkeypatch.setattr(traffic, "_ALLOWED", throttle.Throttle(2))
    for _ in range(5):
        see(client, f"{job}/")
    assert counted(app) == {(job, "direct"): (2, 0)}
    assert see(client, f"{job}/", source="x" * 10_000).status_code == 413
    assert client.post("/orgs/never/jobs/1/seen", headers=BROWSER).status_code == 404
    assert client.get(f"{ORG}/jobs/{job}/seen").status_code == 405


def test_a_view_writes_nothing_by_itself(app: Flask, client: PortalClient, make_job: MakeJob) -> None:
    job = make_job()
    with app.app_context():
        engine = db.engine
    with statements_sent(engine) as statements:
        see(client, f"{job}/")
    assert [each for each in statements if not each.statement.startswith("SELECT")] == []
    assert len(statements) == 1


def test_only_what_strangers_read_says_that_it_was_seen(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    assert f'<meta name="counted" content="{ORG}/jobs/{job}/seen">' in client.get(f"{ORG}/jobs/{job}").text
    assert f'<meta name="counted" content="{ORG}/jobs/seen">' in client.get(f"{ORG}/jobs").text
    for path in (f"{ORG}/jobs", f"{ORG}/jobs/{job}"):
        assert "counted" not in mara.get(path).text


def test_admins_see_the_last_days_as_a_chart_tables_and_csv(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    job, other = make_job(title="Welder"), make_job(title="Analyst")
    for _ in range(4):
        see(client, f"{job}/", source='=HYPERLINK("x")<b>')
    see(client, f"{job}/", what="click", **{"from": "www.linkedin.com"})
    see(client, f"{other}/")
    see(client, "")
    traffic_of(app).flush()
    page = mara.get(f"{ORG}/traffic").text
    assert re.findall(r'<b class="num">([^<]+)</b>', page) == ["5 in all", "1 in all", "1 view"]
    assert page.count("<rect") == 3
    assert f'<a href="{ORG}/traffic?job={job}">Welder</a>' in page
    assert "&lt;b&gt;" in page
    assert "Direct, or not said" in page
    of_job = mara.get(f"{ORG}/traffic?job={job}&days=90").text
    assert re.findall(r'<b class="num">([^<]+)</b>', of_job) == ["4 in all", "1 in all"]
    assert "Analyst" not in of_job
    assert 'viewBox="0 0 900 40"' in of_job
    rows = list(csv.reader(mara.get(f"{ORG}/traffic.csv").text.removeprefix("\ufeff").splitlines()))
    assert [row[2:] for row in rows[1:]] == [
        ["Jobs tab", "direct", "1", "0"],
        ["Welder", '\'=hyperlink("x")<b>', "4", "0"],
        ["Welder", "linkedin", "0", "1"],
        ["Analyst", "direct", "1", "0"],
    ]
    assert len(mara.get(f"{ORG}/traffic.csv?job={other}&days=30").text.splitlines()) == 2
    assert f'href="{ORG}/traffic?job={job}"' in mara.get(f"{ORG}/jobs/manage?job={job}").text


def test_there_are_no_figures_of_other_organisations_jobs_and_none_for_members(
    mara: PortalClient, noor: PortalClient, otto: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    theirs = make_job(organisation_id=cast.cafe.id)
    for query in (f"job={theirs}", "job=x", "job=", f"job={2**70}"):
        assert mara.get(f"{ORG}/traffic?{query}").status_code == 404
    own = make_job()
    for query, led in (("days=90", f"{ORG}/links"), (f"job={own}&days=90", f"{ORG}/jobs/{own}")):
        page = mara.get(f"{ORG}/traffic?{query}").text
        assert "Nothing was counted in the last 90 days" in page
        assert f'<a class="btn-soft" href="{led}">' in page
        assert '<svg class="lane' not in page
    assert noor.get(f"{ORG}/traffic").status_code == 403
    assert otto.get(f"{ORG}/traffic.csv").status_code == 404
    assert "traffic?job" not in noor.get(f"{ORG}/jobs/manage?job={own}").text
