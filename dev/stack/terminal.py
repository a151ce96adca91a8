"""One terminal and one log file for many processes: each line bears the name of the one that wrote it."""

import logging
import os
import re
import select
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import IO

from portal.process import POLL_SECONDS, Program, Supervisor

LONGEST_SAFE_WRITE = 4096  # bytes: a pipe that select calls writable takes this much without blocking
LONGEST_BACKLOG = 2000  # lines
NAME_WIDTH = 8
LAST_LINES_SECONDS = 1.0  # to read what a program wrote before it ended; others may hold its pipe open
PATIENCE = 300.0  # seconds for a program to get ready: on a busy machine some take more than one minute
SAID_EVERY = 15.0  # seconds
LARGEST_LOG = 10 * 1024 * 1024  # bytes; with the one before it, twice as much
ROUTINE = re.compile(r"\[(info|debug) *\]|\"level\": \"(info|debug)\"")
"""What a line of ``portal.logs`` says of its level, in either of its forms, where nobody need see it."""


class StopAsked(Exception):
    """A signal asked this process to stop."""


class StartFailed(Exception):
    """A program ended, or did not get ready in time. ``str(error)`` is a sentence."""


class Terminal:
    """Writes all lines to a log file, and those that are not routine to standard output.

    It never waits for a reader: one that stops reading (a full pipe, a held terminal) must not stop
    the portal. Lines are held back meanwhile, and the oldest are dropped.
    """

    def __init__(self, log: Path) -> None:
        """Go on with the file ``log``, whose folder is made; a full one becomes ``<log>.1``."""
        logging.raiseExceptions = False  # a full disk does not stop the portal
        with suppress(OSError):
            log.parent.mkdir(exist_ok=True)
        self._log = RotatingFileHandler(
            log, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8", delay=True
        )
        self._backlog: deque[bytes] = deque(maxlen=LONGEST_BACKLOG)
        self._lock = Lock()

    def follow(self, name: str, pipe: IO[bytes]) -> None:
        """Write what the process called ``name`` writes into the pipe, until it ends."""
        with pipe:
            for line in pipe:
                self.line(name, line.decode(errors="replace").rstrip("\r\n"))

    def line(self, name: str, text: str) -> None:
        """Write one line of the process called ``name``."""
        line = f"{name:<{NAME_WIDTH}}| {text}"
        self._log.handle(logging.makeLogRecord({"msg": line}))
        if not ROUTINE.search(text):
            self.print(line)

    def print(self, text: str) -> None:
        """Write lines that belong to no process."""
        with self._lock:
            self._backlog.extend(line.encode() + b"\n" for line in text.split("\n"))
        self.flush()

    def flush(self) -> None:
        """Write as much of what was held back as the reader takes."""
        descriptor = sys.stdout.fileno()
        with self._lock, suppress(OSError):  # nobody reads any more
            while self._backlog and select.select([], [descriptor], [], 0)[1]:
                line = self._backlog.popleft()
                written = os.write(descriptor, line[:LONGEST_SAFE_WRITE])
                if written < len(line):
                    self._backlog.appendleft(line[written:])


class Stack(Supervisor):
    """Starts programs in order, each when what it needs is ready, and shows what they write."""

    piped = True

    def __init__(self, grace: float, terminal: Terminal) -> None:
        """``grace``: seconds between asking the programs to end and killing them."""
        super().__init__(grace)
        self._terminal = terminal
        self._readers: dict[str, Thread] = {}

    def __exit__(self, *reason: object) -> None:
        """End the programs, and show their last lines."""
        super().__exit__(*reason)
        for reader in self._readers.values():
            reader.join(LAST_LINES_SECONDS)

    def start(self, program: Program) -> None:
        """Start a program and show what it writes."""
        super().start(program)
        arguments = (program.name, program.process.stdout)
        reader = Thread(target=self._terminal.follow, args=arguments, daemon=True)
        reader.start()
        self._readers[program.name] = reader

    def start_when_ready(
        self, program: Program, ready: Callable[[], bool], awaited: str = "answer", patience: float = PATIENCE
    ) -> None:
        """Start a program and return once it is ready, which is when it does what is ``awaited``.

        Raises ``StartFailed`` when it ends, or takes longer than ``patience`` seconds.
        """
        self.start(program)
        deadline, next_word = monotonic() + patience, monotonic() + SAID_EVERY
        while not ready():
            if not program.running and not ready():  # it may have ended well between the two looks
                raise StartFailed(f"{program.name} ended too early ({program.how_it_ended()}).")
            if self.stop_signals:
                raise StopAsked
            if monotonic() > deadline:
                raise StartFailed(
                    f"{program.name} runs, but did not {awaited} within {patience:.0f} seconds."
                )
            if monotonic() > next_word:
                next_word += SAID_EVERY
                self._terminal.print(f"Waiting for {program.name} to {awaited} …")
            self.wait(POLL_SECONDS)

    def run(self, program: Program) -> None:
        """Run a program to its end; raises ``StartFailed`` unless it succeeds."""
        self.start_when_ready(program, lambda: program.process.poll() == 0, "end")
        self._programs.remove(program)

    def wait(self, seconds: float) -> None:
        """Wait so long, and show what was held back meanwhile."""
        super().wait(seconds)
        self._terminal.flush()

    def report(self, name: str, text: str) -> None:
        """Say what became of the program called ``name``, after its last lines."""
        self._readers[name].join(LAST_LINES_SECONDS)
        self._terminal.line(name, text)
