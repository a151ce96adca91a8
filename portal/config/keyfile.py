"""Secrets that are made once and then kept in a file that only its owner can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def made_once(path: Path, make: Callable[[], str]) -> str:
    """The text kept at ``path``; the first caller makes it, all others read what that one made.

    Safe between processes: the file appears whole or not at all, and is never replaced.
    Raises ``OSError`` where the folder cannot be written.
    """
    if not path.exists():
        _publish(path, make())
    return path.read_text(encoding="utf-8").strip()


def _publish(path: Path, content: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        _link_unless_there(draft, path)
    finally:
        draft.unlink()


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
