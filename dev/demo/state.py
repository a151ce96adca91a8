"""Keeps edits over a restart: one JSON file of the edited posts, laid over what the files say."""

import json
import logging
from pathlib import Path

from dev.demo.boards import Board, Boards, Entry, Json

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
