"""Let mails go to addresses without an account, with an HTML part and a way to unsubscribe."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("mails") as table:  # SQLite copies it; nothing refers to it
        table.alter_column("organisation_id", existing_type=BIG, nullable=True)
        table.alter_column("user_id", existing_type=BIG, nullable=True)
        table.add_column(sa.Column("address", sa.String(254), nullable=True))
        table.add_column(sa.Column("html", sa.Text(), nullable=True))
        table.add_column(sa.Column("unsubscribe_url", sa.String(500), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM mails WHERE organisation_id IS NULL OR user_id IS NULL OR address IS NOT NULL")
    with op.batch_alter_table("mails") as table:
        for name in ("unsubscribe_url", "html", "address"):
            table.drop_column(name)
        table.alter_column("user_id", existing_type=BIG, nullable=False)
        table.alter_column("organisation_id", existing_type=BIG, nullable=False)
