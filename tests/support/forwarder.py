"""A line that can go dead: it forwards connections until it is frozen, and never says that it is."""

from contextlib import suppress
from pathlib import Path
from socket import AF_INET, AF_UNIX, SHUT_RDWR, create_server, socket
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Forwarder:
    """Forwards what comes to ``port`` of the loopback; ``target`` is a port there or a unix socket."""

    def __init__(self, target: int | Path) -> None:
        self._target = target
        self._server = create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._server.getsockname()[1]
        self._frozen = Event()
        self._near: list[socket] = []
        self._far: list[socket] = []
        self._accepting = Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.freeze()
        _end(self._server)
        self._accepting.join()  # from here on, nothing is added
        for far in self._far:
            _end(far)
        for near in self._near:
            near.close()  # its thread waits on, so that a page hears of nothing, until the page ends it

    def freeze(self) -> None:
        """Forward nothing more on what is open by now, and leave it open. New connections work."""
        frozen, self._frozen = self._frozen, Event()
        frozen.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near = self._server.accept()[0]
                far = self._connect()
                self._near.append(near)
                self._far.append(far)
                for source, sink in ((near, far), (far, near)):
                    Thread(target=_forward, args=(source, sink, self._frozen), daemon=True).start()

    def _connect(self) -> socket:
        far = socket(AF_UNIX if isinstance(self._target, Path) else AF_INET)
        far.connect(str(self._target) if isinstance(self._target, Path) else ("127.0.0.1", self._target))
        return far


def _end(line: socket) -> None:
    """Close it, and wake the thread that waits for something from it: to close it alone would not."""
    with suppress(OSError):
        line.shutdown(SHUT_RDWR)
    line.close()


def _forward(source: socket, sink: socket, frozen: Event) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            if frozen.is_set():
                return
            sink.sendall(data)
        if not frozen.is_set():
            sink.close()
