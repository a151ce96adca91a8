"""Hide new jobs until somebody shows them, where a connection says so."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("connections", "sync_runs"):
        hides_new = sa.Column("hides_new", sa.Boolean(), server_default=sa.false(), nullable=False)
        op.add_column(name, hides_new)
    op.add_column("connections", sa.Column("new_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # What older code does not know is hidden there, and not shown to all by mistake.
    op.execute("UPDATE jobs SET visibility = 'hidden' WHERE visibility NOT IN ('shown', 'hidden')")
    for table, name in (
        ("connections", "new_told_at"),
        ("connections", "hides_new"),
        ("sync_runs", "hides_new"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
