"""Streams whose sockets were taken over from the server: real connections, one loop."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from socket import SO_RCVBUF, SOL_SOCKET, create_connection, create_server, socket
from threading import Event as Flag

import pytest

from portal.live import sockets
from portal.live.events import Event, Watcher
from portal.live.sockets import LAST_CHUNK, Connection, SocketStreams, SocketWatcher, connection_of
from tests.support.processes import PATIENCE, wait_until

ROWS = Event("rows", "Faro", 3)
PING = Event("ping", "3", 3)


class Page:
    """Both ends of a stream: the page's socket, the server's, and what is sent to it."""

    def __init__(self, peer: socket, server: socket, watcher: SocketWatcher) -> None:
        self.peer, self.server, self.watcher = peer, server, watcher

    def take_over(self) -> "Page":
        self.watcher.wait(0)
        return self

    def read(self, length: int) -> bytes:
        """So many bytes, or fewer where the stream ends before."""
        data = b""
        while len(data) < length and (came := self.peer.recv(length - len(data))):
            data += came
        return data

    def rest(self) -> bytes:
        """All until the end."""
        return b"".join(iter(lambda: self.peer.recv(1 << 16), b""))


@pytest.fixture
def lost() -> list[Watcher]:
    return []


@pytest.fixture
def streams(lost: list[Watcher]) -> Iterator[SocketStreams]:
    streams = SocketStreams(lost.append, lambda: None)
    streams.start()
    yield streams
    streams.close()


@pytest.fixture
def connect(streams: SocketStreams) -> Iterator[Callable[..., Page]]:
    """Open a page that the server has answered; ``buffer`` is how much its kernel takes in."""
    made: list[socket] = []
    with create_server(("127.0.0.1", 0)) as listener:

        def make(chunked: bool = True, buffer: int | None = None) -> Page:
            peer = socket()
            if buffer:
                peer.setsockopt(SOL_SOCKET, SO_RCVBUF, buffer)
            peer.settimeout(PATIENCE)
            peer.connect(listener.getsockname())
            server, _ = listener.accept()
            made.extend((peer, server))
            return Page(peer, server, SocketWatcher(1, 1, streams, Connection(server, chunked)))

        yield make
        for each in made:
            each.close()


def test_everybody_is_sent_the_same_bytes_framed_as_their_protocol_wants(connect) -> None:
    modern, old = connect().take_over(), connect(chunked=False).take_over()
    for page in (modern, old):
        page.watcher.send(ROWS)
    assert old.read(len(ROWS.wire)) == ROWS.wire == b"id: 3\nevent: rows\ndata: Faro\n\n"
    assert modern.read(len(ROWS.chunk)) == ROWS.chunk == b"1E\r\n" + ROWS.wire + b"\r\n"


def test_what_happens_before_the_connection_changes_hands_comes_first(connect) -> None:
    page = connect()
    page.watcher.send(ROWS)
    page.take_over().watcher.send(PING)
    assert page.read(len(ROWS.chunk + PING.chunk)) == ROWS.chunk + PING.chunk


def test_what_the_server_still_does_with_its_socket_reaches_nobody(connect) -> None:
    page = connect().take_over()
    with pytest.raises(BrokenPipeError):
        page.server.sendall(LAST_CHUNK)
    page.server.close()
    page.watcher.send(ROWS)
    assert page.read(len(ROWS.chunk)) == ROWS.chunk


def test_a_stream_that_is_ended_ends_its_answer_and_gives_its_place_back(connect, lost) -> None:
    page = connect().take_over()
    page.watcher.end()
    assert page.rest() == LAST_CHUNK
    wait_until(lambda: lost == [page.watcher], "the place")


def test_one_that_ended_before_its_connection_changed_hands_is_ended_by_the_server(connect) -> None:
    page = connect()
    page.watcher.end()
    assert not page.take_over().watcher.goes_on
    page.server.sendall(LAST_CHUNK)
    assert page.read(len(LAST_CHUNK)) == LAST_CHUNK


@pytest.mark.parametrize("leave", [lambda page: page.peer.close(), lambda page: page.peer.sendall(b"GET /")])
def test_a_page_that_goes_or_goes_on_talking_gives_its_place_back(connect, lost, leave) -> None:
    gone, other = connect().take_over(), connect().take_over()
    leave(gone)
    wait_until(lambda: lost == [gone.watcher], "the place")
    other.watcher.send(ROWS)
    assert other.read(len(ROWS.chunk)) == ROWS.chunk


def test_a_reader_that_falls_behind_is_cut_off_and_holds_up_nobody(connect, lost) -> None:
    slow, quick = connect(buffer=4096).take_over(), connect().take_over()
    large = Event("rows", "x" * 100_000, 3)
    while not lost:
        for page in (slow, quick):
            page.watcher.send(large)
        assert quick.read(len(large.chunk)) == large.chunk
    assert lost == [slow.watcher]
    with suppress(ConnectionResetError):
        assert not slow.rest().endswith(LAST_CHUNK)


def test_closing_ends_every_stream_at_once(connect, streams, lost) -> None:
    pages = [connect().take_over() for _ in range(3)]
    streams.close()
    assert [page.rest() for page in pages] == [LAST_CHUNK] * 3
    assert len(lost) == 3
    assert connect().take_over().rest() == b"", "nothing is taken over any more"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_loop_that_died_gives_every_place_back_and_starts_anew(connect, streams, lost, monkeypatch) -> None:
    page, other = connect().take_over(), connect().take_over()
    with monkeypatch.context() as patched:
        patched.setattr(SocketWatcher, "write", lambda *_: sys.exit())
        page.watcher.send(ROWS)
        wait_until(lambda: len(lost) == 2, "the places")
    assert other.rest() == LAST_CHUNK
    wait_until(lambda: not streams.is_up, "the end of the thread")
    streams.start()
    again = connect().take_over()
    again.watcher.send(ROWS)
    assert again.read(len(ROWS.chunk)) == ROWS.chunk


def test_it_looks_now_and_then_whether_anybody_still_makes_the_events(monkeypatch) -> None:
    looked = Flag()
    monkeypatch.setattr(sockets, "LOOK_AFTER_SECONDS", 0.01)
    streams = SocketStreams(lambda _: None, looked.set)
    streams.start()
    assert looked.wait(PATIENCE)
    streams.close()


@pytest.mark.parametrize(("protocol", "chunked"), [("HTTP/1.0", False), ("HTTP/1.1", True)])
def test_only_a_plain_connection_of_http_1_can_be_taken_over(protocol, chunked) -> None:
    with create_server(("127.0.0.1", 0)) as listener, create_connection(listener.getsockname()) as peer:
        environ = {"gunicorn.socket": peer, "SERVER_PROTOCOL": protocol}
        assert connection_of(environ) == Connection(peer, chunked)
        assert connection_of(environ | {"SERVER_PROTOCOL": "HTTP/2"}) is None
    assert connection_of({"SERVER_PROTOCOL": protocol}) is None
