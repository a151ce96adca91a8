"""A process with a child of its own, held the way ``worker.py`` holds its two."""

import sys

from portal.stack.child import Program
from portal.stack.family import Family
from portal.stack.output import Output
from portal.stack.programs import python

IDLE = "import os, signal; print('task', os.getpid(), flush=True); signal.pause()"

if __name__ == "__main__":
    with Family(Output(), grace=5.0, captured=False) as family:
        family.start(Program("task", python("-c", IDLE)))
        family.watch()
    sys.exit(0)
