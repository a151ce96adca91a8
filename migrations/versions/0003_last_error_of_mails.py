"""Say why a mail could not be sent, for those who run the portal."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("last_error", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("mails", "last_error")
