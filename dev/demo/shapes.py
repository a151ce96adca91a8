"""The bodies of the public API, built from a board: which fields which question brings."""

import json
from typing import Any

from dev.demo.boards import Board, Json

_ONLY_WITH_CONTENT = ("content", "departments", "offices")
_UNSAID = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"}
_QUESTIONS = (
    ("First Name", True, "first_name", "input_text"),
    ("Last Name", True, "last_name", "input_text"),
    ("Email", True, "email", "input_text"),
    ("Phone", False, "phone", "input_text"),
    ("Resume/CV", True, "resume", "input_file"),
    ("Cover Letter", False, "cover_letter", "input_file"),
)


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
    return listed_job(job, content=True, pay=pay) | (application_form() if questions else {})


def application_form() -> Json:
    """The form every post of the demo has."""
    return {
        "compliance": None,
        "demographic_questions": None,
        "questions": [_question(*question) for question in _QUESTIONS],
        "location_questions": [],
    }


def departments(board: Board) -> Json:
    """Every department with its posts, and the one that Greenhouse keeps for posts without any."""
    nobodys = {"id": 0, "name": "No Department", "parent_id": None, "child_ids": []}
    return {"departments": [_department(board.live_jobs(), node) for node in [*board.departments, nobodys]]}


def offices(board: Board) -> Json:
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


def _question(label: str, required: bool, name: str, kind: str) -> Json:
    field = {"name": name, "type": kind, "values": []}
    return {"description": None, "label": label, "required": required, "fields": [field]}
