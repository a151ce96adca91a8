"""How gunicorn serves the portal: threads, streams that end with the server, and no orphans."""

import ctypes
import gc
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from portal.config import load_settings
from portal.environment import ConfigError
from portal.process import die_with_parent

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
# How long a thread that renders keeps the others waiting. Each of the many sends of an event waits for it:
# with Python's 5 ms one took up to 760 ms to 500 streams beside a busy thread, and now takes 70.
SWITCH_SECONDS = 0.0005
LONGEST_ACCEPTING = 0.5  # seconds; a reload keeps the listener open, and others accept there too
SILENT_SECONDS = 10  # how long a request may stop in the middle; a thread waits for it meanwhile
MOST_CONNECTIONS = 1000  # of pages, beside the streams
SO_ATTACH_FILTER = 26  # asm-generic/socket.h of Linux
# A program for it (linux/filter.h): of the flags in byte 13 of TCP's header, where SYN stands without ACK
# somebody asks for a connection, and the packet is dropped; any other goes through whole.
NO_NEW_CONNECTIONS = [
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (6, 0, 0, 0),
    (6, 0, 0, 2**32 - 1),
]


def allow_open_files(wished: int) -> int:
    """Raise the limit of open files as far as wished and allowed; return where it stands."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= wished:
        return wished
    soft = wished if hard == unlimited else min(wished, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


# Half of them for streams, a quarter for pages, and the rest for all else: nobody is left without one.
files = allow_open_files(max(4 * MOST_CONNECTIONS, 2 * settings.streams_per_process))
worker_connections = min(MOST_CONNECTIONS, files // 4)


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
    _drop_new_connections_before_a_stop(server)


def _drop_new_connections_before_a_stop(server: Arbiter) -> None:
    """Let nobody connect between a worker's last look at the listener and its end: they would be reset.

    Who asks meanwhile hears nothing, asks again after a second, and is refused then, or reaches the server's
    successor. Not where another server accepts from the same socket: it goes on.
    """
    stop = server.stop

    def stop_well(graceful: bool = True) -> None:
        is_shared = server.systemd or server.reexec_pid or server.master_pid
        if graceful and not is_shared and sys.platform == "linux":
            for listener in server.LISTENERS:
                _drop_new_connections(listener.sock)
        stop(graceful)

    server.stop = stop_well


def _drop_new_connections(listener: socket.socket) -> None:
    program = b"".join(struct.pack("HBBI", *step) for step in NO_NEW_CONNECTIONS)
    held = ctypes.create_string_buffer(program)
    told = struct.pack("HP", len(NO_NEW_CONNECTIONS), ctypes.addressof(held))
    with suppress(OSError):  # a kernel without it resets who comes in the wrong microsecond
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, told)


def post_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """A worker ends with its server, however that ends, and its many threads share memory."""
    die_with_parent(server.pid)
    _share_arenas()


def _share_arenas() -> None:
    """Keep glibc from giving each thread a heap of its own: most of them wait."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def post_worker_init(worker: ThreadWorker) -> None:
    """The application is loaded: from now on requests are answered, and a stop may be asked for."""
    _spare_garbage_collection()
    sys.setswitchinterval(SWITCH_SECONDS)
    _stop_well(worker)


def _spare_garbage_collection() -> None:
    """What was loaded at the start is never garbage: do not look at it again with every few pages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _stop_well(worker: ThreadWorker) -> None:
    """When a stop is asked for, end the open streams, which would hold it up, and refuse new connections."""

    def quit_now(number: int, frame: FrameType | None) -> None:
        # In a thread: the handler may have interrupted whoever holds the lock that the streams need. The
        # process waits for it, so that their ends are written.
        Thread(target=_stop_streams).start()
        worker.handle_quit(number, frame)

    def stop(number: int, frame: FrameType | None) -> None:
        Thread(target=_stop_streams).start()
        # The worker's own thread does it, between two events: here it may be in the middle of one.
        worker.method_queue.defer(_stop_listening, worker)
        worker.method_queue.defer(worker.handle_exit, number, frame)

    for number, handler in ((signal.SIGTERM, stop), (signal.SIGINT, quit_now), (signal.SIGQUIT, quit_now)):
        signal.signal(number, handler)
        signal.siginterrupt(number, False)
    if not worker.alive:  # asked before the application was loaded: who connected meanwhile is answered
        _stop_listening(worker)


def _stop_listening(worker: ThreadWorker) -> None:
    """Accept who has connected already, then close the listener, so that everybody else is refused.

    gunicorn keeps it open for as long as it waits for its last connections, accepts nobody, and resets in
    the end who came meanwhile.
    """
    worker.set_accept_enabled(False)
    with selectors.DefaultSelector() as waiting:
        for listener in worker.sockets:
            waiting.register(listener, selectors.EVENT_READ)
        until = monotonic() + LONGEST_ACCEPTING
        while (ready := waiting.select(0)) and monotonic() < until:
            for key, _ in ready:
                worker.accept(key.fileobj)
    _close_listeners(worker)


def _close_listeners(worker: ThreadWorker) -> None:
    for listener in worker.sockets:
        listener.close()
    worker.sockets = []


def _stop_streams() -> None:
    from portal.live import hub

    hub.stop_streams()
