"""A process with a child of its own, which it supervises as ``worker.py`` does its processes."""

import sys

from portal.process import Program, Supervisor

IDLE = "import os, signal; print('task', os.getpid(), flush=True); signal.pause()"

if __name__ == "__main__":
    with Supervisor(grace=5.0) as supervisor:
        supervisor.start(Program("task", [sys.executable, "-c", IDLE]))
        supervisor.watch()
    sys.exit(0)
