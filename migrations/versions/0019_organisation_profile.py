"""Let organisations say more of themselves: a logo, a website, and whether hiring managers are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = ("website", "shows_hiring_managers", "logo_hash", "logo_width", "logo_height", "profile_changed_at")


def upgrade() -> None:
    for column in (
        sa.Column("website", sa.String(500), nullable=False, server_default=""),
        sa.Column("shows_hiring_managers", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("logo_hash", sa.String(16)),
        sa.Column("logo_width", sa.SmallInteger()),
        sa.Column("logo_height", sa.SmallInteger()),
        sa.Column("profile_changed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("organisations", column)
    op.create_table(
        "organisation_logos",
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_organisation_logos_organisation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_organisation_logos"),
    )


def downgrade() -> None:
    op.drop_table("organisation_logos")
    for name in COLUMNS:
        op.execute(f"ALTER TABLE organisations DROP COLUMN {name}")
