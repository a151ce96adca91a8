"""An organisation's own job can be deleted, and restored for some time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DELETED = sa.text("deleted_at IS NOT NULL")
SHOWN = ("organisation_id", "merged_into_id", "listed", "visibility")
INDEXES = {"ix_jobs_views": ("closes_on",), "ix_jobs_lacking": ("lacks", "words")}


def upgrade() -> None:
    op.add_column("jobs", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    _index_views(*SHOWN[:2], "deleted_at", *SHOWN[2:])
    op.create_index("ix_jobs_deleted", "jobs", ["deleted_at"], sqlite_where=DELETED, postgresql_where=DELETED)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM jobs WHERE deleted_at IS NOT NULL"))  # they must not show again
    op.drop_index("ix_jobs_deleted", table_name="jobs")
    _index_views(*SHOWN)
    op.drop_column("jobs", "deleted_at")


def _index_views(*columns: str) -> None:
    """Make the two indexes anew that counting reads instead of rows."""
    for name, more in INDEXES.items():
        op.drop_index(name, table_name="jobs")
        op.create_index(name, "jobs", [*columns, *more])
