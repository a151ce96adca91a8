"""Note when a domain's record is looked for next, and in how many answers in a row it was missing."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_domains", sa.Column("recheck_at", sa.DateTime(timezone=True)))
    op.add_column("mail_domains", sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.execute("ALTER TABLE mail_domains DROP COLUMN missed")
    op.execute("ALTER TABLE mail_domains DROP COLUMN recheck_at")
