"""The public Job Board API: its addresses, and which fields of a board which question brings."""

import gzip
import hmac
import json
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from dev.demo import applications
from dev.demo.boards import Board, Boards, Json
from dev.demo.organisation import DEMO_API_KEY

_ONLY_WITH_CONTENT = ("content", "departments", "offices")
_UNSAID = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"}


def to_bytes(answer: Any) -> bytes:
    """Compact JSON in which ``&``, ``<`` and ``>`` are written as escapes, as Greenhouse writes it."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in _UNSAID.items():
        text = text.replace(sign, escape)
    return text.encode("utf-8", "backslashreplace")


def listing(jobs: list[Json], total: int, *, content: bool, pay: bool) -> Json:
    """The whole list of a board."""
    return {"jobs": [listed_job(job, content=content, pay=pay) for job in jobs], "meta": {"total": total}}


def listed_job(job: Json, *, content: bool, pay: bool) -> Json:
    """One post of the list."""
    left_out = {*(() if content else _ONLY_WITH_CONTENT), *(() if pay else ("pay_input_ranges",))}
    return {name: value for name, value in job.items() if name not in left_out}


def single_job(job: Json, *, questions: bool, pay: bool) -> Json:
    """One post by itself, with its application form if asked."""
    return listed_job(job, content=True, pay=pay) | (applications.form_of(job) if questions else {})


def all_departments(board: Board) -> Json:
    """Every department with its posts, and the one that Greenhouse keeps for posts without any."""
    nobodys = {"id": 0, "name": "No Department", "parent_id": None, "child_ids": []}
    return {"departments": [_department(board.live_jobs(), node) for node in [*board.departments, nobodys]]}


def all_offices(board: Board) -> Json:
    """Every office with the departments that have posts there."""
    return {"offices": [_office(board, node) for node in board.offices]}


def _office(board: Board, node: Json) -> Json:
    here = [job for job in board.live_jobs() if _is_in(job, "offices", node["id"])]
    filled = [_department(here, department) for department in board.departments]
    return node | {"departments": [department for department in filled if department["jobs"]]}


def _department(jobs: list[Json], node: Json) -> Json:
    inside = [job for job in jobs if _is_in(job, "departments", node["id"])]
    return node | {"jobs": [listed_job(job, content=False, pay=False) for job in inside]}


def _is_in(job: Json, kind: str, node_id: int) -> bool:
    ids = [node.get("id") for node in job.get(kind) or []]
    return node_id in ids if ids else (kind == "departments" and node_id == 0)


bp = Blueprint("api", __name__, url_prefix="/v1/boards/<token>")

_NO_BOARD = b'{"error":"Job board not found"}'
_NO_LISTING = b'{"status":404,"error":"Job not found"}'
_NO_JOB = b'{"error":"Job not found"}'
_SAVED = b'{"success":"Candidate saved successfully"}'
_DENIED = b"HTTP Basic: Access denied."


def boards() -> Boards:
    """The boards that are served."""
    found: Boards = current_app.extensions["boards"]
    return found


@bp.get("", strict_slashes=False)
def show_board(token: str) -> Response:
    board = boards().find(token)
    if board is None:
        return _missing(_NO_BOARD)
    return _answer({"name": board.name, "content": board.content})


@bp.get("/jobs")
def list_jobs(token: str) -> Response:
    jobs = find_board(token).live_jobs()
    return answer_jobs(jobs, len(jobs))


def answer_jobs(jobs: list[Json], total: int) -> Response:
    """Answer with a list of posts that is said to be of ``total``."""
    return _answer(listing(jobs, total, content=_asked("content"), pay=_asked("pay_transparency")))


@bp.get("/jobs/<int:job_id>")
def show_job(token: str, job_id: int) -> Response:
    job = _live_job(token, job_id)
    if job is None:
        return _missing(_NO_JOB)
    return _answer(single_job(job, questions=_asked("questions"), pay=_asked("pay_transparency")))


@bp.get("/departments")
def list_departments(token: str) -> Response:
    return _answer(all_departments(find_board(token)))


@bp.get("/offices")
def list_offices(token: str) -> Response:
    return _answer(all_offices(find_board(token)))


@bp.post("/jobs/<int:job_id>")
def apply(token: str, job_id: int) -> Response:
    """Answers as Greenhouse does to an application, and keeps it in memory."""
    if not _key_is_right():
        return deny()
    job = _live_job(token, job_id)
    if job is None:
        return _missing(_NO_JOB)
    received = applications.read(job)
    if isinstance(received, str):
        return _json(json.dumps({"error": received}).encode(), 422)
    current_app.extensions["applications"].append(received)
    return _json(_SAVED, 200)


@bp.get("/education/<any(schools,degrees,disciplines):kind>")
def list_choices(token: str, kind: str) -> Response:
    find_board(token)
    return _answer(applications.choices(kind, request.args.get("term", "")))


def deny() -> Response:
    """Answer as Greenhouse does to a key that it does not know."""
    challenge = {"WWW-Authenticate": 'Basic realm="Application"'}
    return Response(_DENIED, 401, challenge, content_type="text/plain")


def _key_is_right() -> bool:
    given = (request.authorization.username if request.authorization else None) or ""
    return hmac.compare_digest(given.encode(), DEMO_API_KEY.encode())


def find_board(token: str) -> Board:
    """Return the board, or answer as Greenhouse does where there is none."""
    board = boards().find(token)
    if board is None:
        raise HTTPException(response=_missing(_NO_LISTING))
    return board


def _live_job(token: str, job_id: int) -> Json | None:
    board = boards().find(token)
    jobs = board.live_jobs() if board else []
    return next((job for job in jobs if job.get("id") == job_id), None)


def _asked(name: str) -> bool:
    return request.args.get(name) == "true"


def _missing(body: bytes) -> Response:
    return _json(body, 404)


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, content_type="application/json; charset=utf-8")


def _answer(answer: Json) -> Response:
    body = to_bytes(answer)
    etag = sha256(body).hexdigest()[:32]
    known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else _packed(body)
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "max-age=0, private, must-revalidate"
    response.headers["Vary"] = "Accept-Encoding, Origin"
    return response


def _packed(body: bytes) -> Response:
    response = _json(body, 200)
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
