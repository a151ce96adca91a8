"""People apply on a job's own page: with files, without script, by keys alone, on a phone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from dev.demo import applications
from portal.actions.applications.deliver import deliver
from portal.actions.applications.switch import switch_apply_here
from portal.config import Settings
from portal.db import end_read, session
from portal.models import Application, Job
from portal.web.applications import apply
from tests.support.accessibility import complaints
from tests.support.app import Cast
from tests.support.application_files import DOCX, PDF
from tests.support.applying import SHORT, WHOLE, connect, received
from tests.support.board_server import DemoBoard
from tests.support.browser_pages import go_back_online

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
CV: FilePayload = {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": PDF}
LETTER: FilePayload = {"name": "letter.docx", "mimeType": "application/octet-stream", "buffer": DOCX}
LONG = "Would you tell us in your own words about " + "Donaudampfschifffahrtsgesellschaftskapitän" * 5


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """Settings that know the demo Greenhouse."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def address(
    app: Flask, cast: Cast, board: DemoBoard, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], str]:
    """Return the address of the form for a post of the demo board; the switch is on."""
    monkeypatch.setattr(apply, "LEAST_SECONDS", -1.0)
    with app.app_context():
        switch_apply_here(connect(cast.northwind.id, board), on=True)
        posts = {row.external_id: row.id for row in session().execute(select(Job.external_id, Job.id))}
        end_read()
    return lambda post_id: f"/orgs/northwind/jobs/{posts[post_id]}/apply"


def deliver_all(app: Flask) -> None:
    with app.app_context():
        waiting = session().execute(select(Application.id, Application.generation)).all()
        end_read()
        for application_id, generation in waiting:
            deliver(application_id, generation)


def test_without_script_on_a_phone_a_whole_form_is_sent_after_two_refusals(
    app: Flask, candidate: Callable[..., Page], address: Callable[[int], str], board: DemoBoard
) -> None:
    page = candidate(address(WHOLE).removesuffix("/apply"), java_script_enabled=False, viewport=PHONE)
    page.get_by_role("link", name="Apply for this job").click()
    page.get_by_label("Choose a file for Resume/CV").set_input_files(CV)
    page.get_by_label("Choose a file for Cover Letter").set_input_files(LETTER)
    page.get_by_label("First Name").fill("Ada")
    page.get_by_role("button", name="Send the application").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("7 answers need another look")
    expect(page).to_have_title("Error: Apply: Calibration Engineer, Wind Tunnel · Northwind Labs · The Org")
    summary.get_by_role("link", name="Last Name").click()
    expect(page.get_by_label("Last Name")).to_be_in_viewport()
    expect(page.get_by_label("First Name")).to_have_value("Ada")
    page.get_by_label("Last Name").fill("Lovelace")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("checkbox", name="German").check()
    page.get_by_role("checkbox", name="I have read it").check()
    page.get_by_label("Location").fill("Springfield")
    page.get_by_label("Find your school").fill("lisbon")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("School", exact=True).select_option("University of Lisbon")
    page.get_by_label("Degree").select_option("Other")
    page.get_by_label("Discipline").select_option("Physics")
    education = page.get_by_role("group", name="Education 1")
    for name in ("Start", "End"):
        education.get_by_label(f"{name}: month").select_option("June")
        education.get_by_label(f"{name}: year").fill("2001" if name == "Start" else "2004")
    page.get_by_role("button", name="Add another employment").click()
    expect(page.get_by_role("group", name="Employment 2").get_by_label("Company")).to_be_focused()
    page.get_by_role("button", name="Remove employment 1").click()
    expect(page.get_by_role("button", name="Add another employment")).to_be_focused()
    page.get_by_role("checkbox", name="I agree that my data are processed").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("alert")).to_contain_text("several places of that name")
    page.get_by_role("radio", name="Springfield, Missouri").check()
    expect(page.get_by_role("strong").filter(has_text="cv.pdf")).to_be_visible()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("status")).to_contain_text("It was received.")
    deliver_all(app)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("It was delivered.")
    (got,) = received(board)
    assert sorted(got.files) == ["cv.pdf", "letter.docx"]
    assert dict(got.parts)["location"] == "Springfield, Missouri, United States"
    assert dict(got.parts)["educations[][degree_id]"] == "5"
    assert page.context.cookies() == []


def test_by_keys_alone_an_application_is_refused_mended_and_sent(
    app: Flask, candidate: Callable[..., Page], address: Callable[[int], str], board: DemoBoard
) -> None:
    page = candidate(address(SHORT))
    page.get_by_label("First Name").focus()
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type("Lovelace")
    page.keyboard.press("Enter")  # in the middle of the form: nothing is lost by it
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type("ada@example.com")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_text("Or paste it as text").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("I measure the wind.")
    button = page.get_by_role("button", name="Send the application")
    for _ in range(12):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It was received.")
    deliver_all(app)
    assert dict(received(board)[0].parts)["resume_text"] == "I measure the wind."


def test_axe_finds_nothing_and_nothing_is_cut_in_forms_with_long_labels_and_errors(
    candidate: Callable[..., Page], address: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    countries = tuple(f"Country number {number}" for number in range(30))
    select_one = applications._select("Country", "question_1", countries, required=True)
    many = applications._select(LONG, "question_2", countries[:20], required=True, several=True)
    consent = applications._select(LONG, "question_3", (LONG,), required=True)
    of_post = applications.form_of

    def longer(job: dict[str, Any]) -> dict[str, Any]:
        form = of_post(job)
        help_html = {"description": "<p>Please read this.</p>" * 20}
        return form | {"questions": [*form["questions"], select_one, many, consent | help_html]}

    monkeypatch.setattr(applications, "form_of", longer)
    page = candidate(address(WHOLE), bypass_csp=True, reduced_motion="reduce")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert complaints(page) == []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("has_script", [True, False])
def test_a_line_that_breaks_leaves_what_was_typed_and_chosen(
    candidate: Callable[..., Page], address: Callable[[int], str], has_script: bool, tmp_path: Path
) -> None:
    file = tmp_path / "cv.pdf"  # a browser finds again what lies on a disk
    file.write_bytes(PDF)
    page = candidate(address(SHORT), java_script_enabled=has_script)
    send = page.get_by_role("button", name="Send the application")
    page.get_by_label("First Name").fill("Ada")
    page.get_by_label("Choose a file for Resume/CV").set_input_files(file)
    for _ in range(2):  # the second time after a refusal
        page.context.set_offline(True)
        send.click()
        if has_script:
            expect(page.get_by_text("You are offline. Nothing was sent")).to_be_visible()
            page.context.set_offline(False)
        else:
            go_back_online(page)
        expect(page.get_by_label("First Name")).to_have_value("Ada")
        send.click()
        expect(page.get_by_role("alert")).to_contain_text("2 answers need another look")
        expect(page.get_by_text("cv.pdf").first).to_be_visible()
