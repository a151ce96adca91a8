"""Runs the portal's tasks: each of ``PROCESSES`` as a process of its own, restarted when it ends."""

import os
import sys
from pathlib import Path

from portal.config import ConfigError, load_settings
from portal.process import Program, Supervisor

PROCESSES = {"tasks": "portal.worker", "tick": "portal.worker.tick", "mail": "portal.worker.mail"}
GRACE = 10.0  # seconds that a running task gets to finish


def main() -> int:
    """Run until a signal asks to stop; the exit status is 1 where the settings are refused."""
    try:
        load_settings(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    os.chdir(Path(__file__).resolve().parent)
    with Supervisor(GRACE) as supervisor:
        for name, module in PROCESSES.items():
            supervisor.start(Program(name, [sys.executable, "-m", module]))
        supervisor.watch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
