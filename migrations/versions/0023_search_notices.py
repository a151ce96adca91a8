"""Keep what search engines are told of the pages of jobs, and what they answer."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_notices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("engine", sa.String(16), nullable=False),
        sa.Column("is_there", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.String(200)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name="fk_search_notices_organisation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_search_notices_job_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_search_notices"),
        sa.UniqueConstraint("job_id", "engine", name="uq_search_notices_job_id_engine"),
    )
    op.create_index("ix_search_notices_organisation_id", "search_notices", ["organisation_id"])
    op.create_index("ix_search_notices_not_before", "search_notices", ["not_before"])


def downgrade() -> None:
    op.drop_table("search_notices")
