"""Receivers of webhooks, their messages, and what was told last of public jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("public_key", sa.String(43), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("address_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("shown_address", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("secret_set_at", MOMENT, nullable=False),
        sa.Column("old_secrets", sa.JSON(), nullable=False),
        sa.Column("paused_at", MOMENT),
        sa.Column("off_reason", sa.String(16)),
        sa.Column("failing_since", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("unreachable", sa.Integer(), nullable=False),
        sa.Column("rests_until", MOMENT),
        sa.Column("delivered_at", MOMENT),
        sa.Column("created_by_id", BIG),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
        sa.UniqueConstraint("public_key", name="uq_webhook_endpoints_public_key"),
        _foreign_key("webhook_endpoints", "organisation_id", "organisations.id"),
        _foreign_key("webhook_endpoints", "created_by_id", "users.id", ondelete="SET NULL"),
    )
    op.create_index("ix_webhook_endpoints_organisation_id", "webhook_endpoints", ["organisation_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.Column("answer_code", sa.Integer()),
        sa.Column("answer_ms", sa.Integer()),
        sa.Column("error", sa.String(200)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        _foreign_key("webhook_deliveries", "endpoint_id", "webhook_endpoints.id"),
    )
    op.create_index("ix_webhook_deliveries_endpoint_id_id", "webhook_deliveries", ["endpoint_id", "id"])
    waits = sa.text("not_before IS NOT NULL")
    due = "ix_webhook_deliveries_due"
    op.create_index(due, "webhook_deliveries", ["not_before"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])
    op.create_table(
        "told_organisations",
        sa.Column("organisation_id", BIG, autoincrement=False, nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_told_organisations"),
        _foreign_key("told_organisations", "organisation_id", "organisations.id"),
    )
    op.create_table(
        "told_jobs",
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "job_id", name="pk_told_jobs"),
        _foreign_key("told_jobs", "organisation_id", "told_organisations.organisation_id"),
    )


def downgrade() -> None:
    for name in ("told_jobs", "told_organisations", "webhook_deliveries", "webhook_endpoints"):
        op.drop_table(name)


def _foreign_key(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{to.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [to], name=name, ondelete=ondelete)
