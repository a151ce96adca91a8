"""The embedded Redis-compatible server."""

import signal

import pytest
from redis import Redis

from dev.stack.programs import answers
from portal.environment import redis_socket
from tests.support.processes import is_alive, line_with, started, wait_until
from tests.support.redis_server import running_redis

HOLDER = """
import signal, sys
from pathlib import Path
from redis import Redis
from tests.support.redis_server import running_redis
with running_redis(Path(sys.argv[1])) as url:
    client = Redis.from_url(url)
    client.set("kept", "yes")
    print("running", client.info("server")["process_id"], flush=True)
    signal.pause()
"""


def test_it_listens_on_its_socket_alone_and_never_forgets(tmp_path):
    with running_redis(tmp_path) as url, Redis.from_url(url) as client:
        wanted = {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        assert redis_socket(tmp_path).stat().st_mode & 0o077 == 0


def test_data_survives_a_restart(tmp_path):
    for expected in (None, b"1"):
        with running_redis(tmp_path) as url, Redis.from_url(url) as client:
            assert client.get("count") == expected
            client.incr("count")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_process_that_started_it_and_keeps_its_data(tmp_path, sent):
    with started("-c", HOLDER, str(tmp_path)) as holder:
        server = int(line_with(holder, "running").split()[1])
        holder.send_signal(sent)
        wait_until(lambda: not is_alive(server), "the server to end with its parent")
    assert not answers(redis_socket(tmp_path))
    with running_redis(tmp_path) as url, Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with running_redis(folder) as url, Redis.from_url(url) as client:
        assert client.ping()
        assert str(folder) not in url
