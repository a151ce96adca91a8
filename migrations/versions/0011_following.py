"""Imported columns follow Greenhouse until a person edits them.

Of the jobs that are there, a field follows that nobody ever edited and that equals what Greenhouse says.
Everything else is the organisation's own.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXTS = ("location", "workplace_type", "employment_type", "department", "seniority")
FIELDS = (*TEXTS, "salary", "closes_on", "hiring_manager", "tags")
"""In the order of their bits."""
SALARY = ("salary_min", "salary_max", "salary_currency", "salary_period")
BATCH = 500

jobs = sa.table(
    "jobs",
    sa.column("id", sa.BigInteger()),
    sa.column("source", sa.String()),
    sa.column("source_values", sa.JSON()),
    sa.column("closes_on", sa.Date()),
    *(sa.column(name, sa.String()) for name in (*TEXTS, "hiring_manager")),
    sa.column("tags", sa.JSON()),
    *(sa.column(name, sa.BigInteger()) for name in SALARY[:2]),
    *(sa.column(name, sa.String()) for name in SALARY[2:]),
    sa.column("follows", sa.SmallInteger()),
)
edits = sa.table("edits", sa.column("job_id", sa.BigInteger()), sa.column("field", sa.String()))


def upgrade() -> None:
    op.add_column("jobs", sa.Column("follows", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("accepted_differences", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("edits", sa.Column("followed", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_context().as_sql:
        return  # a script for a new database: it holds no jobs
    connection, last = op.get_bind(), 0
    while last is not None:
        last = follow_after(connection, last)


def follow_after(connection: sa.Connection, last: int) -> int | None:
    """Say what follows in the next jobs by their ids; return the last of them, ``None`` when all are done."""
    read = [column for column in jobs.c if column.name not in ("source", "follows")]
    query = sa.select(*read).where(jobs.c.id > last, jobs.c.source == "greenhouse")
    rows = connection.execute(query.order_by(jobs.c.id).limit(BATCH)).mappings().all()
    if not rows:
        return None
    asked = sa.select(edits.c.job_id, edits.c.field).where(
        edits.c.job_id.between(rows[0]["id"], rows[-1]["id"])
    )
    edited = {(row[0], row[1]) for row in connection.execute(asked.distinct())}
    alike: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        bits = (
            1 << place
            for place, name in enumerate(FIELDS)
            if (row["id"], name) not in edited and equals_what_is_said(name, row)
        )
        alike[sum(bits)].append(row["id"])
    for follows, ids in alike.items():
        connection.execute(sa.update(jobs).where(jobs.c.id.in_(ids)).values(follows=follows))
    return int(rows[-1]["id"])


def equals_what_is_said(name: str, row: Mapping[Any, Any]) -> bool:
    """Whether a field holds what Greenhouse says of it, which may be nothing."""
    said = (row["source_values"] or {}).get(name)
    if name == "salary":
        return all(row[column] == (said or {}).get(column) for column in SALARY)
    if name == "closes_on":
        return (row[name].isoformat() if row[name] else None) == said
    return (row[name] or None) == (said or None)


def downgrade() -> None:
    for table, name in (("jobs", "follows"), ("jobs", "accepted_differences"), ("edits", "followed")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
