"""A mail server on a real socket, which misbehaves as it is told."""

import base64
import ssl
from contextlib import ExitStack, suppress
from enum import Enum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Any

PACE_SECONDS = 0.02  # from one byte of a drip to the next


class Instead(Enum):
    """What it does instead of answering."""

    SILENCE = "silence"
    DRIP = "drip"
    CLOSE = "close"


class SmtpServer:
    """A context manager. ``received`` holds the mails it accepted, ``commands`` every line it was sent.

    ``replies`` replaces the answer to a command: its line, or what happens instead. ``CONNECT`` names the
    greeting, and ``CONTENT`` the answer to the mail itself. ``delays`` says how many seconds each answer
    takes, ``refused`` holds addresses that are refused for good. ``tls`` offers STARTTLS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[str] = []
        self.commands: list[str] = []
        self.logins: list[str] = []
        self.replies: dict[str, str | Instead] = {}
        self.delays: dict[str, float] = {}
        self.refused: set[str] = set()
        self.connections = 0
        self.tls = tls
        self.over = Event()
        self._lock = Lock()
        smtp = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                with suppress(ConnectionError):  # the client left
                    smtp.talk(self)

            def finish(self) -> None:
                with suppress(ConnectionError):
                    super().finish()

        ThreadingTCPServer.allow_reuse_address = ThreadingTCPServer.daemon_threads = True
        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "SmtpServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def talk(self, handler: Any) -> None:
        """Speak to one client until it goes."""
        with self._lock:
            self.connections += 1
        with ExitStack() as opened:
            self._talk(handler, opened)

    def _talk(self, handler: Any, opened: ExitStack) -> None:
        rfile, wfile = handler.rfile, handler.wfile
        if not self._answer(wfile, "CONNECT", "220 ready"):
            return
        encrypted = False
        while line := rfile.readline().decode():
            self.commands.append(line.strip())
            match command := line.split(" ")[0].strip().upper():
                case "EHLO":
                    offers = ["AUTH PLAIN", *(["STARTTLS"] if self.tls and not encrypted else [])]
                    lines = ["250-stub", *(f"250-{offer}" for offer in offers), "250 HELP"]
                    goes_on = self._answer(wfile, command, "\r\n".join(lines))
                case "STARTTLS":
                    assert self.tls is not None
                    wfile.write(b"220 go on\r\n")
                    try:
                        secure = self.tls.wrap_socket(handler.request, server_side=True)
                    except OSError:
                        return
                    opened.enter_context(secure)
                    rfile = opened.enter_context(secure.makefile("rb"))
                    wfile = opened.enter_context(secure.makefile("wb", buffering=0))
                    goes_on = encrypted = True
                case "AUTH":
                    self.logins.append(base64.b64decode(line.split(" ")[2]).decode())
                    goes_on = self._answer(wfile, command, "235 welcome")
                case "RCPT" if line.partition("<")[2].partition(">")[0] in self.refused:
                    goes_on = self._answer(wfile, "", "550 5.1.1 nobody of that name")
                case "DATA" if command not in self.replies:
                    wfile.write(b"354 go on\r\n")
                    content = bytearray()
                    while (part := rfile.readline()) != b".\r\n":
                        if not part:
                            return
                        content += part[1:] if part.startswith(b"..") else part
                    goes_on = self._answer(wfile, "CONTENT", "250 taken", content)
                case "QUIT":
                    self._answer(wfile, command, "221 bye")
                    return
                case _:
                    goes_on = self._answer(wfile, command, "250 fine")
            if not goes_on:
                return

    def _answer(self, wfile: Any, command: str, usual: str, content: bytes = b"") -> bool:
        """Answer a command; return whether the talk goes on. What is answered 250 is received."""
        self.over.wait(self.delays.get(command, 0))
        reply = self.replies.get(command, usual)
        match reply:
            case Instead.SILENCE:
                self.over.wait()
            case Instead.DRIP:
                while not self.over.wait(PACE_SECONDS):
                    wfile.write(b"2")
            case str():
                if content and reply.startswith("250"):
                    self.received.append(content.decode())
                wfile.write(f"{reply}\r\n".encode())
        return isinstance(reply, str)
