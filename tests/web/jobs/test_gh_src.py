"""Where somebody came by a job stays with them on the way to the application."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from flask import Flask, template_rendered

from portal.web.traffic.tracking import LONGEST_TRACKING, apply_link
from tests.support.app import PortalClient

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
SAID = {"gh_src": "a&b=c", "other": "x", "utm_campaign": "<é>", "utm_source": "x y"}
CARRIED = "?gh_src=a%26b%3Dc&utm_source=x+y&utm_campaign=%3C%C3%A9%3E"
MakeJob = Callable[..., int]


def links(page: str, path: str) -> set[str]:
    """Every address of ``path`` that a page links to."""
    return {unescape(found) for found in re.findall(rf'href="({path}(?:\?[^"]*)?)"', page)}


@pytest.mark.parametrize("start", [ORG, JOBS])
def test_it_stays_from_each_page_to_the_application(
    client: PortalClient, make_job: MakeJob, start: str
) -> None:
    job = f"{JOBS}/{make_job(apply_url='https://jobs.example.com/apply?a=1&b=%20#form')}"
    listing = client.get(start, query_string=SAID).text
    assert links(listing, job) == {job + CARRIED}
    page = client.get(job + CARRIED).text
    assert (
        'href="https://jobs.example.com/apply?a=1&amp;b=%20&amp;'
        + CARRIED[1:].replace("&", "&amp;")
        + '#form"'
        in page
    )


def test_it_stays_with_whoever_looks_around_first(client: PortalClient, make_job: MakeJob) -> None:
    now = datetime.now(UTC)
    for number in range(26):
        make_job(opened_at=now - timedelta(hours=number))
    job, closed = f"{JOBS}/{make_job()}", f"{JOBS}/{make_job(listed=False)}"
    for path in (ORG, JOBS, job, closed):
        page = client.get(path, query_string=SAID).text
        assert links(page, ORG) == {ORG + CARRIED}
        assert links(page, JOBS) - {f"{JOBS}?view=list&{CARRIED[1:]}"} == {JOBS + CARRIED}


def test_a_page_is_rendered_once_for_all_sources(app: Flask, client: PortalClient, make_job: MakeJob) -> None:
    job, names = f"{JOBS}/{make_job(apply_url='https://jobs.example.com/apply?utm_source=own')}", []
    moved = f"{JOBS}/{make_job(listed=False)}"

    def note(_: Flask, template: object, **__: object) -> None:
        names.append(template)

    with template_rendered.connected_to(note, app):
        for source in ("fair", '"><b>&amp;{{', "%00\\", "ﷺ" * 200, "fair"):
            for path in (job, moved):
                page = client.get(path, query_string={"gh_src": source, "utm_source": "x"}).text
                assert f"{JOBS}?gh_src={quote_plus(source)}&amp;utm_source=" in page
                assert "<b>&amp;{{" not in page
            assert client.get(job, query_string={"gh_src": source}).text.count("utm_source=own") == 1
    assert len(names) == 3


def test_the_tab_is_rendered_once_for_all_sources_and_its_forms_carry_them(
    app: Flask, client: PortalClient, make_job: MakeJob
) -> None:
    names, job = [], f"{JOBS}/{make_job()}"
    make_job(location="Porto")

    def note(_: Flask, template: object, **__: object) -> None:
        names.append(template)

    with template_rendered.connected_to(note, app):
        for source in ("fair", '"><b>&amp; +%22', "a b", "fair"):
            page = client.get(JOBS, query_string={"q": "", "gh_src": source, "utm_source": "x"}).text
            inputs = re.findall(r'<input type="hidden" name="gh_src" value="([^"]*)">', page)
            assert {unescape(value) for value in inputs} == {source}
            assert len(inputs) == 2
            assert links(page, job) == {f"{job}?gh_src={quote_plus(source)}&utm_source=x"}
            assert "<b>&amp;" not in page
    assert len(names) == 1


def test_a_page_that_there_is_not_is_not_filled_with_anything(client: PortalClient) -> None:
    missing = client.get(f"{JOBS}/999999", query_string={"gh_src": "fair"})
    assert missing.status_code == 404
    assert set(re.findall(r"gh_src=([^\"&]*)", missing.text)) <= {"fair"}


def test_no_more_is_carried_than_so_much(client: PortalClient, make_job: MakeJob) -> None:
    job = f"{JOBS}/{make_job()}"
    names = ("gh_src", "utm_source", "utm_medium", "utm_content", "utm_campaign")
    said = dict.fromkeys(names, "ﷺ" * 199) | {"utm_campaign": "short", "utm_evil": "x", "utm_term": "a\nb"}
    [link] = {each for each in links(client.get(job, query_string=said).text, JOBS) if "view" not in each}
    carried = parse_qs(urlsplit(link).query)
    assert carried == {"gh_src": ["ﷺ" * 199], "utm_campaign": ["short"]}
    assert len(link) < LONGEST_TRACKING + 200


def test_it_goes_to_nobody_else(mara: PortalClient, make_job: MakeJob) -> None:
    make_job()
    page = mara.get(JOBS, query_string=SAID).text
    assert links(page, f"{JOBS}/manage") == {f"{JOBS}/manage"}
    assert links(mara.get(f"{JOBS}/manage", query_string=SAID).text, JOBS) == {JOBS}


@pytest.mark.parametrize("source", ["", "x" * 201, "a\nb"])
def test_nonsense_is_not_carried(client: PortalClient, make_job: MakeJob, source: str) -> None:
    job = f"{JOBS}/{make_job(apply_url='https://jobs.example.com/apply?gh_src=theirs')}"
    page = client.get(job, query_string={"gh_src": source}).text
    assert links(page, JOBS) == {JOBS}
    assert 'href="https://jobs.example.com/apply?gh_src=theirs"' in page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://x.test/", "https://x.test/?gh_src=new"),
        ("https://x.test/?gh_src=old", "https://x.test/?gh_src=new"),
        ("https://x.test/?gh_jid=1&gh_src=old&a=%20#f", "https://x.test/?gh_jid=1&a=%20&gh_src=new#f"),
        ("https://x.test/?gh%5Fsrc=old&gh_src=older", "https://x.test/?gh_src=new"),
        ("https://x.test/?gh_src&not_gh_src=kept", "https://x.test/?not_gh_src=kept&gh_src=new"),
    ],
)
def test_an_address_to_apply_names_one_source(before: str, after: str) -> None:
    assert apply_link(before, (("gh_src", "new"),)) == after
    assert apply_link(before, ()) == before


@pytest.mark.parametrize("first", [True, False])
def test_pages_with_and_without_a_source_lead_to_their_own_addresses(
    client: PortalClient, make_job: MakeJob, first: bool
) -> None:
    job = f"{JOBS}/{make_job()}"
    for is_sent in (first, not first):
        page = client.get(job, query_string=SAID if is_sent else {}).text
        assert links(page, ORG) == {ORG + (CARRIED if is_sent else "")}
        assert links(page, JOBS) == {JOBS + (CARRIED if is_sent else "")}
