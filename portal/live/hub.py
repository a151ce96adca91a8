"""One subscriber a web process: it reads what changed once, renders it once, and tells every stream.

The database is the truth and Redis only wakes: a heartbeat compares revisions, so that a lost message
delays and never lies. Streams are capped, since each holds a thread of the server.
"""

import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from typing import Any, Protocol
from weakref import WeakSet

import structlog
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from portal.live.events import Changes, Event
from portal.live.publish import CHANNEL

HEARTBEAT_SECONDS = 5.0
WAKE_SECONDS = 0.25  # how soon a stop or a heartbeat is noticed on a quiet channel
WAITING_EVENTS = 64
STREAMS_PER_SIGN_IN = 6  # a browser opens no more connections to one host

log = structlog.get_logger()

_hubs: "WeakSet[Hub]" = WeakSet()


def stop_streams() -> None:
    """End every stream of this process at once; the server calls it when told to stop."""
    for hub in list(_hubs):
        hub.close()


class Source(Protocol):
    """What the hub asks, each within an application context: rows and their HTML come from outside."""

    def changes(self, organisation_id: int, after: int) -> Changes:
        """Return what changed since a revision."""

    def progress(self, organisation_id: int) -> Event:
        """Return how far the organisation's sync is."""

    def revisions(self, organisation_ids: list[int]) -> dict[int, int]:
        """Return the present revision of each organisation."""

    def syncing(self, organisation_ids: list[int]) -> list[int]:
        """Return those of the organisations that have a sync under way, or one that waits."""

    def allowed(self, watchers: list["Watcher"]) -> set[int]:
        """Return the ids of those sign-ins among the watchers' that may still read."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One open stream: whose it is, and what it has still to send. ``None`` ends it."""

    organisation_id: int
    login_id: int
    waiting: "Queue[Event | None]" = field(default_factory=lambda: Queue(WAITING_EVENTS))
    ended: bool = False

    def tell(self, event: Event) -> None:
        """Hand over an event; a stream too far behind ends, and its page asks again from its cursor."""
        if self.ended:
            return
        try:
            self.waiting.put_nowait(event)
        except Full:
            self.end()

    def end(self) -> None:
        """End the stream once it has sent what fits."""
        self.ended = True
        while True:
            try:
                return self.waiting.put_nowait(None)
            except Full:
                with suppress(Empty):
                    self.waiting.get_nowait()


class Stream:
    """The bytes of one stream. Closing it frees its place, also where nobody ever read of it."""

    def __init__(self, hub: "Hub", watcher: Watcher, first: tuple[Event, ...]) -> None:
        self._hub, self._watcher, self._first = hub, watcher, deque(first)

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        event = self._first.popleft() if self._first else self._watcher.waiting.get()
        if event is None:
            self.close()
            raise StopIteration
        return event.wire

    def close(self) -> None:
        """Give the place back."""
        self._hub.leave(self._watcher)


class Hub:
    """The streams of one process."""

    def __init__(self, source: Source, redis: Redis, capacity: int) -> None:
        self._source, self._redis, self._capacity = source, redis, capacity
        self._watchers: set[Watcher] = set()
        self._told: dict[int, int] = {}
        self._lock = Lock()
        self._closed = Flag()
        self._thread: Thread | None = None
        _hubs.add(self)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._watchers)

    def watch(self, organisation_id: int, login_id: int, after: int) -> Watcher | None:
        """Open a stream from revision ``after`` on; ``None`` when no more fit or the server stops."""
        with self._lock:
            if self._closed.is_set() or self._is_full(login_id):
                return None
            watcher = Watcher(organisation_id, login_id)
            self._watchers.add(watcher)
            self._told.setdefault(organisation_id, after)
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True, name="live-hub")
                self._thread.start()
        return watcher

    def _is_full(self, login_id: int) -> bool:
        """Whether no place is left, or one sign-in would take the places of all others."""
        held = sum(watcher.login_id == login_id for watcher in self._watchers)
        return len(self._watchers) >= self._capacity or held >= STREAMS_PER_SIGN_IN

    def leave(self, watcher: Watcher) -> None:
        """Forget a stream."""
        with self._lock:
            self._watchers.discard(watcher)
            if all(other.organisation_id != watcher.organisation_id for other in self._watchers):
                self._told.pop(watcher.organisation_id, None)

    def close(self) -> None:
        """End every stream at once and take no more: the server stops."""
        self._closed.set()
        with self._lock:
            for watcher in self._watchers:
                watcher.end()

    def join(self) -> None:
        """Wait until a closed hub reads no more."""
        if self._thread is not None:
            self._thread.join()

    def stream(self, watcher: Watcher, first: tuple[Event, ...]) -> "Stream":
        """Return the stream's bytes, ``first`` before all that follows."""
        return Stream(self, watcher, first)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen()
            except Exception as error:  # whatever it was, open pages must not be left without a heartbeat
                log.warning("live_listener_failed", error=type(error).__name__)
                self._beat()
                self._closed.wait(HEARTBEAT_SECONDS)

    def _listen(self) -> None:
        """Follow the channel; returns when closed, raises when Redis goes away."""
        beat_at = 0.0
        with self._redis.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call] # redis-py
            channel.subscribe(CHANNEL)
            while not self._closed.is_set():
                if monotonic() >= beat_at:
                    self._beat()
                    beat_at = monotonic() + HEARTBEAT_SECONDS
                message = channel.get_message(timeout=min(WAKE_SECONDS, HEARTBEAT_SECONDS))
                if message is not None:
                    self._hear(json.loads(message["data"]))

    def _hear(self, message: dict[str, Any]) -> None:
        try:
            if "sessions" in message:
                self._dismiss()
            elif message.get("organisation") not in self._told:
                return
            elif "bulk" in message:
                self._tell_one(message)
            elif "progress" in message:
                self._tell(message["organisation"], (self._source.progress(message["organisation"]),))
            else:
                self._catch_up(message["organisation"])
        except SQLAlchemyError as error:
            log.warning("live_read_failed", error=type(error).__name__)

    def _catch_up(self, organisation_id: int) -> None:
        told = self._told.get(organisation_id)
        if told is None:
            return
        changes = self._source.changes(organisation_id, told)
        with self._lock:
            if organisation_id in self._told:
                self._told[organisation_id] = changes.revision
        self._tell(organisation_id, changes.events)

    def _beat(self) -> None:
        """Find what no message told of, and keep every stream (and its dead peers) awake."""
        try:
            self._dismiss()
            for organisation_id, revision in self._source.revisions(list(self._told)).items():
                if revision > self._told.get(organisation_id, revision):
                    self._catch_up(organisation_id)
                self._tell(organisation_id, (Event("ping", str(revision), revision),))
            for organisation_id in self._source.syncing(list(self._told)):
                self._tell(organisation_id, (self._source.progress(organisation_id),))
        except SQLAlchemyError as error:
            log.warning("live_read_failed", error=type(error).__name__)

    def _dismiss(self) -> None:
        """End the streams of sign-ins that ended and of people who were removed."""
        watchers = self._all()
        allowed = self._source.allowed(watchers) if watchers else set()
        for watcher in watchers:
            if watcher.login_id not in allowed:
                watcher.end()

    def _tell(self, organisation_id: int, events: tuple[Event, ...]) -> None:
        for watcher in self._all():
            if watcher.organisation_id == organisation_id:
                for event in events:
                    watcher.tell(event)

    def _tell_one(self, message: dict[str, Any]) -> None:
        """Tell how far a bulk edit is to the pages of the sign-in that asked for it."""
        event = Event("bulk", f"{message['bulk']} {message['done']} {message['total']}")
        for watcher in self._all():
            if watcher.login_id == message["login"] and watcher.organisation_id == message["organisation"]:
                watcher.tell(event)

    def _all(self) -> list[Watcher]:
        with self._lock:
            return list(self._watchers)
