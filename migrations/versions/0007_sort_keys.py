"""Give jobs the keys that lists are sorted by, and make anew what they are searched by."""

import sqlalchemy as sa
from alembic import op

from portal.store.job_columns import derive_again

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SORTED = ("title", "department", "location", "seniority", "hiring_manager", "requisition_id", "tags")
KEYS = tuple(f"{name}_sort" for name in SORTED)


def upgrade() -> None:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for name in KEYS:
        op.add_column("jobs", sa.Column(name, kind, server_default="", nullable=False))
        if op.get_context().dialect.name != "sqlite":
            op.alter_column("jobs", name, server_default=None)
    if not op.get_context().as_sql:  # a script for a new database: there are no jobs
        derive_again(op.get_bind(), {*KEYS, "search_source", "search_own"})


def downgrade() -> None:
    for name in KEYS:
        op.execute(f"ALTER TABLE jobs DROP COLUMN {name}")
