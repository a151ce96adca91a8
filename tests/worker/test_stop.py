"""A worker that is asked to stop stops, whatever it is doing when it is asked."""

from tests.fixtures.processes import started

ASKED_IN_A_FINALIZER = """
import signal
import sys
from rq import Queue
from portal.queue import connect_redis
from portal.worker.__main__ import PortalWorker

class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

class Asked(PortalWorker):
    def dequeue_job_and_maintain_ttl(self, *arguments):
        Finalized()
        print("asked", flush=True)
        return super().dequeue_job_and_maintain_ttl(*arguments)

connection = connect_redis(sys.argv[1], answer_timeout=None)
worker = Asked([Queue("nothing", connection=connection)], connection=connection, worker_ttl=16)
worker.work(logging_level="ERROR")
print("stopped", worker.told_to_stop)
"""


def test_a_stop_that_comes_while_an_object_is_finalized_is_not_lost(redis_url: str) -> None:
    with started("-c", ASKED_IN_A_FINALIZER, redis_url) as worker:
        output, _ = worker.communicate(timeout=30)
    assert "asked" in output
    assert "Exception ignored" in output  # RQ's own way out was dropped
    assert output.splitlines()[-1] == "stopped True"
