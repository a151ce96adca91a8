"""Which process holds a run, and an end to one that was stopped in the middle of it.

A process that is stopped (SIGSTOP, a frozen machine's leftovers) may hold a lock of the database: on
SQLite that keeps everybody from writing, for as long as it is stopped.
"""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import structlog

STOPPED = "T"
_STATE, _STARTED = 0, 19  # among what follows the name in /proc/<pid>/stat

log = structlog.get_logger()


def this_process() -> str:
    """Name this process so that no later one with its number is taken for it."""
    pid = os.getpid()
    return " ".join([socket.gethostname(), str(pid), *_stat(pid)[_STARTED : _STARTED + 1]])


def end_if_stopped(held_by: str) -> bool:
    """Kill a process that ``this_process`` named, if it is of this host and stopped; whether it was."""
    host, _, named = held_by.partition(" ")
    number, _, started = named.partition(" ")
    if host != socket.gethostname() or not (number.isdigit() and started):
        return False
    with suppress(OSError):  # it is gone, or another user's
        return _end_if_stopped(int(number), started)
    return False


def _end_if_stopped(pid: int, started: str) -> bool:
    """Hold on to the process while it is looked at: its number may be another's a moment later."""
    handle = os.pidfd_open(pid)
    try:
        stat = _stat(pid)
        if not stat or (stat[_STATE], stat[_STARTED]) != (STOPPED, started):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)
    log.warning("stopped_process_ended", pid=pid)
    return True


def _stat(pid: int) -> list[str]:
    """What Linux tells of a process, from its state on; empty elsewhere."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
