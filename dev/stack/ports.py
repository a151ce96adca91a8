"""Which port to listen on."""

import socket

FARTHEST = 100  # ports that are tried after the wished one


class PortInUseError(Exception):
    """The port that was asked for is taken. ``str(error)`` says what to do."""


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on the port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wished: int, *, insisted: bool = False, but: int | None = None) -> int:
    """The wished port, or the next free one other than ``but``.

    Raises ``PortInUseError`` where none is free, or where the wished one was insisted upon.
    """
    if insisted and not is_free(host, wished):
        raise PortInUseError(f"Port {wished} is in use: stop what listens there, or set PORT to another one.")
    for port in range(wished, min(wished + FARTHEST, 65_536)):
        if port != but and is_free(host, port):
            return port
    raise PortInUseError(f"Ports {wished} to {wished + FARTHEST - 1} are all in use: set PORT to a free one.")
