"""Keep how high each person's rows are."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("density", sa.String(16), nullable=False, server_default="compact")
    op.add_column("users", column)


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN density")
