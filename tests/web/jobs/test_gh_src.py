"""Where somebody came by a job stays with them on the way to the application."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from portal.web.jobs.public import apply_link
from tests.support.app import PortalClient

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
SAID = {"gh_src": "a&b=c", "other": "x"}
CARRIED = "?gh_src=a%26b%3Dc"
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
    assert 'href="https://jobs.example.com/apply?a=1&amp;b=%20&amp;gh_src=a%26b%3Dc#form"' in page


def test_it_stays_with_whoever_looks_around_first(client: PortalClient, make_job: MakeJob) -> None:
    now = datetime.now(UTC)
    for number in range(26):
        make_job(opened_at=now - timedelta(hours=number))
    job, closed = f"{JOBS}/{make_job()}", f"{JOBS}/{make_job(listed=False)}"
    for path in (ORG, JOBS, job, closed):
        page = client.get(path, query_string=SAID).text
        assert links(page, ORG) == {ORG + CARRIED}
        assert links(page, JOBS) - {f"{JOBS}?view=list&gh_src=a%26b%3Dc"} == {JOBS + CARRIED}


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
    assert apply_link(before, "new") == after
    assert apply_link(before, None) == before
