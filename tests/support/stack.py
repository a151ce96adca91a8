"""``make run`` as a test sees it: its processes, and what it prints when it is up."""

import re
import socket
import subprocess
from contextlib import closing
from dataclasses import dataclass

from tests.support.processes import marked, wait_until

RUNNING = "  Log  "
"""What stands in the last line that is printed once everything runs."""


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Printed:
    """What ``make run`` says."""

    portal: str
    password: str
    board: str


@dataclass
class Run:
    """One run of the supervisor; ``mark`` stands in the environment of all its processes."""

    process: subprocess.Popen[str]
    mark: str
    said: tuple[str, ...] = ()
    """What it printed until everything ran."""

    @property
    def printed(self) -> Printed:
        """What it said of how to open it."""
        said = "".join(self.said)
        portal, password, board = (
            re.search(rf"{name}\s+(\S+)", said)[1]  # type: ignore[index]
            for name in ("Portal", "Password", "Demo board")
        )
        return Printed(portal, password, board)

    def pids(self, words: str) -> set[int]:
        return {pid for pid, command in marked(self.mark).items() if words in command}

    def pid(self, words: str) -> int:
        found: set[int] = set()  # a process is not to be seen for a moment while it becomes another program
        wait_until(lambda: found.update(self.pids(words)) or found, words)
        return min(found)

    def leaves_nothing(self) -> None:
        wait_until(lambda: not marked(self.mark), f"the end of {marked(self.mark)}")
