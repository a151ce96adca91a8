"""A process with a child of its own, held the way ``worker.py`` holds its two."""

import sys

from dev.stack.child import Program
from dev.stack.family import Family
from dev.stack.output import Output
from dev.stack.programs import python

IDLE = "import os, signal; print('task', os.getpid(), flush=True); signal.pause()"

if __name__ == "__main__":
    with Family(Output(), grace=5.0, captured=False) as family:
        family.start(Program("task", python("-c", IDLE)))
        family.watch()
    sys.exit(0)
