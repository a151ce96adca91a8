"""The organisation's profile: edited by admins, shown to everybody."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Cast, PortalClient
from tests.support.pictures import picture

ORG = "/orgs/northwind"
PROFILE = f"{ORG}/profile"
MakeJob = Callable[..., int]
PLACED = {"location": "Berlin, Germany", "description_html": "<p>Weld.</p>"}


def form_of(client: PortalClient) -> dict[str, str]:
    """The form as a browser would send it untouched."""
    page = client.get(PROFILE).text
    sent = dict(re.findall(r'name="(seen_\w+)" value="([^"]*)"', page))
    for name in ("name", "website"):
        [tag] = re.findall(rf'<input [^>]*name="{name}"[^>]*>', page)
        sent[name] = re.search(r'value="([^"]*)"', tag)[1]  # type: ignore[index]
    sent["summary"] = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page)[1]  # type: ignore[index]
    sent["time_zone"] = re.search(r'<option selected value="([^"]*)"', page)[1]  # type: ignore[index]
    return sent


def save(client: PortalClient, **values: Any) -> TestResponse:
    return client.post(PROFILE, data=values)


def upload(client: PortalClient, content: bytes, **values: Any) -> TestResponse:
    return client.post(PROFILE, data={"logo": (BytesIO(content), "logo.svg"), **values})


def test_what_an_admin_saves_is_public_at_once(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job = f"{ORG}/jobs/{make_job(**PLACED)}"
    pages = (ORG, f"{ORG}/jobs", job, f"{ORG}/jobs.atom", f"{ORG}/jobs.json", f"{ORG}/jobs.xml")
    for path in pages:
        assert "Northwind Labs" in client.get(path).text
    answer = save(
        mara, name="Southwind", summary="We sail.", website="southwind.example", time_zone="Asia/Tokyo"
    )
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, PROFILE)
    assert "Saved." in mara.get(PROFILE).text
    for path in pages:
        page = client.get(path).text
        assert "Southwind" in page, path
        assert "Northwind Labs" not in page, path
    for path in (ORG, f"{ORG}/jobs"):
        assert 'href="https://southwind.example" rel="noopener"' in client.get(path).text
    assert form_of(mara)["time_zone"] == "Asia/Tokyo"


def test_what_is_not_sent_stays_as_it_is(mara: PortalClient) -> None:
    save(mara, website="northwind.example", shows_hiring_managers="on")
    save(mara, summary="Other.")
    page = mara.get(PROFILE).text
    assert form_of(mara)["website"] == "https://northwind.example"
    assert form_of(mara)["name"] == "Northwind Labs"
    assert re.search(r'name="shows_hiring_managers" value="on"[^>]* checked', page)


REFUSED = [
    ("name", ""),
    ("name", "n" * 121),
    ("name", "a\0b"),
    ("summary", "s" * 301),
    ("website", "javascript:alert(1)"),
    ("time_zone", "Europe/Atlantis"),
    ("time_zone", "../../etc/passwd"),
]


def test_a_refused_value_is_shown_again_with_all_that_was_typed(mara: PortalClient) -> None:
    for field, typed in REFUSED:
        sent = {"name": "New name", "summary": "New <b>summary</b>", "website": "new.example", field: typed}
        answer = save(mara, **sent)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert f'id="{field}-error"' in answer.text
        others = {"New name", "New &lt;b&gt;summary&lt;/b&gt;", "new.example"}
        assert sum(text in answer.text for text in others) >= 2
    assert form_of(mara)["name"] == "Northwind Labs"


@pytest.mark.parametrize("name", ["Café Nord", "Cafe-N\u043erd", "cafe nord"])  # one with a Cyrillic o
def test_no_organisation_takes_a_name_that_looks_like_another_s(mara: PortalClient, name: str) -> None:
    answer = save(mara, name=name, summary="We sail.")
    assert answer.status_code == 422
    assert "almost the same name" in answer.text
    assert "We sail." in answer.text
    assert form_of(mara)["name"] == "Northwind Labs"
    assert save(mara, name="NORTHWIND LABS").status_code == 303  # its own, in another way


def test_two_admins_who_change_different_fields_both_get_their_way(mara: PortalClient) -> None:
    first, second = form_of(mara), form_of(mara)
    save(mara, **first | {"summary": "First."})
    assert save(mara, **second | {"website": "second.example"}).status_code == HTTPStatus.SEE_OTHER
    now = form_of(mara)
    assert (now["summary"], now["website"]) == ("First.", "https://second.example")


def test_two_admins_who_change_the_same_field_are_shown_both_values(mara: PortalClient) -> None:
    first, second = form_of(mara), form_of(mara)
    save(mara, **first | {"summary": "First.", "website": "first.example"})
    answer = save(mara, **second | {"summary": "Second.", "name": "Kept"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Second.</textarea>" in answer.text
    assert "Stored meanwhile: “First.”" in answer.text
    assert 'id="summary-error"' in answer.text
    assert 'value="Kept"' in answer.text
    assert 'value="https://first.example"' in answer.text
    assert form_of(mara)["summary"] == "First."
    seen = dict(re.findall(r'name="(seen_\w+)" value="([^"]*)"', answer.text))
    again = second | seen | {"summary": "Second.", "name": "Kept", "website": "https://first.example"}
    assert save(mara, **again).status_code == HTTPStatus.SEE_OTHER
    assert (form_of(mara)["summary"], form_of(mara)["name"]) == ("Second.", "Kept")


def test_saving_what_is_there_already_changes_nothing(mara: PortalClient, client: PortalClient) -> None:
    etag = client.get(ORG).headers["ETag"]
    assert save(mara, **form_of(mara)).status_code == HTTPStatus.SEE_OTHER
    assert "Nothing was changed." in mara.get(PROFILE).text
    assert client.get(ORG).headers["ETag"] == etag


def logo_in(page: str) -> str:
    return re.search(r'src="(/orgs/northwind/logo\.webp\?v=\w+)"', page)[1]  # type: ignore[index]


def test_a_logo_is_shown_replaced_and_removed(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    pages = (ORG, f"{ORG}/jobs", f"{ORG}/jobs/{make_job()}")
    assert client.get(f"{ORG}/logo.png").status_code == HTTPStatus.NOT_FOUND
    assert upload(mara, picture("JPEG")).status_code == HTTPStatus.SEE_OTHER
    addresses = {logo_in(client.get(path).text) for path in pages}
    assert len(addresses) == 1
    [first] = addresses
    answer = client.get(first)
    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    upload(mara, picture(size=(80, 80)))
    second = logo_in(client.get(ORG).text)
    assert second != first
    assert client.get(first).data == client.get(second).data
    assert "max-age=60" in client.get(first).headers["Cache-Control"]
    save(mara, remove_logo="1")
    assert "logo.webp" not in client.get(ORG).text
    assert client.get(second).status_code == HTTPStatus.NOT_FOUND


def test_a_good_copy_of_the_logo_is_not_sent_again(client: PortalClient, mara: PortalClient) -> None:
    upload(mara, picture())
    answer = mara.get(f"{ORG}/logo.png")
    assert not answer.vary
    etag = answer.headers["ETag"]
    assert client.get(f"{ORG}/logo.png", headers={"If-None-Match": etag}).status_code == 304


def test_a_file_that_is_no_picture_is_refused_whatever_it_is_called(mara: PortalClient) -> None:
    answer = upload(mara, b"<svg xmlns='http://www.w3.org/2000/svg'/>", summary="Typed.")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a PNG, JPEG, WebP or GIF file" in answer.text
    assert "Typed.</textarea>" in answer.text
    assert form_of(mara)["summary"] == "Instruments."


def test_a_body_that_is_far_too_large_is_refused_unread(mara: PortalClient) -> None:
    answer = mara.post(PROFILE, data=b"", environ_overrides={"CONTENT_LENGTH": str(11 * 2**20)})
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "Choose a smaller one" in answer.text


def test_two_admins_who_replace_the_logo_do_not_overwrite_each_other(mara: PortalClient) -> None:
    first, second = form_of(mara), form_of(mara)
    upload(mara, picture(), **first)
    answer = upload(mara, picture(size=(90, 90)), **second)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "The logo was changed meanwhile" in answer.text


def test_a_hiring_manager_is_public_only_where_the_organisation_says_so(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job = f"{ORG}/jobs/{make_job(hiring_manager='Ada Lovelace')}"
    assert "Ada Lovelace" not in client.get(job).text
    save(mara, shows_hiring_managers="on")
    assert "Ada Lovelace" in client.get(job).text
    save(mara, shows_hiring_managers="off")
    assert "Ada Lovelace" not in client.get(job).text


def test_machines_are_told_of_website_and_logo(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job = f"{ORG}/jobs/{make_job(**PLACED)}"
    upload(mara, picture(), website="northwind.example")
    posting = re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get(job).text)
    said = json.loads(posting[1])["hiringOrganization"]  # type: ignore[index]
    logo = said["logo"]
    assert said["sameAs"] == "https://northwind.example"
    assert client.get(logo).mimetype == "image/png"
    feed = json.loads(client.get(f"{ORG}/jobs.json").data)
    assert feed["icon"] == logo
    author = {"name": "Northwind Labs", "url": "https://northwind.example", "avatar": logo}
    assert feed["authors"] == [author]
    atom = client.get(f"{ORG}/jobs.atom").text
    assert f"<logo>{logo.replace('&', '&amp;')}</logo>" in atom
    assert "<uri>https://northwind.example</uri>" in atom


def test_only_admins_are_led_to_it(
    cast: Cast, mara: PortalClient, noor: PortalClient, client: PortalClient
) -> None:
    for page in (ORG, f"{ORG}/jobs/manage", f"{ORG}/command?q=profile"):
        assert PROFILE in mara.get(page).text
        assert PROFILE not in noor.get(page).text
    assert PROFILE not in client.get(ORG).text
