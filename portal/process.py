"""A process that cannot outlive the one that started it.

Linux sends the *parent-death signal* when the thread that made a process ends. It survives ``exec``
and is cleared by ``fork``, so each process asks for it itself. Elsewhere nothing is asked for.

Run as a script (``signal parent command…``) it asks, then becomes the command. It imports nothing
of the portal, so that this costs a few milliseconds.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None, sent: int = signal.SIGKILL) -> None:
    """Have ``sent`` sent to this process when its parent ends, and at once if that was not ``parent``.

    ``parent`` is the process id that the caller believes to be its parent: a parent that ended before
    the signal was asked for is noticed by it, and never without it.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sent)


def bound_to_this_process(command: Sequence[str], sent: int = signal.SIGKILL) -> list[str]:
    """The command line that runs ``command`` so that it gets ``sent`` when this process ends.

    Start it from a thread that lives as long as the process: it is the thread's end that counts.
    """
    return [sys.executable, "-I", "-S", __file__, str(int(sent)), str(os.getpid()), *command]


def main(arguments: Sequence[str]) -> None:
    """Ask for the parent-death signal and become the command."""
    sent, parent, *command = arguments
    die_with_parent(int(parent), int(sent))
    try:
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command, as a list
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}.")


if __name__ == "__main__":
    main(sys.argv[1:])
