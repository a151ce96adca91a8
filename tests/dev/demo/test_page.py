"""The page for a newcomer, without a browser's help: forms post and redirect."""

from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE

A_POST = 4200113
FORM = {
    "title": "Tunnel Lead",
    "location": "Porto & Braga",
    "department": "Onshore",
    "description": "<p>Hi</p>",
}


class Fields(HTMLParser):
    """Reads a form's values as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._in: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input":
            self.values[str(told["name"])] = told.get("value") or ""
        self._in = told.get("name") if tag == "textarea" else ("department" if "selected" in told else None)

    def handle_data(self, data: str) -> None:
        if self._in:
            self.values[self._in] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self._in = None


def post(board: DemoBoard, path: str, data: Any = None, **headers: str) -> requests.Response:
    return requests.post(
        board.page_url + path, data=data, headers=headers, allow_redirects=False, timeout=PATIENCE
    )


def page(board: DemoBoard, path: str = "") -> str:
    answer = requests.get(board.page_url + path, timeout=PATIENCE)
    assert answer.status_code == 200
    return answer.text


def test_the_list_shows_every_post_and_how_to_connect(board: DemoBoard) -> None:
    text = page(board)
    assert "Northwind Labs in Greenhouse (demo)" in text
    assert "43 live, 2 closed" in text
    assert "demo-key-northwind-0000000000001" in text
    assert text.count("<tr id=") == 45


def test_saving_changes_the_post_and_says_what_is_next(board: DemoBoard) -> None:
    answer = post(board, f"posts/{A_POST}", FORM)
    assert answer.status_code == 303
    assert "Saved. Now click the arrow on Manage jobs." in page(board, answer.headers["Location"].lstrip("/"))
    job = board.post(A_POST)
    assert (job["title"], job["location"]) == ("Tunnel Lead", {"name": "Porto & Braga"})
    assert (job["departments"][0]["name"], job["content"]) == ("Onshore", "&lt;p&gt;Hi&lt;/p&gt;")


@pytest.mark.parametrize("job_id", [A_POST, 4200123, 4200133, 4200125])
def test_saving_an_untouched_form_changes_nothing_but_the_time(board: DemoBoard, job_id: int) -> None:
    before = board.post(job_id)
    post(board, f"posts/{job_id}", Fields(page(board, f"posts/{job_id}")).values)
    assert board.post(job_id) | {"updated_at": None} == before | {"updated_at": None}


def test_closing_and_reopening(board: DemoBoard) -> None:
    assert post(board, f"posts/{A_POST}/close").status_code == 303
    assert A_POST not in [job["id"] for job in board.posts]
    assert post(board, f"posts/{A_POST}/reopen").status_code == 303
    assert A_POST in [job["id"] for job in board.posts]


def test_adding_a_post(board: DemoBoard) -> None:
    assert post(board, "posts/new", FORM).status_code == 303
    added = max(board.posts, key=lambda job: int(job["id"]))
    assert added["title"] == "Tunnel Lead"
    assert added["internal_job_id"]


@pytest.mark.parametrize("path", [f"posts/{A_POST}", "posts/new"])
def test_an_empty_title_is_answered_at_the_field_with_what_was_typed(board: DemoBoard, path: str) -> None:
    answer = post(board, path, FORM | {"title": "  "})
    assert answer.status_code == 422
    assert "Type a title." in answer.text
    assert "Porto &amp; Braga" in answer.text
    assert len(board.posts) == 43


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [f"posts/{A_POST}", f"posts/{A_POST}/close", "posts/new"])
def test_another_sites_form_is_refused(board: DemoBoard, path: str, headers: dict[str, str]) -> None:
    before = board.posts
    assert post(board, path, FORM, **headers).status_code in {400, 403}
    assert board.posts == before


def test_the_pages_own_form_is_accepted(board: DemoBoard) -> None:
    own = {"Origin": board.page_url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert post(board, f"posts/{A_POST}/close", **own).status_code == 303


@pytest.mark.parametrize("path", ["posts/1", "posts/1/close", "posts/1/reopen"])
def test_a_post_that_is_not_there_is_404(board: DemoBoard, path: str) -> None:
    assert post(board, path, FORM).status_code == 404


def test_what_was_typed_is_never_markup(board: DemoBoard) -> None:
    board.edit(
        A_POST, title="<script>alert(1)</script>", location="<b>x</b>", description="</textarea><script>"
    )
    for text in (page(board), page(board, f"posts/{A_POST}")):
        assert "<script" not in text
        assert "<b>" not in text
