"""Applying on the portal's own page: every kind of question, what is refused, and what survives."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.actions.applications import reading
from portal.actions.applications.switch import switch_apply_here
from portal.db import end_read, session, write
from portal.domain.applications import files
from portal.models import Application, ApplicationFile, Connection, Job, Mail
from portal.store.people import next_revision
from portal.web.applications import apply as applying
from portal.web.applications import confirming
from tests.support.app import PortalClient
from tests.support.application_files import DOCX, PROGRAM
from tests.support.applying import (
    ALL,
    LEAST,
    MIDDLE,
    MORE,
    SHORT,
    WHOLE,
    confirmation_of,
    filled,
    hidden_inputs,
    open_form,
    received,
)
from tests.support.board_server import DemoBoard

Address = Callable[[int], str]
Deliver = Callable[[], list[str]]

pytestmark = pytest.mark.usefixtures("apply_here")


def stored(app: Flask, model: type[Application] | type[ApplicationFile] = Application) -> int:
    with app.app_context():
        found = session().scalar(select(func.count(model.id))) or 0
        end_read()
    return found


def faults(page: str) -> dict[str, str]:
    """The errors of the summary, by the input that each leads to."""
    summary = page.partition('role="alert"')[2].partition("</section>")[0]
    return {
        name: unescape(re.sub("<[^>]+>", "", said))
        for name, said in re.findall(r'<a href="#a-([^"]+)">(.*?)</a>', summary)
    }


def values(page: str) -> dict[str, str]:
    """What stands in the inputs for text."""
    found = re.findall(r'<input class="field[^"]*" id="[^"]*" name="([^"]+)"[^>]* value="([^"]*)"', page)
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(value).replace("\r\n", "\n") for name, value in (*found, *texts) if value}


def test_the_page_is_nobody_elses_sets_no_cookie_and_may_be_kept_for_back(
    client: PortalClient, address: Address
) -> None:
    page = client.get(address(WHOLE))
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-cache, private"
    assert "Set-Cookie" not in page.headers
    assert "noindex" in page.text


def test_a_jobs_page_leads_to_it_and_the_source_goes_all_the_way(
    client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(SHORT)
    job = client.get(f"{path.removesuffix('/apply')}?gh_src=fair").text
    assert f'href="{path}?gh_src=fair"' in job
    assert f'data-printed="http://localhost{path}"' in job  # on paper a whole address is needed
    assert "The form opens on" not in job
    page = client.get(f"{path}?gh_src=fair").text
    assert f'action="{path}?attempt=1&amp;gh_src=fair"' in page
    answer = client.post(f"{path}?attempt=1&gh_src=fair", data=filled(hidden_inputs(page), LEAST))
    assert answer.status_code == 303
    assert deliver_all() == ["delivered"]
    assert ("mapped_url_token", "fair") in received(board)[0].parts


def test_all_that_a_form_can_ask_arrives_as_greenhouse_wants_it(
    client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(WHOLE)
    voluntary = {
        "veteran_status": "1",
        "demographic_90": "93",
        "demographic_90_93_text": "in my own words",
        "gdpr_demographic_data_consent_given": "1",
        "gdpr_retention_consent_given": "1",
        "education_search": "Lisbon",
        "education_school": "2",
        "education_degree": "3",
        "education_discipline": "1",
        "education_start_month": "9",
        "education_start_year": "2001",
        "education_end_month": "6",
        "education_end_year": "2004",
    }
    cover = {"cover_letter": (BytesIO(DOCX), "letter.docx")}
    sent = client.post(path, data=filled(open_form(client, path), LEAST, MORE, ALL, voluntary, cover))
    assert sent.status_code == 303
    assert "It was received." in client.get(sent.location).text
    assert deliver_all() == ["delivered"]
    assert "It was delivered." in client.get(sent.location).text
    (got,) = received(board)
    assert sorted(got.files) == ["cv.pdf", "letter.docx"]
    assert [value for name, value in got.parts if name == "question_8002[]"] == ["7000000000", "7000000003"]
    assert (
        dict(got.parts).items()
        >= {
            "first_name": "Ada",
            "question_8004": "The wind.\nAnd more of it.",
            "location": "Lisbon, Portugal",
            "latitude": "38.72509",
            "longitude": "-9.14980",
            "veteran_status": "1",
            "demographic_answers[][question_id]": "90",
            "demographic_answers[][answer_options][][text]": "in my own words",
            "educations[][school_name_id]": "2",
            "data_compliance[gdpr_processing_consent_given]": "true",
            "data_compliance[gdpr_retention_consent_given]": "true",
            "data_compliance[gdpr_demographic_data_consent_given]": "true",
        }.items()
    )
    assert not any(name.startswith(("form-", "csrf", "education_", "location_")) for name, _ in got.parts)


def test_what_is_missing_is_said_at_the_top_and_at_each_question(
    client: PortalClient, address: Address
) -> None:
    path = address(MIDDLE)
    answer = client.post(path, data=open_form(client, path))
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-cache, private"
    found = faults(answer.text)
    assert list(found) == [
        *("first_name", "last_name", "email", "resume"),
        *("question_8001", "question_8002", "question_8005", "location"),
    ]
    assert found["resume"] == "Resume/CV: Choose a file, or paste the text."
    for name in found:
        assert f'id="a-{name}' in answer.text
        assert f'id="a-{name}-error"' in answer.text
    assert "<title>Error: " in answer.text


def test_what_was_typed_chosen_and_uploaded_survives_a_refusal(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(MIDDLE)
    said = (
        LEAST | MORE | {"email": "ada at example", "question_8003": '<b>"friends" & others', "phone": "+44 1"}
    )
    page = client.post(path, data=filled(open_form(client, path), said)).text
    assert faults(page) == {"email": "Email: Type an e-mail address, such as mara@example.com."}
    assert values(page) == {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada at example",
        "phone": "+44 1",
        "question_8003": '<b>"friends" & others',
        "question_8004": "The wind.\nAnd more of it.",
        "location": "Lisbon",
    }
    assert re.findall(r'value="(\d+)" checked', page) == ["7000000000"] * 2 + ["7000000003", "7000000000"]
    assert '<strong dir="auto">cv.pdf</strong>' in page
    again = client.post(path, data=filled(hidden_inputs(page), LEAST, MORE, resume=None))
    assert again.status_code == 303
    assert deliver_all() == ["delivered"]
    assert received(board)[0].files == ("cv.pdf",)
    assert stored(app, ApplicationFile) == 0


def test_a_kept_file_can_be_replaced_and_taken_away(
    client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(SHORT)
    page = client.post(path, data=filled(open_form(client, path))).text
    page = client.post(path, data=filled(hidden_inputs(page), resume=(DOCX, "better.docx"))).text
    assert "better.docx" in page
    assert "cv.pdf" not in page
    page = client.post(path, data=filled(hidden_inputs(page), {"form-remove": "resume"}, resume=None)).text
    assert "better.docx" not in page
    assert "resume" in faults(page)
    answer = client.post(path, data=filled(hidden_inputs(page), LEAST, resume=None, resume_text="My life."))
    assert answer.status_code == 303
    deliver_all()
    assert (received(board)[0].files, dict(received(board)[0].parts)["resume_text"]) == ((), "My life.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PROGRAM, "is no PDF, Word, RTF or text file"),
        (b"", "is empty"),
        (b"%PDF-" + b"x" * 2000, "is larger than 10 MB"),
    ],
    ids=["program", "empty", "large"],
)
def test_a_file_that_greenhouse_would_not_take_is_refused_and_the_rest_stays(
    app: Flask,
    client: PortalClient,
    address: Address,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    said: str,
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    path = address(SHORT)
    answer = client.post(path, data=filled(open_form(client, path), LEAST, resume=(content, "cv.pdf")))
    assert answer.status_code == 422
    assert said in faults(answer.text)["resume"]
    assert values(answer.text)["last_name"] == "Lovelace"
    assert stored(app, ApplicationFile) == 0


def test_a_body_beyond_all_bounds_is_not_even_read(client: PortalClient, address: Address) -> None:
    answer = client.post(address(SHORT), environ_overrides={"CONTENT_LENGTH": str(10**9)})
    assert answer.status_code == 413
    assert "far larger than 10 MB" in answer.text


def test_a_double_click_is_one_application(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(SHORT)
    form = open_form(client, path)
    first, second = (client.post(path, data=filled(form, LEAST)) for _ in range(2))
    assert first.location == second.location
    deliver_all()
    assert client.post(path, data=filled(form, LEAST)).location == first.location
    assert (stored(app), len(received(board))) == (1, 1)


def test_a_form_that_changed_meanwhile_says_what_is_new_and_keeps_the_answers(
    app: Flask, client: PortalClient, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = address(MIDDLE)
    form = open_form(client, path)
    asked = applying.read_form

    def edited(token: str, post_id: int) -> Any:
        now = asked(token, post_id)
        *others, heard, why, privacy = now.questions
        renamed = replace(why, fields=(replace(why.fields[0], name="question_9999"),))
        return replace(now, questions=(*others, replace(heard, required=True), renamed, privacy))

    monkeypatch.setattr(applying, "read_form", edited)
    answer = client.post(path, data=filled(form, LEAST, MORE))
    assert answer.status_code == 409
    assert "Changed: “How did you hear about this job?”." in answer.text
    assert values(answer.text)["question_9999"] == "The wind.\nAnd more of it."
    assert stored(app) == 0
    page = client.post(
        path, data=filled(hidden_inputs(answer.text), LEAST, MORE, resume=None, question_8003="x")
    )
    assert page.status_code == 303


def test_a_job_that_closed_in_greenhouse_meanwhile_says_so_and_shows_what_was_written(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard
) -> None:
    path = address(MIDDLE)
    form = open_form(client, path)
    board.close(MIDDLE)
    answer = client.post(path, data=filled(form, LEAST, MORE))
    assert answer.status_code == 410
    assert "This job is closed" in answer.text
    assert "Open now, and close to it" in answer.text
    assert "The wind." in answer.text
    assert stored(app) == 0
    assert client.get(path).status_code == 410


def test_a_job_that_is_closed_or_hidden_here_is_not_applied_for(
    app: Flask, client: PortalClient, address: Address
) -> None:
    path = address(SHORT)
    form = open_form(client, path)
    for columns, status in (({"listed": False}, 410), ({"listed": True, "visibility": "hidden"}, 404)):
        with app.app_context(), write() as current:
            job = current.scalar(select(Job).where(Job.external_id == SHORT))
            assert job is not None
            next_revision(job.organisation_id)
            for name, value in columns.items():
                setattr(job, name, value)
        assert client.get(path).status_code == status
        assert client.post(path, data=filled(form, LEAST)).status_code == status


def test_a_job_of_the_organisations_own_leads_elsewhere(
    client: PortalClient, make_job: Callable[..., int]
) -> None:
    job = f"/orgs/northwind/jobs/{make_job()}"
    assert client.get(f"{job}/apply").location == job
    assert 'href="https://northwind.example/apply"' in client.get(job).text


def test_with_the_switch_off_the_job_leads_to_greenhouse_at_once(
    app: Flask, client: PortalClient, address: Address, apply_here: Connection
) -> None:
    path = address(SHORT)
    job, form = path.removesuffix("/apply"), open_form(client, path)
    assert f'href="{path}"' in client.get(job).text
    with app.app_context():
        switch_apply_here(apply_here, on=False)
    assert f'href="{path}"' not in client.get(job).text
    assert client.get(path).location == job
    answer = client.post(
        path, data=filled(form, LEAST, resume=None, resume_text="My whole life until today.")
    )
    assert answer.status_code == 503
    assert "no longer taken on this page" in answer.text
    assert "My whole life until today." in answer.text
    assert stored(app) == 0


@pytest.mark.parametrize("status", [500, 429, 404 + 1])
def test_a_form_that_cannot_be_read_leads_to_greenhouse_and_says_why(
    client: PortalClient, address: Address, board: DemoBoard, status: int
) -> None:
    path = address(SHORT)
    board.fail(status, on="/jobs/")
    page = client.get(f"{path}?gh_src=fair")
    assert page.status_code == 503
    assert "The form cannot be used here at the moment." in page.text
    assert re.search(r'href="https://[^"]*gh_src=fair"', page.text)


def test_greenhouse_that_is_away_as_it_is_sent_loses_neither_texts_nor_files(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard
) -> None:
    path = address(MIDDLE)
    form = open_form(client, path)
    board.fail(500, on="/jobs/")
    answer = client.post(path, data=filled(form, LEAST, MORE))
    assert answer.status_code == 503
    assert "Nothing was sent yet, and what you wrote is still here." in answer.text
    assert values(answer.text)["question_8004"] == "The wind.\nAnd more of it."
    assert "cv.pdf" in answer.text
    again = client.post(path, data=filled(hidden_inputs(answer.text), LEAST, MORE, resume=None))
    assert again.status_code == 303


def test_where_even_the_form_is_forgotten_the_texts_are_shown(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard
) -> None:
    path = address(MIDDLE)
    form = open_form(client, path)
    app.extensions["redis"].flushall()
    board.fail(500, on="/jobs/")
    answer = client.post(path, data=filled(form, LEAST, MORE))
    assert answer.status_code == 503
    assert "What you wrote" in answer.text
    assert "The wind." in answer.text
    assert form["csrf_token"] not in answer.text


def test_a_form_without_its_token_is_refused(app: Flask, client: PortalClient, address: Address) -> None:
    path = address(SHORT)
    assert client.post(path, data=filled(LEAST)).status_code == 400
    open_form(client, path)
    other = open_form(client, address(MIDDLE))
    for token in (other["csrf_token"], "made up", ""):
        answer = client.post(path, data=filled(LEAST, csrf_token=token))
        assert answer.status_code == 400
        assert values(answer.text)["last_name"] == "Lovelace"
        assert "Choose your files again." in answer.text
    again = client.post(path, data=filled(hidden_inputs(answer.text), LEAST))
    assert again.status_code == 303
    assert stored(app) == 1


def test_who_is_very_fast_is_asked_to_look_once_more(
    app: Flask, client: PortalClient, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "LEAST_SECONDS", 3600.0)
    path = address(SHORT)
    answer = client.post(path, data=filled(open_form(client, path), LEAST))
    assert answer.status_code == 422
    assert "look through your answers once more" in answer.text
    assert stored(app) == 0


def test_what_looks_like_a_programs_is_delivered_once_its_sender_confirms_it_by_mail(
    app: Flask, client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path = address(SHORT)
    trapped = filled(open_form(client, path), LEAST, {"form-website": "https://spam.example"})
    sent = client.post(path, data=trapped)
    assert "Confirm it by mail." in client.get(sent.location).text
    assert deliver_all() == ["unconfirmed"]
    to, link = confirmation_of(app)
    assert to == "ada@example.com"
    for _ in range(2):  # programs that look after mail follow links
        page = client.get(link)
        assert "Send my application" in page.text
        assert "Set-Cookie" not in page.headers
    assert deliver_all() == ["unconfirmed"]
    confirmed = client.post(path, data=hidden_inputs(page.text.replace("<form", '<form id="form"')))
    assert confirmed.location == sent.location
    assert (
        client.post(path, data=hidden_inputs(page.text.replace("<form", '<form id="form"'))).status_code
        == 410
    )
    assert client.get(link).status_code == 410
    assert deliver_all() == ["delivered"]
    assert len(received(board)) == 1


def test_a_confirmation_that_is_made_up_or_of_another_job_is_none(
    app: Flask, client: PortalClient, address: Address, deliver_all: Deliver
) -> None:
    path = address(SHORT)
    client.post(path, data=filled(open_form(client, path), LEAST, {"form-website": "x"}))
    _, link = confirmation_of(app)
    for other in (link.replace(path, address(MIDDLE)), f"{path}?confirm=made-up"):
        assert client.get(other).status_code == 410
    assert client.post(path, data={"confirm": link.partition("confirm=")[2]}).status_code == 400
    assert deliver_all() == ["unconfirmed"]


def test_an_address_gets_few_of_these_mails(
    app: Flask, client: PortalClient, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "is_doubtful", lambda _: True)
    path = address(SHORT)
    for _ in range(3):
        assert client.post(path, data=filled(open_form(client, path), LEAST)).status_code == 303
    assert client.post(path, data=filled(open_form(client, path), LEAST)).status_code == 429
    with app.app_context():
        assert len(session().scalars(select(Mail)).all()) == 3
        end_read()


def test_one_sender_has_a_limit_and_loses_nothing_at_it(
    app: Flask, client: PortalClient, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = address(SHORT)
    form = open_form(client, path)
    for _ in range(40):
        client.post(path, data=filled(form, resume=None))
    answer = client.post(path, data=filled(form, LEAST, resume=None, resume_text="My life."))
    assert answer.status_code == 429
    assert values(answer.text)["resume_text"] == "My life."
    assert stored(app) == 0


def test_schools_are_found_without_a_script_and_what_was_typed_stays(
    client: PortalClient, address: Address
) -> None:
    path = address(WHOLE)
    form = open_form(client, path)
    asked = filled(form, LEAST, {"form-find": "school", "education_search": "technical university of l"})
    page = client.post(path, data=asked)
    assert page.status_code == 200
    assert faults(page.text) == {}
    assert re.findall(r"<option value=\"\d+\">(Technical [^<]+)<", page.text) == [
        "Technical University of Lisbon",
        "Technical University of Leeds",
    ]
    assert values(page.text)["first_name"] == "Ada"
    assert "cv.pdf" in page.text


def test_all_schools_together_take_no_longer_than_one_answer_may(
    client: PortalClient, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = address(WHOLE)
    chosen = {"education_school": "17", "education_search": "lisbon", "education_2_search": "porto"}
    asked = filled(open_form(client, path), LEAST, chosen, {"form-find": "education", "form-education": "2"})
    patience = 400.0
    passed = iter([0.0, patience / 2, patience + 1])  # it begins; a school is asked for; another one is
    monkeypatch.setattr(reading, "SECONDS", patience)
    monkeypatch.setattr(reading, "monotonic", lambda: next(passed))
    page = client.post(path, data=asked).text
    assert "The lists of schools could not be read. Greenhouse took too long to answer." in page
    assert "University of Lisbon</option>" in page
    assert "University of Porto</option>" not in page
    assert "Physics</option>" in page


def test_a_school_that_was_chosen_stays_while_greenhouse_is_away(
    client: PortalClient, address: Address, board: DemoBoard
) -> None:
    path = address(WHOLE)
    chosen = {"education_school": '17"', "education_search": "lisbon"}
    form = open_form(client, path)
    for times, status in ((1, 422), (2, 503)):  # the lists alone; the form as well
        board.fail(503, times=times, on="/schools" if times == 1 else "/")
        answer = client.post(path, data=filled(form, LEAST, chosen))
        assert answer.status_code == status
        assert '<option value="17&#34;" selected>What you chose before</option>' in answer.text


def test_entries_are_added_and_taken_away_without_a_script_and_nothing_typed_is_lost(
    client: PortalClient, address: Address, board: DemoBoard, deliver_all: Deliver
) -> None:
    path, answers = address(WHOLE), (LEAST, MORE, ALL)
    jobs = {"employment_company": "First Ltd", "employment_title": "Engineer", "employment_current": "1"}
    jobs |= {"employment_start_month": "2", "employment_start_year": "2020"}
    page = client.post(path, data=filled(open_form(client, path), *answers, jobs, {"form-add": "employment"}))
    assert page.status_code == 200
    assert faults(page.text) == {}
    assert 'name="employment_2_company" value="" dir="auto" autofocus' in page.text
    assert page.text.count(" autofocus") == 1
    before = jobs | {f"{name[:10]}_2{name[10:]}": value for name, value in jobs.items()}
    before |= {"employment_2_company": "Second Ltd"}
    form = hidden_inputs(page.text)
    for part in ("employment", "education"):
        page = client.post(path, data=filled(form, *answers, before, {"form-add": part}, resume=None))
        form = hidden_inputs(page.text)
    assert "cv.pdf" in page.text
    assert values(page.text)["employment_2_company"] == "Second Ltd"
    drop = {"form-drop": "employment"}
    page = client.post(path, data=filled(form, *answers, before, drop, resume=None))
    assert values(page.text)["employment_company"] == "Second Ltd"
    assert "First Ltd" not in page.text
    assert form | {"form-employment": "2"} == hidden_inputs(page.text)
    third = {name.replace("employment_2", "employment"): value for name, value in before.items()}
    late = {name.replace("employment", "employment_2"): value for name, value in jobs.items()}
    said = filled(hidden_inputs(page.text), *answers, third, late, resume=None)
    assert client.post(path, data=said).status_code == 303
    assert deliver_all() == ["delivered"]
    parts = received(board)[0].parts
    companies = [value for name, value in parts if name == "employments[][company_name]"]
    assert companies == ["Second Ltd", "First Ltd"]


@pytest.mark.parametrize(
    ("button", "value"),
    [("form-add", "x"), ("form-add", ""), ("form-drop", "education_7"), ("form-drop", "'")],
)
def test_a_button_that_the_form_does_not_have_changes_nothing(
    client: PortalClient, address: Address, button: str, value: str
) -> None:
    path = address(WHOLE)
    said = filled(open_form(client, path), {button: value, "form-education": "99"})
    page = client.post(path, data=said)
    assert page.status_code in (200, 422)
    assert page.text.count("Find your school") == 5


def test_a_place_of_many_is_chosen_from_a_list(client: PortalClient, address: Address, app: Flask) -> None:
    path = address(MIDDLE)
    page = client.post(path, data=filled(open_form(client, path), LEAST, MORE, location="Springfield")).text
    assert "several places of that name" in faults(page)["location"]
    ids = re.findall(r'name="location_choice" value="(\d+)"', page)
    said = filled(
        hidden_inputs(page), LEAST, MORE, location="Springfield", location_choice=ids[1], resume=None
    )
    assert client.post(path, data=said).status_code == 303


def test_members_apply_as_everybody_does(noor: PortalClient, address: Address) -> None:
    path = address(SHORT)
    page = noor.get(path).text
    assert noor.post(path, data=filled(hidden_inputs(page), LEAST)).status_code == 303


def test_what_became_of_it_is_told_by_its_own_address_alone(
    client: PortalClient, address: Address, otto: PortalClient
) -> None:
    path = address(SHORT)
    sent = client.post(path, data=filled(open_form(client, path), LEAST)).location
    assert "Ada" not in client.get(sent).text
    elsewhere = sent.replace(path, address(MIDDLE))
    for other in (elsewhere, f"{path}?sent=made-up", f"{path}?sent=%00"):
        assert "It was received." not in client.get(other).text
