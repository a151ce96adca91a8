"""The image of a job that other sites show beside a link to it."""

import re
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from portal.actions.jobs.edit import edit_field
from portal.web.crawlers import cards
from portal.web.crawlers.share_image import INNER, Card, draw, drawable, lines_of
from tests.support.app import Cast, PortalClient
from tests.support.pictures import picture

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
MakeJob = Callable[..., int]


def image_in(page: str) -> str:
    """The address of a page's image, as other sites read it."""
    return re.search(r'property="og:image" content="([^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_the_page_of_a_job_names_an_image_of_its_own(client: PortalClient, make_job: MakeJob) -> None:
    page = client.get(f"{JOBS}/{make_job(title='Welder', location='Porto')}").text
    assert 'name="twitter:card" content="summary_large_image"' in page
    answer = client.get(image_in(page))
    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "image/png")
    assert opened(answer.data).size == (1200, 630)
    assert answer.headers["Cache-Control"].startswith("public, max-age=60")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    copy = client.get(image_in(page), headers={"If-None-Match": answer.headers["ETag"]})
    assert (copy.status_code, copy.data) == (HTTPStatus.NOT_MODIFIED, b"")


def test_it_is_drawn_once_for_all_that_it_says(
    app: Flask,
    client: PortalClient,
    mara: PortalClient,
    cast: Cast,
    make_job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Card] = []
    monkeypatch.setattr(cards, "draw", lambda card: drawn.append(card) or b"image")  # type: ignore[func-returns-value]
    job = make_job(title="Drawn once")
    first = image_in(client.get(f"{JOBS}/{job}").text)
    with app.app_context():
        edit_field(cast.northwind.id, job, "summary", "Not in the image.", 0, cast.mara.id)
    for address in (first, f"{JOBS}/{job}/card.png", f"{JOBS}/{job}/card.png?v=x&utm=1"):
        assert client.get(address).data == b"image"
        theirs = mara.get(address)
        assert (theirs.data, set(theirs.vary)) == (b"image", set())
    assert [card.title for card in drawn] == ["Drawn once"]
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Porto", 0, cast.mara.id)
    mara.post(f"{ORG}/profile", data={"logo": (BytesIO(picture()), "logo.png"), "name": "Southwind"})
    second = image_in(client.get(f"{JOBS}/{job}").text)
    assert second != first
    client.get(second)
    assert (drawn[1].organisation, drawn[1].facts) == ("Southwind", ("Porto",))
    assert drawn[1].logo


def test_what_has_no_public_page_has_no_image(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    closed, hidden = make_job(listed=False), make_job(visibility="hidden")
    members = make_job(visibility="members")
    for asker in (client, mara):
        for job, status in ((closed, 410), (hidden, 404), (members, 404), (members + 99, 404)):
            assert asker.get(f"{JOBS}/{job}/card.png").status_code == status
    for job in (hidden, members):
        assert "og:image" not in mara.get(f"{JOBS}/{job}").text


def test_the_image_of_a_job_that_became_another_leads_on(client: PortalClient, make_job: MakeJob) -> None:
    heir = make_job()
    merged = make_job(merged_into_id=heir)
    answer = client.get(f"{JOBS}/{merged}/card.png")
    assert (answer.status_code, answer.location) == (HTTPStatus.MOVED_PERMANENTLY, f"{JOBS}/{heir}/card.png")


def test_who_has_very_many_drawn_is_asked_to_wait_and_still_gets_what_is_there(
    client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "draw", lambda _card: b"image")
    job = make_job(title="Asked for first")
    assert client.get(f"{JOBS}/{job}/card.png").status_code == HTTPStatus.OK
    monkeypatch.setattr(cards, "PER_NETWORK", "3 per year")
    others = [make_job(title=f"Other {number}") for number in range(4)]
    statuses = [client.get(f"{JOBS}/{other}/card.png").status_code for other in others]
    assert statuses == [200] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert client.get(f"{JOBS}/{job}/card.png").status_code == HTTPStatus.OK


TITLES = [
    ("Senior Principal Staff Engineer for Distributed Time-Series Storage and Query Planning", "en"),
    ("مهندس برمجيات أول (C++) في دبي", "ar"),
    ("מהנדס תוכנה בכיר", "he"),
    ("シニアソフトウェアエンジニア", "ja"),
    ("고급 소프트웨어 엔지니어", "ko"),
    ("高级软件工程师", "zh"),
    ("วิศวกรซอฟต์แวร์อาวุโส", "th"),
    ("वरिष्ठ सॉफ्टवेयर अभियंता", "hi"),
    ("Старший інженер", "uk"),
    ("کارشناس می\u200cخواهیم", "fa"),
    ("Kỹ sư phần mềm cấp cao", "vi"),
    ("Ingénieur e\u0301nergie", "fr"),
]


def test_titles_of_many_scripts_can_be_drawn_and_fit() -> None:
    for title, language in TITLES:
        assert drawable(title) == title, language
        assert len(lines_of(title, 52, 4)) <= 4
    images = {draw(Card(title, language, "Northwind", ())) for title, language in TITLES[:4]}
    assert len(images) == 4
    assert all(opened(image).size == (1200, 630) for image in images)


@pytest.mark.parametrize(
    "title", ["x" * 500, "W " * 250, "", " ", "🎉", "\u202e", "\ud800\0", "a\u0301" * 200, "<b>&\"]]>'"]
)
def test_any_title_is_drawn_cut_or_left_out(title: str) -> None:
    assert opened(draw(Card(title, "en", title, (title, title)))).size == (1200, 630)


def test_emoji_are_left_out_and_long_titles_end_with_an_ellipsis() -> None:
    assert drawable("Engineer 🎉👩‍🚀 (C++)") == "Engineer (C++)"
    assert drawable("🎉") == drawable("👩\u200d🚀") == ""
    assert drawable("Engineer ཨི་") == "Engineer"
    lines = lines_of("word " * 200, 52, 4)
    assert len(lines) == 4
    assert lines[-1].endswith("word…")
    assert lines_of("a" * 300, 52, 4, INNER)[-1].endswith("…")
