"""Mail the new jobs of a search to whoever asked for them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "alert_readers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("confirm_hash", sa.String(64), nullable=True),
        sa.Column("confirm_until", TIME, nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _to("alert_readers", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_readers")),
        sa.UniqueConstraint(
            "organisation_id", "address", name=op.f("uq_alert_readers_organisation_id_address")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_alert_readers_key")),
        sa.UniqueConstraint("confirm_hash", name=op.f("uq_alert_readers_confirm_hash")),
    )
    op.create_index("ix_alert_readers_address", "alert_readers", ["address"])
    op.create_table(
        "alerts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("reader_id", BIG, nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("search_key", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=True),
        sa.Column("cadence", sa.String(8), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("told", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _to("alerts", "organisation_id", "organisations"),
        _to("alerts", "reader_id", "alert_readers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("reader_id", "search_key", name=op.f("uq_alerts_reader_id_search_key")),
    )
    op.create_index("ix_alerts_organisation_id_next_at", "alerts", ["organisation_id", "next_at"])
    op.create_index("ix_alerts_next_at", "alerts", ["next_at"])
    op.create_index("ix_alerts_created_at", "alerts", ["created_at"])
    op.create_table(
        "published_jobs",
        sa.Column("job_id", BIG, autoincrement=False, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("edition", BIG, nullable=False),
        _to("published_jobs", "job_id", "jobs"),
        _to("published_jobs", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_published_jobs")),
    )
    op.create_index(
        "ix_published_jobs_organisation_id_edition", "published_jobs", ["organisation_id", "edition"]
    )
    op.create_table(
        "alert_mails",
        sa.Column("mail_id", BIG, autoincrement=False, nullable=False),
        sa.Column("reader_id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=True),
        sa.Column("job_ids", sa.JSON(), nullable=False),
        sa.Column("told_before", BIG, nullable=False),
        _to("alert_mails", "mail_id", "mails"),
        _to("alert_mails", "reader_id", "alert_readers"),
        _to("alert_mails", "alert_id", "alerts"),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_alert_mails")),
    )
    op.create_index("ix_alert_mails_reader_id", "alert_mails", ["reader_id"])
    op.create_index("ix_alert_mails_alert_id", "alert_mails", ["alert_id"])


def downgrade() -> None:
    op.execute("DELETE FROM mails WHERE id IN (SELECT mail_id FROM alert_mails)")
    for table in ("alert_mails", "published_jobs", "alerts", "alert_readers"):
        op.drop_table(table)
