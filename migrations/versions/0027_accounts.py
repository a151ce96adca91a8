"""Keep what accounts need: links that work once, where people are signed in, and how they like the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("password_changed_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("theme", sa.String(16)),
        sa.Column("keys", sa.Boolean(), nullable=False, server_default=sa.true()),
    ):
        op.add_column("users", column)
    for column in (
        sa.Column("remembered", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("browser", sa.String(80), nullable=False, server_default=""),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
    ):
        op.add_column("sessions", column)
    op.execute("UPDATE users SET seen_at = (SELECT max(seen_at) FROM sessions WHERE user_id = users.id)")
    op.create_table(
        "one_time_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("organisation_id", ID),
        sa.Column("user_id", ID),
        sa.Column("address", sa.String(254)),
        sa.Column("role", sa.String(16)),
        sa.Column("created_by_id", ID),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_one_time_links_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_one_time_links_created_by_id_users"),
            ondelete="SET NULL",
        ),
    )
    for column in ("organisation_id", "user_id", "expires_at"):
        op.create_index(f"ix_one_time_links_{column}", "one_time_links", [column])
    op.create_index(
        "one_invitation_per_address",
        "one_time_links",
        ["organisation_id", "address"],
        unique=True,
        sqlite_where=sa.text("kind = 'invitation'"),
        postgresql_where=sa.text("kind = 'invitation'"),
    )


def downgrade() -> None:
    op.drop_table("one_time_links")
    for name in ("address", "browser", "remembered"):
        op.execute(f"ALTER TABLE sessions DROP COLUMN {name}")
    for name in ("keys", "theme", "seen_at", "password_changed_at"):
        op.execute(f"ALTER TABLE users DROP COLUMN {name}")
