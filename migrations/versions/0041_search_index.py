"""Let a search on SQLite read an index alone, which is a small part of what jobs are."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INDEX = "ix_jobs_searched"
WHERE = ("organisation_id", "merged_into_id", "deleted_at", "listed", "visibility")
COLUMNS = ("search_source", "search_own", "closes_on", "lacks", "words", "apply_url")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":  # PostgreSQL refuses keys that are as long as some texts
        op.create_index(INDEX, "jobs", [*WHERE, *COLUMNS])


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.drop_index(INDEX, "jobs")
