"""A signal that asks to stop: it interrupts what only waits, and nothing else."""

import signal
from collections.abc import Callable
from types import FrameType


class _Interrupted(BaseException):
    """Ends a wait."""


class StopSignals:
    """``asked`` says whether SIGTERM or SIGINT came; make it in the main thread."""

    def __init__(self) -> None:
        self.asked = False
        self._waits = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def during(self, wait: Callable[[], object]) -> None:
        """Call what waits, and return at once when a signal comes or came."""
        try:
            self._waits = True
            if not self.asked:
                wait()
        except _Interrupted:
            return
        finally:
            self._waits = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._waits:
            self._waits = False
            raise _Interrupted
