"""Count views of public jobs and clicks on Apply by day and source."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "traffic",
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("views", ID, nullable=False),
        sa.Column("clicks", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_traffic_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "job_id", "day", "source", name=op.f("pk_traffic")),
    )
    op.create_index("ix_traffic_organisation_id_day", "traffic", ["organisation_id", "day"])
    op.create_index("ix_traffic_day", "traffic", ["day"])


def downgrade() -> None:
    op.drop_table("traffic")
