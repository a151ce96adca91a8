"""Compressed answers, and the secrets that stand in them: its length must not tell them (BREACH)."""

import gzip
import random
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.app import HTMX, Cast, PortalClient

MANAGE = "/orgs/northwind/jobs/manage"
GZIP = {"Accept-Encoding": "br, gzip"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
MakeJob = Callable[..., int]


def ask(client: PortalClient, path: str, method: str = "GET", **headers: str) -> TestResponse:
    """A request by a client that takes gzip; its HTML is not looked at before it is unpacked."""
    return super(PortalClient, client).open(path, method=method, headers=GZIP | headers, buffered=True)


def plain(answer: TestResponse) -> str:
    assert answer.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(answer.data).decode()


def tokens(page: str) -> set[str]:
    header = re.findall(r'"X-CSRFToken": "([^"]+)"', page)
    return {*TOKEN.findall(page), *header}


def a_job(number: int) -> dict[str, Any]:
    """One of many jobs as boards have them: no two alike, few that lack something or were edited."""
    chance = random.Random(number)
    level, field = (
        chance.choice(("Senior", "Lead", "Junior", "")),
        chance.choice(("Backend", "Field", "Data", "Sales")),
    )
    place = chance.choice(
        ("Berlin, Germany", "Lisbon, Portugal", "Aberdeen, Scotland", "Esbjerg, Denmark", "Remote")
    )
    return {
        "source": "greenhouse",
        "board_token": "northwind",
        "external_id": 4_000_000_000 + number,
        "requisition_id": f"R-{1000 + 7 * number}",
        "title": f"{level} {field} {chance.choice(('Engineer', 'Technician', 'Manager'))}".strip(),
        "department": chance.choice(("Engineering", "Customer Support", "Operations", "People")),
        "location": place,
        "workplace_type": chance.choice(("onsite", "hybrid", "remote")),
        "employment_type": chance.choice(("full_time", "part_time", "contract")),
        "salary_min": chance.randrange(40, 90) * 100_000,
        "salary_max": chance.randrange(90, 140) * 100_000,
        "salary_currency": chance.choice(("EUR", "GBP")),
        "salary_period": "year",
        "source_values": {"location": "Hamburg" if number % 10 == 0 else place},
    }


def test_fifty_jobs_are_a_page_of_60_kilobytes_and_9_on_the_way(
    cast: Cast, mara: PortalClient, make_job: MakeJob
) -> None:
    for number in range(50):
        make_job(**a_job(number))
    whole, small = mara.get(MANAGE), ask(mara, MANAGE)
    assert whole.text.count("<tr data-job-id=") == 50
    assert len(whole.data) < 60_000
    assert len(small.data) < 9_000
    assert int(small.headers["Content-Length"]) == len(small.data)
    assert "Accept-Encoding" in small.vary
    assert "Accept-Encoding" in whole.vary
    differ = re.compile(r'"X-CSRFToken": "[^"]+"|value="[\w=-]{60,}"')
    assert differ.sub("", plain(small)) == differ.sub("", whole.text)


@pytest.mark.parametrize("accepts", ["", "identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0, *"])
def test_who_does_not_take_gzip_is_sent_none(client: PortalClient, cast: Cast, accepts: str) -> None:
    answer = client.get("/login", headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in answer.headers
    assert "Sign in" in answer.text


@pytest.mark.parametrize("path", ["/login", "/assets/pieces.css", "/help/greenhouse"])
def test_head_is_answered_as_get_is(client: PortalClient, cast: Cast, path: str) -> None:
    head, get = ask(client, path, "HEAD"), ask(client, path)
    assert head.data == b""
    assert head.headers["Content-Encoding"] == "gzip"
    assert (
        abs(int(head.headers["Content-Length"]) - len(get.data)) < 50
    )  # tokens differ, and compress otherwise


def test_an_asset_is_asked_for_again_by_the_tag_of_its_encoding(client: PortalClient) -> None:
    small, whole = ask(client, "/assets/pieces.css"), client.get("/assets/pieces.css")
    assert gzip.decompress(small.data) == whole.data
    assert small.headers["ETag"] != whole.headers["ETag"]
    again = ask(client, "/assets/pieces.css", **{"If-None-Match": small.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/assets/pieces.css", headers={"If-None-Match": small.headers["ETag"]})
    assert other.status_code == 200


def test_json_shrinks_and_what_is_tiny_or_a_picture_stays(app: Flask, client: PortalClient) -> None:
    app.view_functions["ops.healthz"] = lambda: {"status": "ok" * 1000}
    assert "ok" in plain(ask(client, "/healthz"))
    app.view_functions["ops.healthz"] = lambda: {"status": "ok"}
    for path in ("/healthz", "/assets/readme/jobs-light.png", "/orgs/never/jobs/1/x"):
        assert "Content-Encoding" not in ask(client, path, **HTMX).headers, path


def test_the_stream_of_changes_is_never_compressed(mara: PortalClient) -> None:
    answer = ask(mara, "/orgs/northwind/events", "HEAD")
    assert answer.mimetype == "text/event-stream"
    assert "Content-Encoding" not in answer.headers
    stream = super(PortalClient, mara).open("/orgs/northwind/events", headers=GZIP)
    assert "Content-Encoding" not in stream.headers
    assert next(iter(stream.response)).startswith(b"id: ")
    stream.close()


def test_each_response_has_a_token_that_no_other_had(mara: PortalClient, make_job: MakeJob) -> None:
    make_job()
    first, second = (tokens(mara.get(MANAGE).text) for _ in range(2))
    assert len(first) == len(second) == 1
    [one], [other] = first, second
    same = sum(a == b for a, b in zip(urlsafe_b64decode(one), urlsafe_b64decode(other), strict=True))
    assert same < 15  # of 44 bytes; by chance it is one in 256


def test_every_token_of_a_session_stays_good_in_the_form_and_in_the_header(
    app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    seen = [tokens(mara.get(MANAGE).text).pop() for _ in range(3)]
    del mara.environ_base["HTTP_X_CSRFTOKEN"]
    for token in seen:
        as_field = mara.post(f"/orgs/northwind/jobs/{job}/close", data={"csrf_token": token})
        as_header = mara.post(f"/orgs/northwind/jobs/{job}/reopen", headers={"X-CSRFToken": token})
        assert (as_field.status_code, as_header.status_code) == (303, 303)


def test_no_other_token_is_taken(mara: PortalClient, noor: PortalClient, make_job: MakeJob) -> None:
    path = f"/orgs/northwind/jobs/{make_job()}/close"
    good = tokens(mara.get(MANAGE).text).pop()
    data = urlsafe_b64decode(good)
    bare = bytes(a ^ b for a, b in zip(data[: len(data) // 2], data[len(data) // 2 :], strict=True))
    del mara.environ_base["HTTP_X_CSRFTOKEN"]
    refused = (
        "",
        "x",
        "=",
        "\udcff\u2603",
        "A" * 10_000,
        good[:-4],
        good + "AAAA",
        ("B" if good[0] != "B" else "C") + good[1:],
        good.rstrip("=") + "!",
        bare.decode(),  # what the mask hides
        urlsafe_b64encode(data[1:]).decode(),
        tokens(noor.get(MANAGE).text).pop(),
    )
    for token in refused:
        answer = mara.post(path, data={"csrf_token": token.encode("utf-8", "surrogatepass")})
        assert answer.status_code == 400, token
    assert mara.post(path, data={"csrf_token": good}).status_code == 303


def test_over_https_the_form_must_stand_on_a_page_of_this_site(mara: PortalClient, make_job: MakeJob) -> None:
    path = f"/orgs/northwind/jobs/{make_job()}/close"
    for page, status in (("", 400), ("https://elsewhere.example/", 400), ("https://localhost/orgs", 303)):
        answer = mara.post(path, base_url="https://localhost", headers={"Referer": page} if page else {})
        assert answer.status_code == status, page
