"""A mail server on a real socket, which does as it is told."""

import base64
import ssl
from contextlib import ExitStack
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any


class SmtpServer:
    """A context manager. ``received`` holds the mails it took, ``commands`` every line it was told.

    ``refusal`` answers each mail (``"451 later"``), ``silent`` answers nothing, ``tls`` offers STARTTLS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[str] = []
        self.commands: list[str] = []
        self.logins: list[str] = []
        self.refusal, self.silent, self.tls = "", False, tls
        self.over = Event()
        smtp = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                smtp.talk(self)

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
        with ExitStack() as opened:
            self._talk(handler, opened)

    def _talk(self, handler: Any, opened: ExitStack) -> None:
        rfile, wfile = handler.rfile, handler.wfile
        if self.silent:
            self.over.wait()
            return
        wfile.write(b"220 ready\r\n")
        encrypted = False
        while line := rfile.readline().decode():
            self.commands.append(line.strip())
            match line.split(" ")[0].strip().upper():
                case "EHLO":
                    offers = ["AUTH PLAIN", *(["STARTTLS"] if self.tls and not encrypted else [])]
                    lines = ["250-stub", *(f"250-{offer}" for offer in offers), "250 HELP"]
                    wfile.write("".join(f"{each}\r\n" for each in lines).encode())
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
                    encrypted = True
                case "AUTH":
                    self.logins.append(base64.b64decode(line.split(" ")[2]).decode())
                    wfile.write(b"235 welcome\r\n")
                case "DATA" if not self.refusal:
                    wfile.write(b"354 go on\r\n")
                    content = bytearray()
                    while (part := rfile.readline()) != b".\r\n":
                        content += part[1:] if part.startswith(b"..") else part
                    self.received.append(content.decode())
                    wfile.write(b"250 taken\r\n")
                case "DATA":
                    wfile.write(f"{self.refusal}\r\n".encode())
                case "QUIT":
                    wfile.write(b"221 bye\r\n")
                    return
                case _:
                    wfile.write(b"250 fine\r\n")
