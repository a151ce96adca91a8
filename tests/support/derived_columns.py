"""Whether the derived columns of all jobs agree with the columns they follow from."""

from typing import Any

from sqlalchemy import select

from portal.db import end_read, session
from portal.domain.jobs.derived import DERIVED, derive
from portal.models import Job


def wrong_columns() -> list[tuple[int, str]]:
    """Each derived column that says other than its sources."""
    table: Any = Job.__table__
    rows = session().execute(select(table)).mappings().all()
    wrong = [(row["id"], name) for row in rows for name in DERIVED if row[name] != derive(name, dict(row))]
    end_read()
    return wrong
