"""Keep whether an organisation wants its people to sign in in two steps."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("requires_two_step", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("organisations", column)


def downgrade() -> None:
    op.execute("ALTER TABLE organisations DROP COLUMN requires_two_step")
