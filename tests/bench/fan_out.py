"""The floor of live changes: what a Redis channel says goes to every socket, and nothing else is done."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from socket import create_server, socket
from threading import Thread

from redis import Redis

from portal.process import die_with_parent

CHANNEL = "bench:bytes"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@contextmanager
def fan_out_served(redis_url: str) -> Iterator[int]:
    """Serve until the block ends, in a process of its own; yields the port."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(redis_url, there, os.getpid()), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve(redis_url: str, ready: Connection, parent: int) -> None:
    die_with_parent(parent)
    peers: list[socket] = []
    with create_server(("127.0.0.1", 0), backlog=256) as server, Redis.from_url(redis_url) as redis:
        channel = redis.pubsub(ignore_subscribe_messages=True)
        channel.subscribe(CHANNEL)
        Thread(target=_accept, args=(server, peers), daemon=True).start()
        ready.send(server.getsockname()[1])
        for message in channel.listen():
            for peer in peers:
                with suppress(OSError):
                    peer.sendall(message["data"])


def _accept(server: socket, peers: list[socket]) -> None:
    while True:
        peer, _ = server.accept()
        while b"\r\n\r\n" not in peer.recv(1 << 16):
            pass
        peer.sendall(HEAD)
        peers.append(peer)
