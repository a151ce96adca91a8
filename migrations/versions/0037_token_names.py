"""Keep what the API token was called that an edit was made by."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("edits", sa.Column("token_name", sa.String(80)))


def downgrade() -> None:
    op.execute("ALTER TABLE edits DROP COLUMN token_name")
