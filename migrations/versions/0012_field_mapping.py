"""Choose the column of each custom field, and a default employment type; keep what a board last said."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("connections", sa.Column("field_choices", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("connections", sa.Column("default_employment_type", sa.String(16), nullable=True))
    op.create_table(
        "board_snapshots",
        sa.Column("connection_id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("more_fields", sa.Integer(), nullable=False),
        sa.Column("posts", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_board_snapshots_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_board_snapshots")),
    )


def downgrade() -> None:
    op.drop_table("board_snapshots")
    for column in ("default_employment_type", "field_choices"):
        op.execute(f"ALTER TABLE connections DROP COLUMN {column}")
