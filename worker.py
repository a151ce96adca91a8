"""Runs the portal's tasks: one RQ worker, one tick and one sender of mails.

Each is a process of its own and kept alive.
"""

import os
import sys
from pathlib import Path

from dev.stack.child import Program
from dev.stack.family import Family
from dev.stack.output import Output
from portal.config import ConfigError, load_settings

PROGRAMS = (("tasks", "portal.worker"), ("tick", "portal.worker.tick"), ("mail", "portal.worker.mail"))
GRACE = 10.0  # seconds that a running task gets to finish


def main() -> int:
    """Run until a signal asks to stop; the exit status is 1 where the settings are refused."""
    try:
        load_settings(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    os.chdir(Path(__file__).resolve().parent)
    with Family(Output(), grace=GRACE, captured=False) as family:
        for name, module in PROGRAMS:
            family.start(Program(name, [sys.executable, "-m", module]))
        family.watch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
