"""The embedded Redis-compatible server by itself."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from dev.stack.programs import answers, redis_command
from portal.environment import redis_socket
from portal.process import bound_to_this_process

PATIENCE = 60.0  # seconds until a server with much to read must answer


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """A server of its own with its data in ``folder``; gives its URL, and ends it afterwards.

    Raises ``TimeoutError`` when it does not answer in time.
    """
    socket_path = redis_socket(folder)
    command = bound_to_this_process(redis_command(socket_path, folder / "redis"))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            deadline = monotonic() + PATIENCE
            while not answers(socket_path):
                if server.poll() is not None or monotonic() > deadline:
                    raise TimeoutError(f"The embedded Redis server on {socket_path} does not answer.")
                sleep(0.01)
            yield f"unix://{socket_path}"
        finally:
            server.terminate()
