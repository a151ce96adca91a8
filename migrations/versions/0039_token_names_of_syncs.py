"""Keep what the API token was called that a sync was started by."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_runs", sa.Column("token_name", sa.String(80)))


def downgrade() -> None:
    op.execute("ALTER TABLE sync_runs DROP COLUMN token_name")
