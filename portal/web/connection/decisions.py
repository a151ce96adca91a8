"""What waits for a person: closings that are held, and jobs that may be here twice."""

from dataclasses import dataclass
from datetime import datetime

from portal.models import Connection
from portal.store.job_pairs import offers_of
from portal.store.run_history import last_applied_run
from portal.store.waiting_closings import pending_closings


@dataclass(frozen=True, slots=True)
class Decisions:
    """``held`` closings wait: at ``read_at`` Greenhouse listed ``listed`` of ``open_jobs``, if that is known.

    ``kept`` jobs of an earlier connection are not listed any more. ``pairs`` own jobs may be imported
    ones, and nobody has said yet.
    """

    held: int = 0
    read_at: datetime | None = None
    listed: int = 0
    open_jobs: int = 0
    pairs: int = 0
    kept: int = 0


def decisions_of(connection: Connection) -> Decisions:
    """Return what waits for a decision of the connection's organisation."""
    pairs = offers_of(connection.organisation_id).jobs
    pending = pending_closings(connection.id)
    held, kept = pending.dropped, pending.kept
    run = last_applied_run(connection.id) if held else None
    if run is None or run.open_jobs is None:
        return Decisions(held, pairs=pairs, kept=kept)
    return Decisions(held, run.finished_at, max(0, run.open_jobs - held), run.open_jobs, pairs, kept)
