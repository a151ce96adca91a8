"""Note who reads which feed, and the version that they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed_fetches",
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(20), nullable=False),
        sa.Column("filters", sa.String(300), nullable=False),
        sa.Column("fetches", ID, nullable=False),
        sa.Column("etag", sa.String(40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_feed_fetches_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "name", "feed", "filters", name=op.f("pk_feed_fetches")),
    )
    op.create_index("ix_feed_fetches_last_at", "feed_fetches", ["last_at"])


def downgrade() -> None:
    op.drop_table("feed_fetches")
