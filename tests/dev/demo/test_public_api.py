"""The demo answers as the real Greenhouse does: shapes, caching, errors."""

import gzip
import json
import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
import requests

from dev.demo.organisation import DEMO_API_KEY
from tests.support.board_server import DemoBoard
from tests.support.boards import ORIGINS, single_answer
from tests.support.processes import PATIENCE

A_POST = 4200113
each_origin = pytest.mark.parametrize("origin", ORIGINS)


def get(board: DemoBoard, path: str, **headers: str) -> requests.Response:
    return requests.get(board.url + path, headers=headers, timeout=PATIENCE)


def jobs(board: DemoBoard, query: str = "?content=true") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = get(board, f"/northwind/jobs{query}").json()["jobs"]
    return listed


def shape(value: Any) -> Any:
    """The keys all the way down, of the first item of each list of objects."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    objects = isinstance(value, list) and value and isinstance(value[0], dict)
    return [shape(value[0])] if objects else None


@each_origin
def test_a_post_has_exactly_the_fields_of_a_real_one(board: DemoBoard, origin: str) -> None:
    real = json.loads(single_answer(origin, "job"))
    ours = get(board, f"/northwind/jobs/{A_POST}?pay_transparency=true").json()
    assert set(ours) - {"application_deadline"} == set(real)
    for part in ("location", "departments", "offices", "data_compliance"):
        assert shape(ours[part]) == shape(real[part]), part


@each_origin
def test_metadata_has_the_shape_of_a_real_post(board: DemoBoard, origin: str) -> None:
    real = json.loads(single_answer(origin, "job with questions"))
    assert shape(get(board, f"/northwind/jobs/{A_POST}").json()["metadata"]) == shape(real["metadata"])


@each_origin
def test_the_application_form_comes_when_it_is_asked_for(board: DemoBoard, origin: str) -> None:
    real = json.loads(single_answer(origin, "job with questions"))
    ours = get(board, f"/northwind/jobs/{A_POST}?questions=true").json()
    assert shape(ours["questions"]) == shape(real["questions"])
    assert {"compliance", "demographic_questions", "location_questions"} <= set(ours)
    assert "questions" not in get(board, f"/northwind/jobs/{A_POST}").json()


def test_descriptions_departments_and_offices_come_only_with_content(board: DemoBoard) -> None:
    short, full = jobs(board, ""), jobs(board)
    assert set(full[0]) - set(short[0]) == {"content", "departments", "offices"}
    assert len(short) == len(full) == 43


def test_pay_ranges_come_only_when_they_are_asked_for(board: DemoBoard) -> None:
    assert all("pay_input_ranges" not in job for job in jobs(board))
    paid = [job for job in jobs(board, "?content=true&pay_transparency=true") if job["pay_input_ranges"]]
    assert len(paid) >= 5
    assert set(paid[0]["pay_input_ranges"][0]) == {
        "min_cents",
        "max_cents",
        "currency_type",
        "title",
        "blurb",
    }


def test_content_is_escaped_once(board: DemoBoard) -> None:
    plain = get(board, "/northwind/jobs/4200111").json()["content"]
    assert "&lt;p&gt;You don&#39;t need to climb." in plain
    content = get(board, "/northwind/jobs/4200133").json()["content"]
    assert not set("<>\"'") & set(content)
    assert "<code>err &lt; 0 &amp;&amp; retries &gt; 3</code>" in unescape(content)


def test_the_json_is_compact_and_writes_angle_brackets_and_ampersands_as_escapes(board: DemoBoard) -> None:
    body = get(board, "/northwind/jobs?content=true").content
    assert body.startswith(b'{"jobs":[{"absolute_url":"https://')
    assert b"\\u0026lt;p\\u0026gt;" in body
    assert not set(b"<>&") & set(body)


def test_the_etag_is_weak_and_made_of_the_body(board: DemoBoard) -> None:
    response = get(board, "/northwind/jobs?content=true")
    assert response.headers["ETag"] == f'W/"{sha256(response.content).hexdigest()[:32]}"'
    assert response.headers["Cache-Control"] == "max-age=0, private, must-revalidate"


@pytest.mark.parametrize("path", ["/northwind", "/northwind/jobs", f"/northwind/jobs/{A_POST}"])
def test_a_known_etag_is_answered_with_304_and_no_body(board: DemoBoard, path: str) -> None:
    etag = get(board, path).headers["ETag"]
    again = get(board, path, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert board.requests[-1].if_none_match == etag


def test_an_old_etag_is_answered_in_full_after_a_change(board: DemoBoard) -> None:
    etag = get(board, "/northwind/jobs").headers["ETag"]
    board.retitle(A_POST, "Calibration Lead")
    again = get(board, "/northwind/jobs", **{"If-None-Match": etag})
    assert again.status_code == 200
    assert again.headers["ETag"] != etag


def test_gzip_is_used_only_on_request_and_changes_neither_body_nor_etag(board: DemoBoard) -> None:
    plain = get(board, "/northwind/jobs?content=true", **{"Accept-Encoding": "identity"})
    asked = {"Accept-Encoding": "gzip"}
    packed = requests.get(
        f"{board.url}/northwind/jobs?content=true", headers=asked, stream=True, timeout=PATIENCE
    )
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read(decode_content=False)) == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"]


@each_origin
@pytest.mark.parametrize(
    ("path", "edge"),
    [
        ("/nobody", "board-unknown.404"),
        ("/nobody/jobs?content=true", "jobs-unknown-board.404"),
        ("/northwind/jobs/1", "job-unknown-id.404"),
        ("/empty/jobs?content=true", "jobs-empty-board.200"),
    ],
)
def test_edge_answers_are_byte_for_byte_the_real_ones(
    board: DemoBoard, path: str, edge: str, origin: str
) -> None:
    response = get(board, path)
    assert response.content == single_answer(origin, edge)
    assert str(response.status_code) == edge.split(".")[1]
    assert response.headers["Content-Type"].startswith("application/json")


def test_tokens_are_case_insensitive(board: DemoBoard) -> None:
    assert get(board, "/NorthWind").json()["name"] == "Northwind Labs"
    assert get(board, "/SOLO/jobs").json()["meta"] == {"total": 1}


def apply(board: DemoBoard, job_id: int, key: str | None) -> requests.Response:
    auth = (key, "") if key is not None else None
    said = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}
    return requests.post(f"{board.url}/northwind/jobs/{job_id}", auth=auth, data=said, timeout=PATIENCE)


@pytest.mark.parametrize("key", ["wrong", "", "schlüssel", None])
def test_a_wrong_key_is_denied_in_plain_text(board: DemoBoard, key: str | None) -> None:
    response = apply(board, 0, key and key.encode().decode("latin-1"))
    assert (response.status_code, response.text) == (401, "HTTP Basic: Access denied.")
    assert response.headers["Content-Type"].startswith("text/plain")


def test_the_right_key_and_an_unknown_post_is_404(board: DemoBoard) -> None:
    response = apply(board, 0, DEMO_API_KEY)
    assert (response.status_code, response.json()) == (404, {"error": "Job not found"})


def test_an_application_changes_nothing_and_shows_on_the_boards_own_page(board: DemoBoard) -> None:
    before = get(board, "/northwind/jobs?content=true").content
    assert apply(board, A_POST, DEMO_API_KEY).json() == {"success": "Candidate saved successfully"}
    assert get(board, "/northwind/jobs?content=true").content == before
    assert "Ada Lovelace, ada@example.com" in requests.get(board.page_url, timeout=PATIENCE).text


def test_departments_hold_their_posts_and_their_children(board: DemoBoard) -> None:
    departments = {node["id"]: node for node in get(board, "/northwind/departments").json()["departments"]}
    assert departments[51010]["parent_id"] == 51000
    assert 51010 in departments[51000]["child_ids"]
    assert 4200101 in [job["id"] for job in departments[51010]["jobs"]]
    assert departments[0]["name"] == "No Department"


def test_offices_hold_departments_that_have_posts_there(board: DemoBoard) -> None:
    offices = {node["name"]: node for node in get(board, "/northwind/offices").json()["offices"]}
    tunnel = next(node for node in offices["Porto test hall"]["departments"] if node["name"] == "Wind Tunnel")
    assert A_POST in [job["id"] for job in tunnel["jobs"]]
    assert offices["Lisbon"]["parent_id"] == offices["Iberia"]["id"]


def test_the_hand_written_board_has_the_odd_cases_the_portal_must_know(board: DemoBoard) -> None:
    listed = jobs(board, "?content=true&pay_transparency=true")
    jobs_behind = [job["internal_job_id"] for job in listed if job["internal_job_id"]]
    places = {job["location"]["name"] for job in listed}
    bodies = [unescape(job["content"]) for job in listed]
    assert len([job for job in listed if job["internal_job_id"] is None]) == 2
    assert len(jobs_behind) - len(set(jobs_behind)) == 1
    assert {"Lisbon or Porto", "Remote", "Hybrid", "Lisbon; Berlin; Remote"} <= places
    assert {job["language"] for job in listed} == {"en", "de"}
    assert any(job["metadata"] is None for job in listed)
    for sign in ("<table>", "youtube.com/embed/", "style=", "&nbsp;"):
        assert any(sign in body for body in bodies), sign


def test_every_description_is_of_a_readable_length_and_none_repeats(board: DemoBoard) -> None:
    bodies = [re.sub(r"<[^>]+>", " ", unescape(entry.job["content"])) for entry in board.entries]
    assert all(120 <= len(body.split()) <= 350 for body in bodies)
    sentences = [part.strip() for body in bodies for part in re.split(r"[.?!]\s", body) if len(part) > 90]
    assert len(sentences) == len(set(sentences))
