"""Note when the public page of a job changed last; so far any change counts."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("page_changed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE jobs SET page_changed_at = changed_at")


def downgrade() -> None:
    op.execute("ALTER TABLE jobs DROP COLUMN page_changed_at")
