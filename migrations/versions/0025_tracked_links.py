"""Keep links that tell where they were put."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_A_JOB, OF_THE_TAB = sa.text("job_id IS NOT NULL"), sa.text("job_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "tracked_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("created_by_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_tracked_links_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_tracked_links_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_tracked_links_created_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracked_links")),
    )
    op.create_index("ix_tracked_links_job_id", "tracked_links", ["job_id"])
    op.create_index(
        "one_link_of_a_job_per_source",
        "tracked_links",
        ["organisation_id", "job_id", "source"],
        unique=True,
        sqlite_where=OF_A_JOB,
        postgresql_where=OF_A_JOB,
    )
    op.create_index(
        "one_link_of_the_tab_per_source",
        "tracked_links",
        ["organisation_id", "source"],
        unique=True,
        sqlite_where=OF_THE_TAB,
        postgresql_where=OF_THE_TAB,
    )
    op.create_index("ix_traffic_organisation_id_source", "traffic", ["organisation_id", "source"])


def downgrade() -> None:
    op.drop_index("ix_traffic_organisation_id_source", "traffic")
    op.drop_table("tracked_links")
