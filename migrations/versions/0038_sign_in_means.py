"""Keep by what each sign-in began, and the name of the provider where it was single sign-on."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("means", sa.String(16), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("provider", sa.String(80), nullable=False, server_default=""))


def downgrade() -> None:
    op.execute("ALTER TABLE sessions DROP COLUMN provider")
    op.execute("ALTER TABLE sessions DROP COLUMN means")
