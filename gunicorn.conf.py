"""How gunicorn serves the portal: threads, streams that end with the server, and no orphans."""

import ctypes
import gc
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from threading import Thread
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from portal.config import ConfigError, load_settings
from portal.stack.parent_death import die_with_parent

try:
    settings = load_settings(os.environ)
except ConfigError as refusal:
    sys.exit(str(refusal))

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "gthread"
workers = settings.web_workers
threads = settings.web_threads
preload_app = False
timeout = 60
graceful_timeout = 5
keepalive = 15
accesslog = None
errorlog = "-"
# Who the client is, is decided in one place, by TRUSTED_PROXIES inside the application.
forwarded_allow_ips = ""
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes nameless files there
    worker_tmp_dir = "/dev/shm"  # noqa: S108


M_ARENA_MAX = -8  # malloc.h
NEW_OBJECTS = 5_000  # between two looks for garbage: a page makes thousands, and few go round
SILENT_SECONDS = 10  # how long a request may stop in the middle; a thread waits for it meanwhile


def on_starting(server: Arbiter) -> None:
    """Warn of what starts and yet is hardly meant."""
    if settings.production and not settings.trusted_proxies:
        server.log.warning(
            "TRUSTED_PROXIES is 0: behind a proxy everybody has its address, and shares its limits. "
            "Set it to the number of proxies in front."
        )


def when_ready(server: Arbiter) -> None:
    """No thread waits for a peer for ever: Linux hands the limit on to every connection accepted there."""
    limit = struct.pack("ll", SILENT_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)


def post_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """A worker ends with its server, however that ends, and its many threads share memory."""
    die_with_parent(server.pid)
    _share_arenas()


def _share_arenas() -> None:
    """Keep glibc from giving each thread a heap of its own: most of them hold an open stream and wait."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def post_worker_init(worker: ThreadWorker) -> None:
    """The application is loaded: from now on requests are answered, and a stop may be asked for."""
    _spare_garbage_collection()
    _end_streams_with(worker)


def _spare_garbage_collection() -> None:
    """What was loaded at the start is never garbage: do not look at it again with every few pages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _end_streams_with(worker: ThreadWorker) -> None:
    """Open streams would hold up a stop: tell them to end as soon as one is asked for."""
    handlers = {
        signal.SIGTERM: worker.handle_exit,
        signal.SIGINT: worker.handle_quit,
        signal.SIGQUIT: worker.handle_quit,
    }

    def stop(number: int, frame: FrameType | None) -> None:
        # In a thread: the handler may have interrupted whoever holds the lock that the streams need.
        Thread(target=_stop_streams, daemon=True).start()
        handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, stop)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.siginterrupt(number, False)


def _stop_streams() -> None:
    from portal.live import stop_streams

    stop_streams()
