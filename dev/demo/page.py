"""The page for a newcomer: change a post here, then click the arrow on Manage jobs."""

import html
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dev.demo import organisation
from dev.demo.api import boards
from dev.demo.board_files import blank_job, escape_content
from dev.demo.boards import Board, Entry, Json

bp = Blueprint("page", __name__)
TOKEN = organisation.BOARD_TOKEN
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Notice(StrEnum):
    """What was just done, as the address tells the next page."""

    SAVED = "saved"
    CLOSED = "closed"
    REOPENED = "reopened"
    ADDED = "added"


@bp.before_request
def refuse_other_sites() -> None:
    if _is_cross_site():
        abort(403, "This form can only be sent from the demo board's own page.")


@bp.after_request
def harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.app_context_processor
def words() -> dict[str, Any]:
    return {"organisation": organisation}


@bp.get("/")
def index() -> str:
    entries = sorted(_board().entries, key=lambda entry: (_department(entry), entry.job["title"]))
    told = request.args.get("notice")
    return render_template(
        "index.html",
        entries=entries,
        live_count=sum(entry.live for entry in entries),
        notice=Notice(told) if told in list(Notice) else None,
        about=request.args.get("post", type=int),
        applications=list(current_app.extensions["applications"])[::-1],
    )


@bp.get("/posts/<int:job_id>")
def edit(job_id: int) -> str:
    entry = _entry(job_id)
    job = entry.job
    values = {
        "title": job["title"],
        "location": (job.get("location") or {}).get("name") or "",
        "department": _department(entry),
        "description": html.unescape(job["content"]),
    }
    return _form(values, entry)


@bp.post("/posts/<int:job_id>")
def save(job_id: int) -> ResponseReturnValue:
    entry = _entry(job_id)
    if error := _title_error():
        return _form(_typed(), entry, error), 422
    boards().change(TOKEN, job_id, **_changes(_board()))
    return _back(Notice.SAVED, job_id)


@bp.get("/posts/new")
def new() -> str:
    return _form(dict.fromkeys(("title", "location", "department", "description"), ""))


@bp.post("/posts/new")
def add() -> ResponseReturnValue:
    if error := _title_error():
        return _form(_typed(), None, error), 422
    board, job_id = _board(), boards().next_id(TOKEN)
    job = blank_job(board, job_id, "") | {"internal_job_id": job_id, "first_published": _now()}
    boards().add(TOKEN, job | _changes(board))
    return _back(Notice.ADDED, job_id)


@bp.post("/posts/<int:job_id>/close")
def close(job_id: int) -> ResponseReturnValue:
    _entry(job_id)
    boards().change(TOKEN, job_id, live=False)
    return _back(Notice.CLOSED, job_id)


@bp.post("/posts/<int:job_id>/reopen")
def reopen(job_id: int) -> ResponseReturnValue:
    _entry(job_id)
    boards().change(TOKEN, job_id, live=True, updated_at=_now())
    return _back(Notice.REOPENED, job_id)


def _form(values: dict[str, str], entry: Entry | None = None, error: str | None = None) -> str:
    names = [department["name"] for department in _board().departments]
    return render_template("post.html", values=values, entry=entry, error=error, departments=names)


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("title", "location", "department", "description")}


def _title_error() -> str | None:
    return None if _typed()["title"].strip() else "Type a title."


def _changes(board: Board) -> Json:
    typed = _typed()
    chosen = [node for node in board.departments if node["name"] == typed["department"]]
    return {
        "title": typed["title"].strip(),
        "location": {"name": typed["location"].strip()},
        "departments": chosen,
        "content": escape_content(typed["description"].replace("\r\n", "\n").strip()),
        "updated_at": _now(),
    }


def _department(entry: Entry) -> str:
    departments = entry.job.get("departments") or []
    return str(departments[-1]["name"]) if departments else ""


def _board() -> Board:
    return boards().find(TOKEN) or abort(404)


def _entry(job_id: int) -> Entry:
    try:
        return boards().entry(TOKEN, job_id)
    except KeyError:
        abort(404)


def _back(notice: Notice, job_id: int) -> Response:
    return redirect(url_for("page.index", notice=notice, post=job_id, _anchor=f"post-{job_id}"), 303)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _is_cross_site() -> bool:
    """Whether a browser says that a form was sent from another page: any page can reach localhost."""
    if request.method != "POST":
        return False
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
