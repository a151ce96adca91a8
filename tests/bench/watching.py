"""Many pages that watch at once: open streams, and the moment at which each hears of a change.

They live in a process of their own, so that their work is neither the server's nor the bench's. Moments are
those of the wall clock, which a browser reads as well.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector
from socket import create_connection, socket
from time import monotonic, time

from portal.process import die_with_parent

PATIENCE = 30.0  # seconds until all must have heard
EVENT = re.compile(rb"id: (\d+)\nevent: (\w+)\n")
END_OF_EVENT = b"\n\n"


@dataclass
class Heard:
    """When each stream had heard of a revision, and the event itself."""

    moments: list[float]
    event: bytes


@dataclass
class Stream:
    """One open stream: what came and is not yet whole, and the latest event of each name."""

    peer: socket
    rest: bytes = b""
    latest: dict[bytes, tuple[int, float, bytes]] = field(default_factory=dict)

    def read(self) -> None:
        """Take what has come; the moment counts at which an event is whole."""
        came = self.peer.recv(1 << 16)
        moment = time()
        if not came:
            raise EOFError(f"the server ended a stream after {self.rest[-200:]!r}")
        *whole, self.rest = (self.rest + came).split(END_OF_EVENT)
        for text in whole:
            if found := EVENT.search(text):
                event = text[found.start() :] + END_OF_EVENT
                self.latest[found[2]] = (int(found[1]), moment, event)

    def has(self, name: bytes, revision: int) -> bool:
        """Whether an event of that name, as new as that, has come."""
        return name in self.latest and self.latest[name][0] >= revision


class Watchers:
    """The streams, as the bench sees them."""

    def __init__(self, port: int) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, port, os.getpid())
        self._process = context.Process(target=_watch, args=arguments, daemon=True)
        self._process.start()
        theirs.close()  # so that a process that ended is noticed

    def __enter__(self) -> "Watchers":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def open(self, requests: Sequence[bytes]) -> None:
        """Open one more stream for each request; returns when all have been answered."""
        self._pipe.send(requests)
        self._pipe.recv()

    def heard(self, name: str, revision: int) -> Heard:
        """Return when each had an event of that name and of that revision or a later one."""
        self._pipe.send((name.encode(), revision))
        heard: Heard = self._pipe.recv()
        return heard


def _watch(pipe: Connection, port: int, parent: int) -> None:
    """Do what the bench asks, and read every stream meanwhile."""
    die_with_parent(parent)
    with DefaultSelector() as selector:
        selector.register(pipe, EVENT_READ)
        streams: list[Stream] = []
        while True:
            if not _read(selector):
                continue
            match pipe.recv():
                case bytes(name), int(revision):
                    _wait(selector, streams, name, revision)
                    pipe.send(_heard(streams, name))
                case requests:
                    fresh = [_open(port, request) for request in requests]
                    for stream in fresh:
                        selector.register(stream.peer, EVENT_READ, stream)
                    streams += fresh
                    pipe.send(len(streams))


def _read(selector: DefaultSelector) -> bool:
    """Read what has come, and say whether the bench asks for something."""
    ready = [key.data for key, _ in selector.select(1.0)]
    for stream in ready:
        if stream is not None:
            stream.read()
    return None in ready


def _wait(selector: DefaultSelector, streams: list[Stream], name: bytes, revision: int) -> None:
    deadline = monotonic() + PATIENCE
    while waiting := sum(not stream.has(name, revision) for stream in streams):
        if monotonic() > deadline:
            raise TimeoutError(f"{waiting} streams never heard of {name.decode()} {revision}")
        _read(selector)


def _heard(streams: list[Stream], name: bytes) -> Heard:
    return Heard([stream.latest[name][1] for stream in streams], streams[0].latest[name][2])


def _open(port: int, request: bytes) -> Stream:
    peer = create_connection(("127.0.0.1", port), timeout=PATIENCE)
    peer.sendall(request)
    head = b""
    while b"\r\n\r\n" not in head:
        if not (came := peer.recv(1 << 16)):
            break
        head += came
    status, _, rest = head.partition(b"\r\n\r\n")
    if b" 200 " not in status.split(b"\r\n")[0]:
        raise RuntimeError(f"a stream was refused: {status[:200]!r}")
    return Stream(peer, rest)
