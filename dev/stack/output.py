"""One terminal and one log file for many processes: each line bears the name of the one that wrote it."""

import os
import re
import select
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

LONGEST_SAFE_WRITE = 4096  # bytes: a pipe that select calls writable takes this much without blocking
LONGEST_BACKLOG = 2000  # lines
COLOURS = (36, 33, 32, 35, 34)
NAME_WIDTH = 8
LARGEST_LOG = 10 * 1024 * 1024  # bytes; with the one before it, twice as much
ROUTINE = re.compile(r"\[(info|debug) *\]|\"level\": \"(info|debug)\"")
"""What a line of ``portal.logs`` says of its level, in either of its forms, where nobody need see it."""


class LogFile:
    """A file that takes every line; a full one becomes ``<name>.1``. What cannot be written is let go."""

    def __init__(self, path: Path) -> None:
        """Go on with the file at ``path``; its folder is made."""
        self.path = path
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)

    def line(self, text: str) -> None:
        """Append one line."""
        with suppress(OSError):
            if self.path.exists() and self.path.stat().st_size > LARGEST_LOG:
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")


class Output:
    """Writes lines to a file descriptor, and never waits for its reader.

    A reader that stops reading (a full pipe, a held terminal) must not stop the portal: lines are
    held back meanwhile, and the oldest are let go. What is routine goes to the ``log`` alone, if there
    is one, so that what a person must see stays in sight.
    """

    def __init__(self, descriptor: int | None = None, log: LogFile | None = None) -> None:
        self._log = log
        self._descriptor = sys.stdout.fileno() if descriptor is None else descriptor
        self._coloured = os.isatty(self._descriptor)
        self._names: list[str] = []
        self._backlog: deque[bytes] = deque(maxlen=LONGEST_BACKLOG)

    def line(self, name: str, text: str) -> None:
        """Write one line of the process called ``name``."""
        if self._log is not None:
            self._log.line(f"{name:<{NAME_WIDTH}}| {text}")
            if ROUTINE.search(text):
                return
        self.plain(f"{self._label(name)} {text}")

    def plain(self, text: str) -> None:
        """Write lines that belong to no process."""
        self._backlog.extend(line.encode() + b"\n" for line in text.split("\n"))
        self.flush()

    def flush(self) -> None:
        """Write as much of what was held back as the reader takes."""
        try:
            while self._backlog and select.select([], [self._descriptor], [], 0)[1]:
                self._write_some(self._backlog.popleft())
        except OSError:
            self._backlog.clear()  # nobody reads any more

    def _write_some(self, line: bytes) -> None:
        written = os.write(self._descriptor, line[:LONGEST_SAFE_WRITE])
        if written < len(line):
            self._backlog.appendleft(line[written:])

    def _label(self, name: str) -> str:
        label = f"{name:<{NAME_WIDTH}}|"
        if not self._coloured:
            return label
        if name not in self._names:
            self._names.append(name)
        return f"\x1b[{COLOURS[self._names.index(name) % len(COLOURS)]}m{label}\x1b[0m"
