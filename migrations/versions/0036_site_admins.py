"""Keep who is a site admin and what they did, what mails tell of, and an index of who edited."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    column = sa.Column("is_site_admin", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("users", column)
    with op.batch_alter_table("audit_entries") as table:  # SQLite copies it; nothing refers to it
        table.alter_column("organisation_id", existing_type=BIG, nullable=True)
    column = sa.Column("of_connection", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("mails", column)
    op.create_index("ix_edits_user_id", "edits", ["user_id"])  # deleting an account asks for them


def downgrade() -> None:
    op.drop_index("ix_edits_user_id", "edits")
    op.execute("DELETE FROM audit_entries WHERE organisation_id IS NULL")
    with op.batch_alter_table("audit_entries") as table:
        table.alter_column("organisation_id", existing_type=BIG, nullable=False)
    op.execute("ALTER TABLE mails DROP COLUMN of_connection")
    op.execute("ALTER TABLE users DROP COLUMN is_site_admin")
