"""``python -m dev.demo --port N --state DIR``: serve the demo board until SIGTERM or Ctrl-C."""

import argparse
import contextlib
import sys
from pathlib import Path

from dev.demo.app import HOST, create_demo_board, make_board_server


def main() -> None:
    """Says where it listens in one line, then nothing."""
    parser = argparse.ArgumentParser(prog="python -m dev.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder that keeps the edits over a restart")
    options = parser.parse_args()
    server = make_board_server(create_demo_board(options.state), options.port)
    sys.stdout.write(f"The demo board is at http://{HOST}:{server.port}/\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
