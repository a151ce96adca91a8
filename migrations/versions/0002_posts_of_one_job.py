"""The posts of one job are found by the job in Greenhouse that they belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

POSTED = sa.text("internal_job_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_jobs_posts",
        "jobs",
        ["organisation_id", "internal_job_id"],
        sqlite_where=POSTED,
        postgresql_where=POSTED,
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_posts", table_name="jobs")
