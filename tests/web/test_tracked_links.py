"""Links with a source: made, listed with what came by them, drawn as QR codes, deleted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.actions.public.counting import traffic_of
from portal.actions.public.links import make_link
from portal.domain.texts import InvalidValue
from portal.store.public.traffic import Sums, Visit
from tests.support.app import Cast, PortalClient

LINKS = "/orgs/northwind/links"
MakeJob = Callable[..., int]


def make(client: PortalClient, name: str, job: int | str = "", code: str = "") -> str:
    answer = client.post(LINKS, data={"name": name, "job": str(job), "code": code}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def addresses(page: str) -> list[str]:
    return re.findall(r"<code>(http[^<]+)</code>", page)


def test_a_link_keeps_its_source_to_the_application_and_says_what_came_by_it(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    job, other = make_job(), make_job(title="Analyst")
    make(mara, "LinkedIn  post, October", job)
    page = make(mara, "Fair", code="4aB7c2us")
    of_tab, of_job = addresses(page)
    assert of_job == f"http://localhost/orgs/northwind/jobs/{job}?gh_src=linkedin-post-october"
    assert of_tab == "http://localhost/orgs/northwind/jobs?gh_src=4aB7c2us"
    assert 'href="https://northwind.example/apply?gh_src=linkedin-post-october"' in client.get(of_job).text
    today, count = datetime.now(UTC).date(), traffic_of(app).gather
    for job_id, source, sums in (
        (job, "linkedin-post-october", Sums(3, 1)),
        (other, "linkedin-post-october", Sums(5, 2)),
        (0, "4ab7c2us", Sums(7)),
        (other, "4ab7c2us", Sums(2, 1)),
        (job, "4ab7c2us", Sums(1, 1)),
    ):
        count(Visit(cast.northwind.id, job_id, today, source), sums)
    traffic_of(app).flush()
    page = mara.get(LINKS).text
    assert re.findall(r"(\d+ views?, \d+ clicks? on Apply)", page) == [
        "7 views, 2 clicks on Apply",
        "3 views, 1 click on Apply",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": " "}, "Give the link a name"),
        ({"name": "x" * 61}, "60"),
        ({"name": "…!"}, "needs a letter or a digit"),
        ({"name": "Fair", "code": "a&b"}, "letters, digits and hyphens only"),
        ({"name": "Fair", "job": "99999"}, "no such job any more"),
        ({"name": "Fair", "job": "x"}, "no such job any more"),
        ({"name": "Known"}, "already: “Known”"),
        ({"name": "Other", "code": "KNOWN"}, "already: “Known”"),
    ],
)
def test_what_makes_no_link_is_said_and_what_was_typed_stays(
    mara: PortalClient, cast: Cast, form: dict[str, str], said: str
) -> None:
    make(mara, "Known")
    answer = mara.post(LINKS, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form["name"]}"' in answer.text
    assert len(addresses(answer.text)) == 1


def test_a_qr_code_holds_the_address_and_a_deleted_link_is_gone(
    mara: PortalClient, otto: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    page = make(mara, "Ярмарка 2026", make_job())
    [address] = addresses(page)
    assert address.endswith("?gh_src=%D1%8F%D1%80%D0%BC%D0%B0%D1%80%D0%BA%D0%B0-2026")
    [code] = re.findall(r'href="(/orgs/northwind/links/\d+)/qr.svg"', page)
    drawing = mara.get(f"{code}/qr.svg")
    assert (drawing.mimetype, drawing.text.count("<svg")) == ("image/svg+xml", 1)
    assert otto.get(f"{code}/qr.svg").status_code == 404
    assert otto.get(f"{code}/qr.svg".replace("northwind", "cafe-nord")).status_code == 404
    assert otto.post(f"{code}/delete".replace("northwind", "cafe-nord")).status_code == 303
    assert noor.get(LINKS).status_code == 403
    assert addresses(mara.get(LINKS).text) == [address]
    for _ in range(2):
        assert mara.post(f"{code}/delete").status_code == 303
    assert addresses(mara.get(LINKS).text) == []
    assert mara.get(f"{code}/qr.svg").status_code == 404


def test_a_link_leads_to_no_other_organisations_job(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    theirs = make_job(organisation_id=cast.cafe.id)
    with app.app_context(), pytest.raises(InvalidValue):
        make_link(cast.northwind.id, "Fair", theirs, "", cast.mara.id)
