"""What a test can do to the demo board, and what clients then see."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from dev.demo.organisation import DEMO_API_KEY
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE

A_POST = 4200113


def listing(board: DemoBoard, token: str = "northwind") -> requests.Response:
    return requests.get(f"{board.url}/{token}/jobs?content=true", timeout=PATIENCE)


def ids(board: DemoBoard) -> list[int]:
    return [job["id"] for job in listing(board).json()["jobs"]]


def one(board: DemoBoard, job_id: int = A_POST) -> requests.Response:
    return requests.get(f"{board.url}/northwind/jobs/{job_id}", timeout=PATIENCE)


def test_without_a_change_the_answer_is_the_same_to_the_byte(board: DemoBoard) -> None:
    assert listing(board).content == listing(board).content


def test_a_change_moves_the_order_but_not_the_set(board: DemoBoard) -> None:
    before = ids(board)
    board.retitle(A_POST, "Calibration Lead")
    assert ids(board) != before
    assert sorted(ids(board)) == sorted(before)


def test_an_edit_shows_and_moves_updated_at(board: DemoBoard) -> None:
    before = one(board).json()
    board.edit(A_POST, title="Lead", location="Braga", description="<p>A & B</p>", department="Onshore")
    after = one(board).json()
    assert (after["title"], after["location"]) == ("Lead", {"name": "Braga"})
    assert after["content"] == "&lt;p&gt;A &amp; B&lt;/p&gt;"
    assert after["departments"][0]["name"] == "Onshore"
    assert after["updated_at"] > before["updated_at"]


def test_content_can_change_without_updated_at(board: DemoBoard) -> None:
    before = board.post(A_POST)["updated_at"]
    board.edit(A_POST, description="<p>New</p>", updated_at=before)
    assert one(board).json()["updated_at"] == before


def test_a_closed_post_is_gone_and_comes_back_under_its_id(board: DemoBoard) -> None:
    board.close(A_POST)
    assert A_POST not in ids(board)
    assert one(board).status_code == 404
    board.reopen(A_POST)
    assert A_POST in ids(board)


def test_an_added_post_is_listed_with_every_field(board: DemoBoard) -> None:
    job_id = board.add(title="Kite Tester", location="Porto")
    added = one(board, job_id).json()
    assert added["title"] == "Kite Tester"
    assert set(added) == set(one(board).json())


def test_set_posts_sends_what_it_is_given(board: DemoBoard) -> None:
    odd: list[Any] = [{"id": 1, "title": None}, {"id": True}, {"title": "\ud800"}]
    board.set_posts("Strange", odd)
    answer = listing(board, "strange").json()
    assert sorted(map(repr, answer["jobs"])) == sorted(map(repr, odd))
    assert answer["meta"] == {"total": 3}


def test_a_failure_lasts_as_often_as_asked_and_carries_retry_after(board: DemoBoard) -> None:
    board.fail(503, times=2, retry_after="7")
    statuses = [(answer.status_code, answer.headers.get("Retry-After")) for answer in map(one, [board] * 3)]
    assert statuses == [(503, "7"), (503, "7"), (200, None)]


def test_a_failure_can_be_kept_to_one_path(board: DemoBoard) -> None:
    board.fail(500, on="/jobs")
    assert requests.get(f"{board.url}/northwind", timeout=PATIENCE).status_code == 200
    assert listing(board).status_code == 500


def test_keys_can_be_rejected(board: DemoBoard) -> None:
    board.reject_keys()
    answer = requests.post(f"{board.url}/northwind/jobs/0", auth=(DEMO_API_KEY, ""), timeout=PATIENCE)
    assert answer.status_code == 401


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_truncated_answer_promises_more_than_it_sends(board: DemoBoard, encoding: str) -> None:
    board.truncate()
    headers = {"Accept-Encoding": encoding}
    with requests.get(
        f"{board.url}/northwind/jobs", headers=headers, stream=True, timeout=PATIENCE
    ) as answer:
        sent = answer.raw.read(decode_content=False, amt=10_000_000)
    assert 0 < len(sent) < int(answer.headers["Content-Length"])
    assert listing(board).json()["meta"]["total"] == 43


def test_a_short_answer_agrees_with_itself(board: DemoBoard) -> None:
    board.short(5)
    answer = listing(board).json()
    assert (len(answer["jobs"]), answer["meta"]["total"]) == (5, 5)


def test_a_total_can_lie(board: DemoBoard) -> None:
    board.lie_total(50)
    answer = listing(board).json()
    assert (len(answer["jobs"]), answer["meta"]["total"]) == (43, 50)


def test_held_requests_wait_until_they_are_released(board: DemoBoard) -> None:
    board.hold()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(one, board) for _ in range(2)]
        assert board.faults.wait_held(2)
        assert not any(request.done() for request in waiting)
        board.release()
        assert [request.result().status_code for request in waiting] == [200, 200]


def test_clearing_the_faults_brings_the_board_back(board: DemoBoard) -> None:
    board.short(1)
    board.lie_total(9)
    board.fail(500, times=99)
    board.truncate(99)
    board.faults.clear()
    assert listing(board).json()["meta"]["total"] == 43


def test_requests_are_on_record(board: DemoBoard) -> None:
    threading.Thread(target=listing, args=(board,)).start()
    assert board.faults.wait_asked(1, on="content=true")
    asked = board.requests[-1]
    assert (asked.method, asked.path, asked.status) == ("GET", "/v1/boards/northwind/jobs?content=true", 200)
