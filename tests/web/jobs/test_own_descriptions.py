"""Descriptions of own jobs: written as Markdown, previewed, pasted and edited again."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.db import session
from portal.models import Job
from tests.support.app import HTMX, PortalClient

NEW = "/orgs/northwind/jobs/new"
PREVIEW = "/orgs/northwind/jobs/description/preview"
PASTED = "/orgs/northwind/jobs/description/markdown"
DESCRIPTION = "/orgs/northwind/jobs/1/fields/description"
MakeJob = Callable[..., int]


def test_a_preview_shows_the_description_and_adds_nothing(app: Flask, mara: PortalClient) -> None:
    typed = {"title": "Welder", "description": "You **weld**.<script>alert(1)</script>", "preview": "1"}
    answer = mara.post(NEW, data=typed)
    assert answer.status_code == 200
    assert "<p>You <strong>weld</strong>.</p>" in answer.text
    assert 'value="Welder"' in answer.text
    with app.app_context():
        assert session().get(Job, 1) is None


@pytest.mark.parametrize("name", ["description", "value"])
def test_htmx_is_given_the_preview_alone(mara: PortalClient, name: str) -> None:
    answer = mara.post(PREVIEW, data={name: "# Tasks\n\n<img src=x onerror=alert(1)>"}, headers=HTMX)
    assert "<h3>Tasks</h3>" in answer.text  # beneath the page's own heading
    assert "onerror" not in answer.text
    assert "<html" not in answer.text
    assert "Nothing to show yet." in mara.post(PREVIEW, data={name: " "}, headers=HTMX).text
    assert "at most 100,000 characters" in mara.post(PREVIEW, data={name: "x" * 100_001}, headers=HTMX).text


def test_a_description_that_becomes_too_long_with_its_formatting_is_refused_at_its_cell(
    app: Flask, mara: PortalClient
) -> None:
    heavy = "&" * 60_000  # five characters each on a page
    answer = mara.post(NEW, data={"title": "Welder", "description": heavy})
    assert answer.status_code == 422
    assert "too long with its formatting" in answer.text
    assert "too long with its formatting" in mara.post(PREVIEW, data={"value": heavy}, headers=HTMX).text
    with app.app_context():
        assert session().get(Job, 1) is None


def test_what_is_too_long_to_convert_is_pasted_as_the_text_it_was(mara: PortalClient) -> None:
    for html in ("<p>" + "x" * 500_000, "&" * 50_000):
        assert mara.post(PASTED, data={"html": html}).text == ""
    marked = "x" * 500_000 + "<!--StartFragment--><b>Weld</b><!--EndFragment-->"
    assert mara.post(PASTED, data={"html": marked}).text == "**Weld**"


def test_nothing_in_a_description_is_an_instruction_to_htmx(mara: PortalClient, make_job: MakeJob) -> None:
    job_id = make_job(description_html="<p>Weld.</p>")
    around = r'<div class="description"[^>]* hx-disable>(?:(?!</div>).)*Weld'
    pages = [
        mara.get(f"/orgs/northwind/jobs/{job_id}"),
        mara.get(f"/orgs/northwind/jobs/manage?job={job_id}"),
    ]
    pages.append(mara.post(PREVIEW, data={"value": "Weld."}, headers=HTMX))
    assert [bool(re.search(around, page.text, re.DOTALL)) for page in pages] == [True] * 3
    script = re.search(r'src="([^"]+/js/app\.js)"', pages[0].text)
    assert script
    assert "allowScriptTags: false" in mara.get(script[1]).text


def test_what_is_pasted_comes_back_as_markdown(mara: PortalClient) -> None:
    answer = mara.post(PASTED, data={"html": "<h1>Welder</h1><ul><li>One</li></ul><script>x</script>"})
    assert (answer.text, answer.mimetype) == ("## Welder\n\n- One", "text/plain")
    assert mara.post(PASTED).status_code == 400


def test_only_admins_use_the_helps_for_writing(noor: PortalClient, client: PortalClient) -> None:
    for path in (PREVIEW, PASTED):
        assert noor.post(path, data={"html": "x", "value": "x"}).status_code == 403


def test_the_description_is_edited_in_the_words_it_was_written_in(app: Flask, mara: PortalClient) -> None:
    mara.post(NEW, data={"title": "Welder", "description": "* You *weld*", "apply_url": "https://x.example"})
    page = mara.get(DESCRIPTION)
    assert "* You *weld*</textarea>" in page.text
    looked = mara.post(DESCRIPTION, data={"value": "You **weld**", "version": "0", "preview": "1"})
    assert "<p>You <strong>weld</strong></p>" in looked.text
    assert "You **weld**</textarea>" in looked.text
    mara.post(DESCRIPTION, data={"value": "You **weld**", "version": "0"})
    assert "<p>You <strong>weld</strong></p>" in mara.get("/orgs/northwind/jobs/1").text


def test_a_kept_job_s_html_is_offered_as_markdown(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(description_html="<h2>Tasks</h2><p>Weld &amp; <strong>wait</strong>.</p>")
    assert "## Tasks\n\nWeld &amp; **wait**.</textarea>" in mara.get(DESCRIPTION).text
