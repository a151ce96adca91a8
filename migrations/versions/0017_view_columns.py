"""Keep the columns of saved views: which, in which order, and how wide."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("saved_views", sa.Column("columns", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.execute("ALTER TABLE saved_views DROP COLUMN columns")
