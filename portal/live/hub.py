"""One hub per web process: it reads what changed once, renders it once, and sends it to every stream.

The database is the truth and Redis only wakes: a heartbeat compares revisions, so that a lost message
delays and never lies. What fails for one organisation concerns no other, and the thread that reads is
started anew should it ever end. A stream costs a few kilobytes where the server hands its socket over
(``sockets.py``), and a thread where it does not.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from typing import Any
from weakref import WeakSet

import structlog
from redis import Redis

from portal.live.events import Event, Source, ThreadWatcher, Watcher, heartbeat
from portal.live.sockets import Connection, SocketStreams, SocketWatcher
from portal.live.stream import Stream
from portal.live.subscription import Failures, Subscription

HEARTBEAT_SECONDS = 5.0  # a page takes three without one for a dead stream
WAKE_SECONDS = 0.25  # how soon a stop or a heartbeat is noticed on a quiet channel
MOVES_SECONDS = 1.0  # between two events of presence: a thousand people move all the time
QUIET_SECONDS = 0.05  # without a message, so that rows are sent first, before the sync's status is read
STALLED_SECONDS = 30.0  # a thread whose loop took longer counts as dead
STREAMS_PER_SIGN_IN = 4  # of the six connections to one host that a browser opens: the rest are for pages

log = structlog.get_logger()

_hubs: "WeakSet[Hub]" = WeakSet()


def stop_streams() -> None:
    """End every stream of this process at once; the server calls it when told to stop."""
    for hub in list(_hubs):
        hub.close()


class Hub:
    """The streams of one process: ``capacity`` at most, and ``in_threads`` of them where each holds one."""

    def __init__(self, source: Source, redis: Redis, capacity: int, in_threads: int | None = None) -> None:
        self._source, self._redis, self._capacity = source, redis, capacity
        self._in_threads = capacity if in_threads is None else in_threads
        self._sockets = SocketStreams(self.leave, self.restart_if_dead)
        self._watchers: set[Watcher] = set()
        self._sent_up_to: dict[int, int] = {}
        self._present: dict[int, Event] = {}
        self._presence_changed: set[int] = set()
        self._statuses: dict[int, Event] = {}
        self._changed: set[int] = set()
        self._lock = Lock()
        self._closed = Flag()
        self._thread: Thread | None = None
        self._looped_at = 0.0
        self.failures = Failures()
        _hubs.add(self)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._watchers)

    @property
    def is_up(self) -> bool:
        """Whether open streams receive changes; true without any stream, and once closed."""
        if not self._watchers or self._closed.is_set():
            return True
        lately = monotonic() - self._looped_at < STALLED_SECONDS
        return self._is_running() and lately and self._sockets.is_up

    def watch(
        self,
        organisation_id: int,
        login_id: int,
        revision: int,
        connection: Connection | None = None,
        *,
        is_admin: bool = False,
    ) -> Watcher | None:
        """Open a stream of what comes after ``revision``, which was read from the database just now.

        Without a connection to take over it holds a thread. Admins are told who else is there. Returns
        ``None`` when no more fit or the server stops.
        """
        with self._lock:
            if self._closed.is_set() or self._is_full(login_id, in_thread=connection is None):
                return None
            watcher = self._watcher(organisation_id, login_id, connection)
            watcher.is_admin = is_admin
            self._watchers.add(watcher)
            self._sent_up_to.setdefault(organisation_id, revision)
            self._statuses.pop(organisation_id, None)  # it is sent the next one, whatever it began with
        self.restart_if_dead()
        return watcher

    def _is_full(self, login_id: int, *, in_thread: bool) -> bool:
        """Whether no place is left, or one sign-in would take the places of all others."""
        held = sum(watcher.login_id == login_id for watcher in self._watchers)
        threads = in_thread and sum(isinstance(watcher, ThreadWatcher) for watcher in self._watchers)
        return (
            len(self._watchers) >= self._capacity
            or held >= STREAMS_PER_SIGN_IN
            or (in_thread and threads >= self._in_threads)
        )

    def _watcher(self, organisation_id: int, login_id: int, connection: Connection | None) -> Watcher:
        if connection is None:
            return ThreadWatcher(organisation_id, login_id)
        self._sockets.start()
        return SocketWatcher(organisation_id, login_id, self._sockets, connection)

    def restart_if_dead(self) -> None:
        """Start the thread that reads, unless it runs or the server stops."""
        with self._lock:
            if self._closed.is_set() or self._is_running():
                return
            self._looped_at = monotonic()
            self._thread = Thread(target=self._run, daemon=True, name="live-hub")
            self._thread.start()

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def leave(self, watcher: Watcher) -> None:
        """Forget a stream."""
        with self._lock:
            self._watchers.discard(watcher)
            if all(other.organisation_id != watcher.organisation_id for other in self._watchers):
                self._sent_up_to.pop(watcher.organisation_id, None)
                self._present.pop(watcher.organisation_id, None)
                self._statuses.pop(watcher.organisation_id, None)

    def close(self) -> None:
        """End every stream at once and take no more: the server stops."""
        self._closed.set()
        with self._lock:
            for watcher in self._watchers:
                watcher.end()
        self._sockets.close()

    def join(self) -> None:
        """Wait until a closed hub reads no more."""
        if self._thread is not None:
            self._thread.join()

    def stream(self, watcher: Watcher, first: tuple[Event, ...]) -> Stream:
        """Return the stream's bytes, ``first`` before all that follows."""
        return Stream(watcher, first, self, 2 * HEARTBEAT_SECONDS)

    def _run(self) -> None:
        """Send what changes until closed. Heartbeats go on without Redis: the database is the truth."""
        subscription, heartbeat_at, presence_at, status_at = Subscription(self._redis), 0.0, 0.0, 0.0
        while not self._closed.is_set():
            self._looped_at = monotonic()
            if subscription.renew() or monotonic() >= heartbeat_at:
                heartbeat_at = monotonic() + HEARTBEAT_SECONDS
                subscription.check()
                self._send_heartbeats()
            wait = QUIET_SECONDS if self._changed else WAKE_SECONDS
            message = subscription.message(min(wait, HEARTBEAT_SECONDS))
            if message is not None:
                self._receive(message)
            if not self._changed:
                status_at = monotonic() + MOVES_SECONDS
            elif message is None or monotonic() >= status_at:
                self._send_statuses()
            if self._presence_changed and monotonic() >= presence_at:
                presence_at = monotonic() + MOVES_SECONDS
                self._send_presence()
        subscription.close()

    @contextmanager
    def _logging_errors(self, step: str, organisation_id: int | None = None) -> Iterator[None]:
        """Log what fails in a step and go on; it is tried again with the next heartbeat."""
        try:
            yield
        except Exception as error:  # whatever it was: no other organisation may be left without its changes
            self.failures.note(step, organisation_id, error)
        else:
            self.failures.clear(step, organisation_id)

    def _receive(self, data: bytes) -> None:
        """Handle a message; one that cannot be parsed is a newer version's: the next heartbeat catches up."""
        with self._logging_errors("message"):
            message = json.loads(data)
            if "sessions" in message:
                self._end_streams()
            elif message.get("organisation") not in self._sent_up_to:
                return
            elif "bulk" in message:
                self._send_bulk_progress(message)
            elif "presence" in message:
                self._presence_changed.add(message["organisation"])
            elif "progress" in message:
                self._send_status(message["organisation"])
            else:
                self._catch_up(message["organisation"])

    def _catch_up(self, organisation_id: int) -> None:
        """Send what changed since the revision sent last; after a restore that one may lie in the future."""
        told = self._sent_up_to.get(organisation_id)
        if told is None:
            return
        with self._logging_errors("changes", organisation_id):
            changes = self._source.changes(organisation_id, told)
            with self._lock:
                if organisation_id in self._sent_up_to:
                    self._sent_up_to[organisation_id] = changes.revision
            self._send(organisation_id, changes.events)
            self._changed.add(organisation_id)

    def _send_statuses(self) -> None:
        """Send the sync status of changed organisations, unless their pages were sent the same last."""
        changed, self._changed = self._changed & set(self._sent_up_to), set()
        for organisation_id in changed:
            self._send_status(organisation_id, again=False)

    def _send_status(self, organisation_id: int, *, again: bool = True) -> None:
        with self._logging_errors("status", organisation_id):
            event = self._source.status(organisation_id)
            if again or event != self._statuses.get(organisation_id):
                self._statuses[organisation_id] = event  # before sending: a new watcher removes it
                self._send(organisation_id, (event,))

    def _send_heartbeats(self) -> None:
        """Catch up on lost messages, and send every stream a heartbeat, by which dead peers are noticed."""
        with self._logging_errors("sign-ins"):
            self._end_streams()
        with self._logging_errors("revisions"):
            with self._lock:
                told = dict(self._sent_up_to)
            for organisation_id, revision in self._source.revisions(list(told)).items():
                if revision != told[organisation_id]:
                    self._catch_up(organisation_id)
                sent = self._sent_up_to.get(organisation_id, revision)
                self._send(organisation_id, (heartbeat(revision, sent),))
            for organisation_id in self._source.syncing(list(told)):
                self._send_status(organisation_id)
            self._presence_changed.update(told)

    def _send_presence(self) -> None:
        """Send admins the presence in their organisation, where it changed."""
        with self._logging_errors("presence"):
            watched = {watcher.organisation_id for watcher in self._all() if watcher.is_admin}
            changed, self._presence_changed = self._presence_changed & watched, set()
            for organisation_id, event in self._source.present(sorted(changed)).items():
                if event != self._present.get(organisation_id):
                    self._present[organisation_id] = event
                    self._send(organisation_id, (event,), to_admins=True)

    def _end_streams(self) -> None:
        """End the streams of sign-ins that ended and of people who were removed."""
        watchers = self._all()
        allowed = self._source.allowed(watchers) if watchers else set()
        for watcher in watchers:
            if watcher.login_id not in allowed:
                watcher.end()

    def _send(self, organisation_id: int, events: tuple[Event, ...], *, to_admins: bool = False) -> None:
        for watcher in self._all():
            if watcher.organisation_id == organisation_id and (watcher.is_admin or not to_admins):
                for event in events:
                    watcher.send(event)

    def _send_bulk_progress(self, message: dict[str, Any]) -> None:
        """Send the progress of a bulk edit to the pages of the sign-in that asked for it."""
        event = Event("bulk", f"{message['bulk']} {message['done']} {message['total']}")
        for watcher in self._all():
            if watcher.login_id == message["login"] and watcher.organisation_id == message["organisation"]:
                watcher.send(event)

    def _all(self) -> list[Watcher]:
        with self._lock:
            return list(self._watchers)
