"""Workers and a tick as processes that a test may kill, and the runs that they carry out."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from rq import Worker
from sqlalchemy import func, select

from portal.actions.sync.schedule import start_sync
from portal.config import REPOSITORY, Settings
from portal.db import detached, end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, Organisation, SyncRun
from portal.process import bound_to_this_process
from tests.support.board_server import DemoBoard
from tests.support.forked import Forked
from tests.support.processes import wait_until

LEASE = 2  # seconds: a worker renews it three times meanwhile, also on a busy machine


class Staff:
    """The portal's processes. All of them end with the test, also when it fails."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._environ = {
            **os.environ,
            "PUBLIC_URL": "",
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "INSTANCE_DIR": str(settings.instance_dir),
            "SECRET_KEY": settings.secret_key,
            "CREDENTIAL_KEYS": ",".join(settings.credential_keys),
            "GREENHOUSE_API_URL": settings.greenhouse_api_url,
            "GREENHOUSE_TIMEOUT_SECONDS": str(settings.greenhouse_timeout_seconds),
            "LEASE_SECONDS": str(settings.lease_seconds),
            "SYNC_RETRY_SECONDS": str(settings.sync_retry_seconds),
            "WEBHOOKS_TO_PRIVATE_ADDRESSES": str(int(settings.webhooks_to_private_addresses)),
        }
        self.log = log
        log.touch()  # a test may read it before the first process has begun
        self.workers: list[Forked] = []
        self._all: list[Forked | subprocess.Popen[bytes]] = []

    def worker(self, *queues: str) -> Forked:
        """Start one more worker, for all queues or for some."""
        self.workers.append(self._fork("portal.worker", *queues))
        return self.workers[-1]

    def tick(self) -> Forked:
        """Start the tick."""
        return self._fork("portal.worker.tick")

    def mail(self, url: str) -> Forked:
        """Start a process that sends mails through the server at ``url``."""
        return self._fork("portal.worker.mail", MAIL_URL=url)

    def outgoing(self) -> Forked:
        """Start one more process that tells receivers of webhooks what changed."""
        return self._fork("portal.worker.outgoing")

    def _fork(self, module: str, *arguments: str, **environ: str) -> Forked:
        process = Forked(module, arguments, self._environ | environ, str(self.log))
        self._all.append(process)
        return process

    def supervisor(self, **environ: str) -> subprocess.Popen[bytes]:
        """Start ``worker.py`` with its programs, with more in their environment."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                bound_to_this_process([sys.executable, "worker.py"]),
                cwd=REPOSITORY,
                env=self._environ | environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self._all.append(process)
        return process

    def kill(self, worker: Forked) -> None:
        """Kill a worker, and start another in its place."""
        worker.kill()
        worker.wait()
        self.workers.remove(worker)
        self.worker()

    def is_idle(self, worker: Forked) -> bool:
        """Whether the worker has ended its task, and waits for the next."""
        with Redis.from_url(self._environ["REDIS_URL"]) as redis:
            known = Worker.all(connection=redis)
            return [each.get_state() for each in known if each.pid == worker.pid] == ["idle"]

    def end(self) -> None:
        """End everybody."""
        for process in self._all:
            for pid in (*children_of(process.pid), process.pid):
                send(pid, signal.SIGKILL)
        for process in self._all:
            process.wait()


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that it has not buried yet."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def connect(slug: str, token: str) -> Connection:
    """A new organisation's connection to a board, nothing imported and no run yet."""
    organisation = Organisation(slug=slug, name=slug)
    with write() as current:
        current.add(organisation)
    return connect_organisation(detached(organisation).id, token)


def connect_organisation(organisation_id: int, token: str) -> Connection:
    """An organisation's connection to a board, nothing imported and no run yet."""
    connection = Connection(
        organisation_id=organisation_id,
        public_key=f"key-{organisation_id}",
        board_token=token,
        board_name="Northwind",
        api_key_ciphertext=b"",
        api_key_last_four="",
    )
    with write() as current:
        current.add(connection)
    return detached(connection)


def begin(connection: Connection) -> int:
    """Start a sync by hand; the run's id."""
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    return run.id


def run_now(run_id: int) -> SyncRun:
    """The run as the database has it now."""
    end_read()
    run = session().get_one(SyncRun, run_id, populate_existing=True)
    detached(run)
    end_read()
    return run


def wait_for(run_id: int, *status: RunStatus, look: Callable[[], object] = lambda: None) -> SyncRun:
    """Wait until the run is in a state, looking at something meanwhile."""

    def reached() -> bool:
        look()
        return run_now(run_id).status in status

    wait_until(reached, f"run {run_id} to be {' or '.join(status)}")
    return run_now(run_id)


def stored(organisation_id: int) -> dict[int, str]:
    """The titles of the organisation's open jobs, by post id."""
    end_read()
    query = select(Job.external_id, Job.title).where(Job.organisation_id == organisation_id, Job.listed)
    found = {post_id: title for post_id, title in session().execute(query) if post_id is not None}
    end_read()
    return found


def revision_of(organisation_id: int) -> int:
    """The organisation's revision."""
    end_read()
    query = select(func.max(Organisation.revision)).where(Organisation.id == organisation_id)
    revision = session().execute(query).scalar_one()
    end_read()
    return revision


def jobs_on(board: DemoBoard) -> dict[int, str]:
    """What the board lists, prospect posts apart."""
    return {post["id"]: post["title"] for post in board.posts if post["internal_job_id"]}


@contextmanager
def held(board: DemoBoard) -> Iterator[None]:
    """Let Greenhouse keep whoever asks waiting, and wait until somebody does; release it afterwards."""
    board.hold()
    try:
        yield
    finally:
        board.release()
