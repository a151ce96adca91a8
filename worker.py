"""Runs the portal's tasks: RQ workers for applications and syncs, one for slow boards, a tick, senders of
mails and webhooks, and, where the operator gave keys, one that tells search engines of jobs.

Each is a process of its own and kept alive.
"""

import os
import sys
from pathlib import Path

from portal.config import Settings, load_settings
from portal.environment import ConfigError
from portal.process import Program, Supervisor

GRACE = 10.0  # seconds that a running task gets to finish


def processes(settings: Settings) -> dict[str, list[str]]:
    """Return the arguments of each process's ``python -m``, by its name."""
    workers = {
        f"sync-{number}": ["portal.worker", "applications", "sync"]
        for number in range(settings.worker_processes)
    }
    return workers | {
        "slow": ["portal.worker", "applications", "chores", "slow"],
        "tick": ["portal.worker.tick"],
        "mail": ["portal.worker.mail"],
        "outgoing": ["portal.worker.outgoing"],
        **({"search-engines": ["portal.worker.search_engines"]} if settings.tells_search_engines else {}),
    }


def main() -> int:
    """Run until a signal asks to stop; the exit status is 1 where the settings are refused."""
    try:
        settings = load_settings(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    os.chdir(Path(__file__).resolve().parent)
    with Supervisor(GRACE) as supervisor:
        for name, arguments in processes(settings).items():
            supervisor.start(Program(name, [sys.executable, "-m", *arguments]))
        supervisor.watch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
