"""Keep where the offices of a post are, which decide what its location leaves open.

The next sync of a board reads them anew; until then what they are called says where they are.
"""

import sqlalchemy as sa
from alembic import op

from portal.store.job_columns import derive_again

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 500

jobs = sa.table(
    "jobs",
    sa.column("id", sa.BigInteger()),
    sa.column("source_values", sa.JSON()),
    sa.column("office_places", sa.Text()),
)


def upgrade() -> None:
    op.add_column("jobs", sa.Column("office_places", sa.Text(), nullable=True))
    if op.get_context().as_sql:
        return  # a script for a new database: it holds no jobs
    connection, last = op.get_bind(), 0
    query = sa.select(jobs.c.id, jobs.c.source_values).order_by(jobs.c.id).limit(BATCH)
    write = (
        sa.update(jobs).where(jobs.c.id == sa.bindparam("job_id")).values(office_places=sa.bindparam("said"))
    )
    while rows := connection.execute(query.where(jobs.c.id > last)).all():
        last = rows[-1].id
        offices = {row.id: (row.source_values or {}).get("offices") for row in rows}
        said = [{"job_id": job_id, "said": "; ".join(names)} for job_id, names in offices.items() if names]
        if said:
            connection.execute(write, said)
    derive_again(connection, {"places", "lacks"})


def downgrade() -> None:
    """Leave what followed from the offices: an older portal makes it anew when a job is edited."""
    op.execute("ALTER TABLE jobs DROP COLUMN office_places")
