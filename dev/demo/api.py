"""The public Job Board API, path by path, over the boards in memory. It never keeps an application."""

import gzip
import hmac
from hashlib import sha256

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from dev.demo import shapes
from dev.demo.boards import Board, Boards, Json
from dev.demo.organisation import DEMO_API_KEY

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
    return _answer(shapes.listing(jobs, total, content=_asked("content"), pay=_asked("pay_transparency")))


@bp.get("/jobs/<int:job_id>")
def show_job(token: str, job_id: int) -> Response:
    job = _live_job(token, job_id)
    if job is None:
        return _missing(_NO_JOB)
    return _answer(shapes.single_job(job, questions=_asked("questions"), pay=_asked("pay_transparency")))


@bp.get("/departments")
def list_departments(token: str) -> Response:
    return _answer(shapes.departments(find_board(token)))


@bp.get("/offices")
def list_offices(token: str) -> Response:
    return _answer(shapes.offices(find_board(token)))


@bp.post("/jobs/<int:job_id>")
def apply(token: str, job_id: int) -> Response:
    """Answers as Greenhouse does to an application, and forgets it."""
    if not _key_is_right():
        return deny()
    if _live_job(token, job_id) is None:
        return _missing(_NO_JOB)
    return _json(_SAVED, 200)


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
    body = shapes.to_bytes(answer)
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
