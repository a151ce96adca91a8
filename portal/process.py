"""Processes that end with the one that started them, and a supervisor that restarts and ends them.

Linux sends the *parent-death signal* when the thread that made a process ends. It survives ``exec``
and is cleared by ``fork``, so each process asks for it itself. Elsewhere nothing is asked for.

Run as a script (``signal parent command…``) it asks, then becomes the command. It imports nothing
but the standard library, so that this costs a few milliseconds.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from types import FrameType
from typing import Self

PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
POLL_SECONDS = 0.1  # between two looks at the processes
FIRST_PAUSE = 0.5  # seconds before a process that ended is restarted; it doubles with each further end
LONGEST_PAUSE = 30.0
STABLE_SECONDS = 60.0  # a process that ran for so long ended for a new reason


def die_with_parent(parent: int | None = None, sent: int = signal.SIGKILL) -> None:
    """Have ``sent`` sent to this process when its parent ends, and at once if that was not ``parent``.

    ``parent`` is the process id that the caller believes to be its parent: a parent that ended before
    the signal was asked for is noticed by it, and never without it.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sent)


def bound_to_this_process(command: Sequence[str], sent: int = signal.SIGKILL) -> list[str]:
    """The command line that runs ``command`` so that it gets ``sent`` when this process ends.

    Start it from a thread that lives as long as the process: it is the thread's end that counts.
    """
    return [sys.executable, "-I", "-S", __file__, str(int(sent)), str(os.getpid()), *command]


class Program:
    """A command and the process that runs it, which ends with this one and never sees Ctrl-C.

    ``name`` stands in messages; ``ends_last`` marks what the other programs need to end well.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        pass_fds: tuple[int, ...] = (),
        ends_last: bool = False,
    ) -> None:
        self.name = name
        self.ends_last = ends_last
        self._command = command
        self._environ = environ
        self._pass_fds = pass_fds
        self._failures = 0

    def start(self, *, piped: bool) -> None:
        """Start it, for the first time or again; ``piped`` gives it a pipe to write into."""
        import subprocess  # slow to import, and not needed by the script

        self.restart_at: float | None = None
        self._started_at = monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the portal's own programs, as lists
            bound_to_this_process(self._command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else None,
            stderr=subprocess.STDOUT if piped else None,
            env=self._environ,
            pass_fds=self._pass_fds,
            process_group=0,
        )

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def back_off(self) -> float:
        """Set when to restart, and return in how many seconds that is."""
        self._failures = 0 if monotonic() - self._started_at >= STABLE_SECONDS else self._failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** max(0, self._failures - 1))
        self.restart_at = monotonic() + pause
        return pause

    def how_it_ended(self) -> str:
        """The end in words, such as “exit status 1” or “signal 9”."""
        code = self.process.returncode
        return f"signal {-code}" if code < 0 else f"exit status {code}"


class Supervisor:
    """Keeps programs running. Leaving the ``with`` block ends them all.

    It must be used by the main thread: children end with the thread that started them.
    """

    piped = False  # whether the programs write into pipes instead of where this process writes

    def __init__(self, grace: float) -> None:
        """``grace``: seconds between asking the programs to end and killing them."""
        self._grace = grace
        self._programs: list[Program] = []
        self.stop_signals = 0

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *reason: object) -> None:
        """End the programs, those that the others need last; another stop signal kills them at once."""
        deadline = monotonic() + self._grace
        signals = self.stop_signals
        for last in (False, True):
            group = [program for program in self._programs if program.ends_last is last]
            for program in group:
                program.process.terminate()
            while any(program.running for program in group):
                if monotonic() > deadline or self.stop_signals > signals:
                    for program in group:
                        program.process.kill()
                self.wait(POLL_SECONDS)

    def start(self, program: Program) -> None:
        """Start a program; ``watch`` restarts it when it ends."""
        program.start(piped=self.piped)
        self._programs.append(program)

    def watch(self) -> None:
        """Restart what ends, until a signal asks to stop."""
        while not self.stop_signals:
            self.wait(POLL_SECONDS)
            for program in [program for program in self._programs if not program.running]:
                self._restart(program)

    def wait(self, seconds: float) -> None:
        """Wait so long at most."""
        sleep(seconds)

    def report(self, name: str, text: str) -> None:
        """Say what became of the program called ``name``."""
        with suppress(OSError):  # nobody reads any more
            os.write(sys.stdout.fileno(), f"{name}: {text}\n".encode())

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_signals += 1

    def _restart(self, program: Program) -> None:
        if program.restart_at is None:
            pause = program.back_off()
            self.report(program.name, f"ended ({program.how_it_ended()}); it starts again in {pause:.1f} s.")
        elif monotonic() >= program.restart_at:
            self._programs.remove(program)
            self.start(program)


def main(arguments: Sequence[str]) -> None:
    """Ask for the parent-death signal and become the command."""
    sent, parent, *command = arguments
    die_with_parent(int(parent), int(sent))
    try:
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command, as a list
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}.")


if __name__ == "__main__":
    main(sys.argv[1:])
