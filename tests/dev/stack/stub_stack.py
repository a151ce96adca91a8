"""``make run``'s supervisor over small stand-ins for the programs that need the whole portal."""

import sys
from pathlib import Path

from dev.stack.__main__ import main
from dev.stack.programs import Programs
from portal.process import Program

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

    def seed(self) -> Program:
        return self._python("seed", "-c", "print('seeded')")

    def board(self) -> Program:
        return self._python("board", "-c", NOISE if "STUB_NOISE" in self.environ else IDLE)

    def board_is_ready(self) -> bool:
        return True

    def worker(self) -> Program:
        return self._python("worker", str(Path(__file__).with_name("stub_worker.py")))

    def web(self) -> Program:
        return self._python("web", "-c", WEB)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], StubPrograms))
