"""``python -m portal.worker.outgoing``: notifies receivers of webhooks of public jobs.

A process of its own: no sync waits for a receiver. Each message is sent by a thread, one at a time for each
receiver, so that a slow one holds up nobody else. Any number may run; the database decides.
"""

import signal
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic, sleep

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.outgoing import deliver
from portal.actions.outgoing.deliver import Outcome, Outgoing
from portal.actions.outgoing.notify import notify_of_changes
from portal.db import cause_of
from portal.models.base import utc_now
from portal.queues import note_outgoing
from portal.worker.application import application

THREADS = 24
PAUSE_SECONDS = 0.5
COMPARE_SECONDS = 1.0
FAREWELL_SECONDS = 8.0  # that messages on their way have when the process is asked to stop

log = structlog.get_logger()


class Deliveries:
    """The messages that are on their way, at most one to each receiver."""

    def __init__(self, threads: int = THREADS, seconds: float = deliver.SECONDS) -> None:
        self._threads, self._seconds = threads, seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="receiver")
        self._sent: dict[Future[Outcome], Outgoing] = {}

    def begin(self) -> int:
        """Begin to send what is due, as far as there are threads; return how many messages that was."""
        busy = [message.endpoint_id for message in self._sent.values()]
        free = self._threads - len(busy)
        for each in deliver.due(utc_now(), busy, free) if free else []:
            if (message := deliver.claim(each)) is not None:
                self._sent[self._pool.submit(deliver.send, message, self._seconds)] = message
        return len(self._sent) - len(busy)

    def note(self, seconds: float) -> None:
        """Wait so long for a message to end, and note those that did."""
        if not self._sent:
            sleep(seconds)
            return
        ended, _ = wait(self._sent, seconds, FIRST_COMPLETED)
        for future in ended:
            message = self._sent[future]
            try:
                _note(message, future.result())
            except SQLAlchemyError:
                raise  # it is noted in the next round
            except Exception:  # what cannot be noted must not stop the others
                log.exception("webhook_not_noted", delivery_id=message.id)
            del self._sent[future]

    def end(self, seconds: float) -> None:
        """Begin nothing more, and note what ends within so many seconds."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        deadline = monotonic() + seconds
        while self._sent and monotonic() < deadline:
            self.note(max(0.0, deadline - monotonic()))


def _note(message: Outgoing, outcome: Outcome) -> None:
    deliver.note(message.endpoint_id, message.id, message.generation, outcome)
    log.info("webhook_sent", delivery_id=message.id, code=outcome.code, ms=outcome.milliseconds)


def main() -> None:
    """Compare and send until a signal asks to stop; that the database is away is no reason to end."""
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    sending, compare_at = Deliveries(), 0.0
    while not signals:
        with application().app_context():
            try:
                if monotonic() >= compare_at:
                    compare_at = monotonic() + COMPARE_SECONDS
                    note_outgoing()
                    notify_of_changes(utc_now())
                sending.begin()
                sending.note(PAUSE_SECONDS)
            except SQLAlchemyError as error:
                log.error("webhooks_failed", cause=cause_of(error))
                sleep(PAUSE_SECONDS)
    with application().app_context():
        sending.end(FAREWELL_SECONDS)


if __name__ == "__main__":
    main()
