"""Index the jobs that have no link to apply, so that they can be counted as incomplete."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNLINKED = sa.text("apply_url IS NULL")
SHOWN = ["organisation_id", "merged_into_id", "deleted_at", "listed", "visibility"]


def upgrade() -> None:
    op.create_index("ix_jobs_unlinked", "jobs", SHOWN, sqlite_where=UNLINKED, postgresql_where=UNLINKED)


def downgrade() -> None:
    op.drop_index("ix_jobs_unlinked", table_name="jobs")
