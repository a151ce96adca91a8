"""One process of the portal's own: started, listened to, ended."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from portal.process import bound_to_this_process

LONGEST_PAUSE = 30.0  # seconds between two starts of a process that keeps ending
LONG_ENOUGH = 60.0  # seconds after which a process counts as having worked


@dataclass(frozen=True)
class Program:
    """A command under the name that its lines bear.

    ``ready`` says whether it does its work by now; ``given`` is what it reads from its standard input;
    ``outlives`` marks what the others need to end well.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    ready: Callable[[], bool] | None = None
    given: str | None = field(default=None, repr=False)
    pass_fds: tuple[int, ...] = ()
    outlives: bool = False


class Child:
    """A running program. It ends when this process does, and never sees the terminal's Ctrl-C."""

    def __init__(self, program: Program, *, captured: bool) -> None:
        self.program = program
        self.captured = captured
        self.failures = 0
        self.due: float | None = None
        self._rest = b""
        self.start()

    def start(self) -> None:
        """Start the program, for the first time or again."""
        self.due = None
        self.born = monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the portal's own programs, as lists
            bound_to_this_process(self.program.command),
            stdin=subprocess.PIPE if self.program.given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.captured else None,
            stderr=subprocess.STDOUT if self.captured else None,
            env=dict(self.program.environ),
            pass_fds=self.program.pass_fds,
            process_group=0,
        )
        self._give()

    def _give(self) -> None:
        if self.process.stdin is not None:
            with suppress(BrokenPipeError), self.process.stdin as stdin:
                stdin.write((self.program.given or "").encode() + b"\n")

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def lines(self) -> tuple[list[str], bool]:
        """The whole lines that can be read now, and whether there can be more; waits for the first bytes."""
        if self.process.stdout is None or self.process.stdout.closed:
            return [], False
        data = os.read(self.process.stdout.fileno(), 65_536)
        *whole, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            whole, self._rest = [self._rest], b""
        return [line.decode(errors="replace").rstrip("\r") for line in whole], bool(data)

    def put_off(self) -> float:
        """Set when to start again after an unwanted end, and return the pause in seconds."""
        self.failures = 0 if monotonic() - self.born >= LONG_ENOUGH else self.failures + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2.0 ** max(0, self.failures - 1))
        self.due = monotonic() + pause
        return pause

    def how_it_ended(self) -> str:
        """The end in words, such as “exit status 1” or “signal 9”."""
        code = self.process.returncode
        return f"signal {-code}" if code < 0 else f"exit status {code}"
