"""What waits for a person: closings that are held, and jobs that may be here twice."""

from dataclasses import dataclass
from datetime import datetime

from portal.models import Connection
from portal.store.job_pairs import count_offered
from portal.store.run_history import last_applied_run
from portal.store.waiting_closings import last_pending


@dataclass(frozen=True, slots=True)
class Decisions:
    """``held`` closings wait: at ``read_at`` Greenhouse listed ``listed`` of ``open_jobs``, if that is known.

    ``pairs`` counts the pairs of jobs that are offered and not answered.
    """

    held: int = 0
    read_at: datetime | None = None
    listed: int = 0
    open_jobs: int = 0
    pairs: int = 0


def decisions_of(connection: Connection) -> Decisions:
    """Return what waits for a decision of the connection's organisation."""
    pairs = count_offered(connection.organisation_id)
    held, _ = last_pending(connection.id)
    run = last_applied_run(connection.id) if held else None
    if run is None or run.open_jobs is None:
        return Decisions(held, pairs=pairs)
    return Decisions(held, run.finished_at, max(0, run.open_jobs - held), run.open_jobs, pairs)
