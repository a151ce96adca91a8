"""Reads the hand-written boards (board.toml, one HTML file a post), and keeps their edits over a restart."""

import html
import json
import logging
import tomllib
from pathlib import Path
from typing import Any

from dev.demo.boards import Board, Boards, Entry, Json

BOARDS_FOLDER = Path(__file__).with_name("boards")
_FENCE = "+++\n"
_DATA_COMPLIANCE: Json = {
    "type": "gdpr",
    "requires_consent": False,
    "requires_processing_consent": False,
    "requires_retention_consent": False,
    "retention_period": None,
    "demographic_data_consent_applies": False,
}


def read_boards(folder: Path = BOARDS_FOLDER) -> dict[str, Board]:
    """Every board under ``folder``, by its token, which is the name of its folder."""
    return {path.name: _read_board(path) for path in sorted(folder.iterdir()) if path.is_dir()}


def escape_content(description: str) -> str:
    """HTML as Greenhouse sends it in ``content``: its entities escaped once."""
    return html.escape(description).replace("&#x27;", "&#39;")


def blank_job(board: Board, job_id: int, title: str) -> Json:
    """A post with every field that Greenhouse sends and nothing said in the optional ones."""
    return {
        "absolute_url": f"{board.careers_url}/{job_id}?gh_jid={job_id}",
        "data_compliance": [_DATA_COMPLIANCE],
        "internal_job_id": None,
        "location": {"name": ""},
        "metadata": None,
        "id": job_id,
        "updated_at": None,
        "requisition_id": None,
        "title": title,
        "company_name": board.name,
        "first_published": None,
        "language": "en",
        "application_deadline": None,
        "content": "",
        "departments": [],
        "offices": [],
        "pay_input_ranges": [],
    }


def _read_board(folder: Path) -> Board:
    about = tomllib.loads((folder / "board.toml").read_text("utf-8"))
    board = Board(
        token=folder.name,
        name=about["name"],
        content=about["content"],
        careers_url=about["careers_url"],
        departments=_with_children(about.get("departments", [])),
        offices=_with_children([{"location": None} | office for office in about.get("offices", [])]),
    )
    fields = about.get("metadata", {})
    board.entries = [_read_post(board, fields, path) for path in sorted(folder.glob("*.html"))]
    return board


def _with_children(nodes: list[Json]) -> list[Json]:
    def with_children(node: Json) -> Json:
        children = [child["id"] for child in nodes if child.get("parent_id") == node["id"]]
        return node | {"child_ids": children, "parent_id": node.get("parent_id")}

    return [with_children(node) for node in nodes]


def _read_post(board: Board, fields: dict[str, Json], path: Path) -> Entry:
    _, front, body = path.read_text("utf-8").split(_FENCE, 2)
    post = tomllib.loads(front)
    job = blank_job(board, post["id"], post["title"])
    plain = ("internal_job_id", "requisition_id", "language", "application_deadline", "updated_at")
    job |= {name: post[name] for name in plain if name in post}
    job |= {
        "location": {"name": post["location"]},
        "content": escape_content(body.strip()),
        "first_published": post["first_published"],
        "departments": [board.department(name) for name in post.get("departments", [])],
        "offices": [board.office(name) for name in post.get("offices", [])],
        "pay_input_ranges": post.get("pay", []),
    }
    job["updated_at"] = job["updated_at"] or post["first_published"]
    if "metadata" in post:
        job["metadata"] = [_metadata(field, post["metadata"].get(key)) for key, field in fields.items()]
    return Entry(job, live=post.get("live", True))


def _metadata(field: Json, value: Any) -> Json:
    return {"id": field["id"], "name": field["name"], "value": value, "value_type": field["value_type"]}


log = logging.getLogger(__name__)
STATE_FILE = "boards.json"


def load_state(boards: dict[str, Board], state_dir: Path) -> None:
    """Lay the kept edits over ``boards``; a file that cannot be read is put aside."""
    path = state_dir / STATE_FILE
    try:
        kept: Json = dict(json.loads(path.read_text("utf-8")).items())
        for token, board in boards.items():
            if token in kept:
                _lay_over(board, kept[token])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("The demo board's edits could not be read and were put aside.")
        path.replace(path.with_suffix(".unreadable"))


def save_state(boards: Boards, state_dir: Path) -> None:
    """Write the edits as a whole or not at all."""
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / STATE_FILE
    draft = path.with_suffix(".draft")
    kept = {board.token: _edits(board) for board in boards.all()}
    draft.write_text(json.dumps(kept), "utf-8")
    draft.replace(path)


def _edits(board: Board) -> Json:
    edited = [{"live": entry.live, "job": entry.job} for entry in board.entries if entry.edited]
    return {"version": board.version, "posts": edited}


def _lay_over(board: Board, kept: Json) -> None:
    edits = {post["job"]["id"]: Entry(post["job"], bool(post["live"]), edited=True) for post in kept["posts"]}
    merged = [edits.pop(entry.job["id"], entry) for entry in board.entries]
    board.entries = [*merged, *edits.values()]
    board.version = int(kept["version"])
