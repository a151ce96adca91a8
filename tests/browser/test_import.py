"""A CSV file in the browser: chosen, looked at, applied while the page says how far it is."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.db import session
from portal.live.publish import publish
from portal.models import LoginSession
from portal.web.tables import imports
from tests.support.app import Cast
from tests.support.manage_page import stored

pytestmark = pytest.mark.browser

IMPORT = "/orgs/northwind/jobs/import"
MOST_TOLD = 2_000
MANAGE = "/orgs/northwind/jobs/manage"


def choose(page: Page, text: str) -> None:
    page.goto(IMPORT)
    page.get_by_label("CSV file").set_input_files(
        {"name": "jobs.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="See what would change").click()


def test_a_large_import_says_how_far_it_is_and_is_sent_once(
    app: Flask, portal_page: Page, cast: Cast, job: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LONG", 0)
    posts: list[str] = []
    choose(portal_page, f"Job ID;Location\n{job};Faro\n")
    portal_page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    form = portal_page.locator("form.apply")
    told = {"organisation": cast.northwind.id, "bulk": form.locator("[name=progress]").input_value()}
    with app.app_context():
        told["login"] = session().scalars(select(LoginSession.id)).one()
        for _ in range(MOST_TOLD):  # until the page listens
            publish({**told, "done": 1_000, "total": 2_000})
            if "1,000 of 2,000 jobs" in form.inner_text():
                break
    expect(form.locator("progress")).to_have_js_property("position", 0.5)
    change = portal_page.get_by_role("button", name="Change 1 value")
    change.evaluate("button => { button.click(); button.click(); }")
    expect(portal_page.locator("#toasts")).to_contain_text("Changed 1 value in 1 job.")
    assert len(posts) == 1


def test_the_list_as_filtered_without_a_reload_is_what_is_exported_and_comes_back_by_one_click(
    app: Flask, portal_page: Page, make_job: Callable[..., int]
) -> None:
    ids = [make_job(title=title, location="Porto") for title in ("Welder", "Rigger")]
    portal_page.goto(MANAGE)
    portal_page.get_by_role("searchbox").fill("welder")
    expect(portal_page.locator("table.jobs tbody tr")).to_have_count(1)
    portal_page.get_by_role("button", name="More actions").click()
    with portal_page.expect_download() as download:
        portal_page.get_by_role("link", name="Export CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert "Welder" in text
    assert "Rigger" not in text
    choose(portal_page, text.replace("Porto", "Faro"))
    portal_page.get_by_role("button", name="Change 1 value").click()
    expect(portal_page.locator("#toasts")).to_contain_text("Changed 1 value in 1 job.")
    assert stored(app, ids[0], "location") == "Faro"
    portal_page.get_by_role("button", name="Undo").click()
    expect(portal_page.locator("#toasts")).to_contain_text("Undone. Location: Porto")
    assert [stored(app, job, "location") for job in ids] == ["Porto", "Porto"]
