"""``make run``'s supervisor over small stand-ins for the programs that need the whole portal."""

import sys
from pathlib import Path

from dev.stack.child import Program
from dev.stack.programs import Programs, python
from dev.stack.supervisor import main

WEB = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"alive")
    def log_message(self, *_):
        for level in ("info     ", "warning  ", "error    "):
            print(f"2026-01-01T00:00:00Z [{level}] request path={self.path}", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
IDLE = "import signal; print('idle', flush=True); signal.pause()"
NOISE = """
import os
for _ in range(20_000): os.write(1, b"noise, and a good deal of it in every single line\\n")
"""


class StubPrograms(Programs):
    """The real Redis server and supervisor; the rest stands in for the portal."""

    def migrate(self) -> Program:
        return Program("migrate", python("-c", "print('tables are up to date')"), self.environ)

    def seed(self) -> Program:
        code = "import sys; print(f'seeded with {len(sys.stdin.readline())} characters')"
        return Program("seed", python("-c", code), self.environ, given=self.password)

    def board(self) -> Program:
        noisy = "STUB_NOISE" in self.environ
        return Program("board", python("-c", NOISE if noisy else IDLE), self.environ)

    def worker(self) -> Program:
        inner = Path(__file__).with_name("stub_worker.py")
        return Program("worker", python(str(inner)), self.environ)

    def web(self) -> Program:
        real = super().web()
        return Program("web", python("-c", WEB), self.environ, real.ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], StubPrograms))
