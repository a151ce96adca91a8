"""Markup and very long words typed by visitors without a sign-in: forms, pages and mails only show them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select, update

from portal.actions.alerts.sending import send_alerts
from portal.actions.applications.deliver import deliver
from portal.actions.applications.switch import switch_apply_here
from portal.config import Settings
from portal.db import end_read, session, write
from portal.domain.texts import one_line, several_lines
from portal.models import Alert, Application, Job
from portal.web.alerts import form
from portal.web.applications import apply
from tests.support import applying
from tests.support.app import Cast, MakeJob
from tests.support.application_files import PDF, PROGRAM
from tests.support.board_server import DemoBoard
from tests.support.browser_pages import Faults
from tests.support.hostile_texts import LONG, MARKUP, Watched
from tests.support.letters import Post, waiting

pytestmark = pytest.mark.browser

MAILBOX = "'onfocus='alert`1`'{{7*7}}&amp" + "w" * 30
"""What may stand before the @ of an address: as much as makes no other address of it."""
TAGS = f"{'w' * 20}'\"><img/src=x/onerror=alert(1)>"
FILE: FilePayload = {"name": f"{MARKUP}{LONG}.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """Settings that know the demo Greenhouse."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def post(app: Flask, cast: Cast, board: DemoBoard, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page of a job that asks for all that a form can ask for."""
    monkeypatch.setattr(apply, "LEAST_SECONDS", -1.0)
    with app.app_context():
        switch_apply_here(applying.connect(cast.northwind.id, board), on=True)
        with write() as rows:
            rows.execute(update(Job).values(title=MARKUP))
        found = session().scalar(select(Job.id).where(Job.external_id == applying.WHOLE))
        end_read()
    return f"/orgs/northwind/jobs/{found}"


def values(page: Page) -> dict[str, str]:
    """What stands in each input that takes a text, by its name; alternatives to files are unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    shown = "#form :is(input.field:not([type=file]), textarea), #form [name$=_text]"
    by_name = "found => Object.fromEntries(found.map((each) => [each.name, each.value]))"
    found: dict[str, str] = page.eval_on_selector_all(shown, by_name)
    return found


def type_everywhere(page: Page, text: str, email: str) -> dict[str, str]:
    """Type a text into all that takes one, and return what stands there then."""
    for name in values(page):
        page.locator(f'[name="{name}"]').fill(email if "email" in name else text)
    return values(page)


def mails(app: Flask) -> list[Post]:
    """Every mail that waits to be sent."""
    with app.app_context():
        return waiting()


def look_at(mail: Post, watched: Watched) -> None:
    """Show a mail as a program does that carries out all that it holds: no policy is in its way."""
    watched.page.goto("about:blank")
    watched.page.set_content(mail.html)
    watched.check()


def path_in(mail: Post, path: str) -> str:
    """The address in a mail that leads there."""
    found = re.search(rf"http://[^/\s]+({path}\S*)", mail.text)
    assert found, mail.text
    return found[1]


def answer_the_rest(page: Page) -> None:
    """Choose where one chooses, and leave out what is looked up."""
    page.get_by_role("radio", name="Yes").first.check()
    page.get_by_role("checkbox", name="German").check()
    page.get_by_role("checkbox", name="I have read it").check()
    page.get_by_role("checkbox", name="I agree that my data are processed").check()
    page.get_by_label("Location").fill("Porto, Portugal")
    page.locator("[name^=education_]:is(input)").evaluate_all("all => all.forEach((each) => each.value = '')")
    employment = page.get_by_role("group", name="Employment 1")
    employment.get_by_label("Start: month").select_option("June")
    employment.get_by_label("Start: year").fill("2001")
    employment.get_by_label("End: year").fill("")
    employment.get_by_label("I still work there").check()


def test_what_an_applicant_types_is_shown_as_typed_and_never_carried_out(
    app: Flask,
    cast: Cast,
    candidate: Callable[..., Page],
    open_as: Callable[..., Page],
    post: str,
    board: DemoBoard,
    faults: Faults,
) -> None:
    faults.expected = re.compile("status of (410|422)")
    watched = Watched(page := candidate(f"{post}/apply"))
    send = page.get_by_role("button", name="Send the application")

    # refused: every line is too long, and no choice is made
    typed = type_everywhere(page, f"{MARKUP}{LONG}", f"{TAGS}{LONG}")
    assert len(typed) > 12
    page.locator("#a-resume").set_input_files(FILE)
    page.locator("#a-cover_letter").set_input_files({**FILE, "buffer": PROGRAM})
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("need another look")
    assert values(page) == typed
    expect(page.locator(".held-file strong")).to_contain_text("{{7 7}}")
    expect(page.locator("#a-cover_letter-error")).to_contain_text("<img src=x onerror=alert(1)>")
    watched.check()

    # taken in, and confirmed by mail, as is asked where a program may have filled it in
    email = f"{TAGS}@{'x' * 60}.example"
    type_everywhere(page, MARKUP, email)
    page.locator("#form-website").fill(MARKUP, force=True)
    answer_the_rest(page)
    send.click()
    expect(page.get_by_role("status")).to_contain_text("Confirm it by mail")
    watched.check()
    sent = page.url
    [confirmation] = mails(app)
    look_at(confirmation, watched)
    page.goto(path_in(confirmation, f"{post}/apply"))
    watched.check()
    page.get_by_role("button", name="Send my application").click()
    expect(page.get_by_role("status")).to_contain_text("It was received")
    assert page.url == sent

    # Greenhouse says no: admins hear of it, and see who it was
    board.fail(500)
    with app.app_context():
        deliver(*session().execute(select(Application.id, Application.generation)).one())
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("not delivered")
    watched.check()
    admin = Watched(open_as(cast.mara, "/orgs/northwind/applications"))
    name = f"{one_line(MARKUP, 255)} {one_line(MARKUP, 255)}"
    expect(admin.page.locator(".applicant h2")).to_have_text(name)
    expect(admin.page.locator(".applicant a")).to_have_text(email)
    admin.check()
    for mail in mails(app)[1:]:
        look_at(mail, admin)

    # Greenhouse gets it as it was typed
    with app.app_context(), write() as rows:
        rows.execute(update(Application).values(status="queued"))
    with app.app_context():
        deliver(*session().execute(select(Application.id, Application.generation)).one())
    [got] = applying.received(board)
    assert (got.name, got.email) == (name, email)
    assert dict(got.parts)["question_8004"] == several_lines(MARKUP, 255)
    assert dict(got.parts)["employments[][company_name]"] == one_line(MARKUP, 255)


def test_a_text_that_cannot_be_sent_any_more_is_shown_to_be_copied(
    app: Flask, candidate: Callable[..., Page], post: str, faults: Faults
) -> None:
    faults.expected = re.compile("status of 410")
    watched = Watched(page := candidate(f"{post}/apply"))
    type_everywhere(page, f"{MARKUP}{LONG}", f"{TAGS}{LONG}")
    with app.app_context(), write() as rows:
        rows.execute(update(Job).values(listed=False))
    page.get_by_role("button", name="Send the application").click()
    expect(page.locator(".written").first).to_contain_text(f"{MARKUP}{LONG}")
    watched.check()


def test_what_is_typed_to_hear_of_new_jobs_is_shown_as_typed_and_never_carried_out(
    app: Flask,
    cast: Cast,
    candidate: Callable[..., Page],
    make_job: MakeJob,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults.expected = re.compile("status of 422")
    monkeypatch.setattr(form, "QUICKEST", timedelta(0))
    searched = {"q": f"{MARKUP}{LONG}"[:190], "location": f"{MARKUP}{LONG}"[:190], "department": LONG[:190]}
    watched = Watched(page := candidate(f"/orgs/northwind/alerts/new?{urlencode(searched)}"))
    words = page.locator("#alert strong").all_inner_texts()
    assert "<script>alert(2)</script>{{7*7}}" in "".join(words)
    watched.check()

    # refused, and shown again
    page.locator("form").last.evaluate("form => { form.noValidate = true }")
    page.get_by_label("Your e-mail").fill(f"{TAGS}@x")
    page.get_by_role("button", name="Get e-mails").click()
    expect(page.locator("#alert-error")).to_be_visible()
    expect(page.get_by_label("Your e-mail")).to_have_value(f"{TAGS}@x")
    watched.check()

    # asked for, and confirmed
    email = f"{MAILBOX}@{'x' * 60}.example"
    page.locator("form").last.evaluate("form => { form.noValidate = true }")
    page.get_by_label("Your e-mail").fill(email)
    page.get_by_role("button", name="Get e-mails").click()
    expect(page.get_by_role("heading", name="Look for a mail")).to_be_visible()
    [question] = mails(app)
    look_at(question, watched)
    page.goto(path_in(question, "/alerts/confirm"))
    expect(page.locator("section strong")).to_have_text(email)
    expect(page.locator("bdi").first).to_have_text(words[0])
    watched.check()
    page.get_by_role("button", name="Turn on e-mails").click()
    expect(page.get_by_text("Your e-mails are on")).to_be_visible()
    expect(page.locator("bdi").first).to_have_text(words[0])
    watched.check()

    # a mail with what is new, and the pages that it leads to
    with app.app_context(), write() as rows:
        rows.execute(update(Alert).values(wanted={}, search_key=""))
        [due] = rows.scalars(select(Alert.next_at))
    make_job(title=f"{MARKUP}{LONG}"[:200], location=MARKUP, department=MARKUP)
    with app.app_context():
        send_alerts(cast.northwind.id, due)
    news = mails(app)[-1]
    assert "alert(2)" in news.html
    look_at(news, watched)
    page.goto(path_in(news, "/alerts/stop"))
    watched.check()
    page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_text("deleted")).to_be_visible()
    watched.check()
