"""What waits for a person: closings that are held, and jobs that may be here twice."""

from dataclasses import dataclass, replace
from datetime import datetime

from portal.models import Connection
from portal.store.job_pairs import offers_of
from portal.store.run_history import last_applied_run
from portal.store.waiting_closings import pending_closings


@dataclass(frozen=True, slots=True)
class Decisions:
    """``held`` closings wait: at ``read_at`` Greenhouse listed ``listed`` of ``open_jobs``, if that is known.

    ``prospects`` of them are posts that an admin chose not to import any more. ``kept`` jobs of an earlier
    connection are not listed any more. ``pairs`` own jobs may be imported ones, and nobody has said yet.
    """

    held: int = 0
    read_at: datetime | None = None
    listed: int = 0
    open_jobs: int = 0
    prospects: int = 0
    pairs: int = 0
    kept: int = 0


def decisions_of(connection: Connection) -> Decisions:
    """Return what waits for a decision of the connection's organisation."""
    pending = pending_closings(connection.id)
    told = Decisions(
        pending.dropped,
        prospects=0 if connection.include_prospects else pending.prospects,
        pairs=offers_of(connection.organisation_id).jobs,
        kept=pending.kept,
    )
    run = last_applied_run(connection.id) if told.held else None
    if run is None or run.open_jobs is None:
        return told
    listed = max(0, run.open_jobs - pending.dropped - pending.decided)
    return replace(told, read_at=run.finished_at, listed=listed, open_jobs=run.open_jobs)
