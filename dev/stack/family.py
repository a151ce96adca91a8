"""A family of processes under one parent: started in order, kept alive, ended together.

One thread does everything, woken by signals and by output. It must be the main thread: the children
end with the thread that started them.
"""

import os
import selectors
import signal
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import FrameType
from typing import Self

from dev.stack.child import Child, Program
from dev.stack.output import Output

STOPPING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LOOK = 0.1  # seconds between two looks at whether a program is ready


class StopAsked(Exception):
    """A signal asked this process to stop."""


class StartFailed(Exception):
    """A program ended, or did not get ready in time. ``str(error)`` is a sentence."""


class Family:
    """The children of this process. Leaving the ``with`` block ends them all."""

    def __init__(self, output: Output, *, grace: float, captured: bool = True) -> None:
        """``grace``: seconds between the request to stop and the kill; ``captured``: name each line."""
        self.output = output
        self._grace = grace
        self._captured = captured
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._stop_signals = 0

    def __enter__(self) -> Self:
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in STOPPING_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *reason: object) -> None:
        self._stop()
        signal.set_wakeup_fd(-1)
        self._selector.close()
        os.close(self._wake_reader)
        os.close(self._wake_writer)
        self.output.flush()

    def start(self, program: Program, *, patience: float = 60.0) -> None:
        """Start a program and wait until it is ready; from then on it is kept alive.

        Raises ``StartFailed`` when it ends or takes longer than ``patience`` seconds.
        """
        child = self._add(program)
        ready = program.ready
        if ready is not None:
            self._wait(child, lambda: child.running and ready(), patience)

    def run(self, program: Program, *, patience: float = 120.0) -> None:
        """Run a program to its end; raises ``StartFailed`` unless it succeeds."""
        child = self._add(program)
        self._wait(child, lambda: child.process.poll() == 0, patience)
        self._bury(child)
        self._children.remove(child)

    def watch(self) -> None:
        """Start again whatever ends, until a signal asks to stop."""
        while not self._stop_signals:
            self._turn(1.0)
            for child in self._children:
                self._revive(child)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_signals += 1

    def _add(self, program: Program) -> Child:
        child = Child(program, captured=self._captured)
        self._children.append(child)
        self._listen(child)
        return child

    def _listen(self, child: Child) -> None:
        if child.process.stdout is not None:
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _wait(self, child: Child, done: Callable[[], bool], patience: float) -> None:
        deadline = monotonic() + patience
        while not done():
            if self._stop_signals:
                raise StopAsked
            if not child.running:
                if done():  # it ended well between the two looks
                    return
                self._bury(child)
                raise StartFailed(f"{child.program.name} ended too early ({child.how_it_ended()}).")
            if monotonic() > deadline:
                raise StartFailed(f"{child.program.name} was not ready within {patience:.0f} seconds.")
            self._turn(LOOK)

    def _turn(self, longest: float) -> None:
        for key, _ in self._selector.select(longest):
            if key.fileobj == self._wake_reader:
                with suppress(BlockingIOError):
                    os.read(self._wake_reader, 4096)
            else:
                self._pass_on(key.data)
        self.output.flush()

    def _pass_on(self, child: Child) -> bool:
        lines, more = child.lines()
        for line in lines:
            self.output.line(child.program.name, line)
        if not more:
            self._let_go(child)
        return more

    def _let_go(self, child: Child) -> None:
        stdout = child.process.stdout
        if stdout is not None and not stdout.closed:
            self._selector.unregister(stdout)
            stdout.close()

    def _bury(self, child: Child) -> None:
        stdout = child.process.stdout
        if stdout is None or stdout.closed:
            return
        os.set_blocking(stdout.fileno(), False)
        with suppress(BlockingIOError):  # a child of its own may still hold the pipe
            while self._pass_on(child):
                continue
        self._let_go(child)

    def _revive(self, child: Child) -> None:
        if child.running:
            return
        if child.due is None:
            self._bury(child)
            pause = child.put_off()
            reason = child.how_it_ended()
            self.output.line(child.program.name, f"ended ({reason}); it starts again in {pause:.1f} s.")
        elif monotonic() >= child.due:
            child.start()
            self._listen(child)

    def _stop(self) -> None:
        """End the children; those that the others need come last."""
        deadline = monotonic() + self._grace
        signals_before = self._stop_signals
        for last in (False, True):
            group = [child for child in self._children if child.program.outlives is last]
            self._end(group, deadline, signals_before)

    def _end(self, group: list[Child], deadline: float, signals_before: int) -> None:
        for child in group:
            if child.running:
                child.process.terminate()
        while any(child.running for child in group):
            if monotonic() > deadline or self._stop_signals > signals_before:
                for child in group:
                    child.process.kill()
            self._turn(LOOK)
        for child in group:
            self._bury(child)
