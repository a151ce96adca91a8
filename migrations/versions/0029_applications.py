"""Applications that are made here wait, encrypted, until Greenhouse has taken them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WAITING = sa.text("status IN ('queued', 'sending')")


def upgrade() -> None:
    op.add_column(
        "connections", sa.Column("apply_here", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("connections", sa.Column("undelivered_told_at", TIME))
    op.create_table(
        "applications",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("job_title", sa.String(500), nullable=False),
        sa.Column("board_token", sa.String(100), nullable=False),
        sa.Column("external_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("not_before", TIME),
        sa.Column("enqueued_at", TIME),
        sa.Column("lease_until", TIME),
        sa.Column("answers", sa.LargeBinary()),
        sa.Column("applicant", sa.LargeBinary()),
        sa.Column("reason", sa.Text()),
        sa.Column("decided_by_id", ID),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("forget_at", TIME, nullable=False),
        _foreign_key("applications", "organisation_id", "organisations", "CASCADE"),
        _foreign_key("applications", "job_id", "jobs", "SET NULL"),
        _foreign_key("applications", "decided_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("key", name=op.f("uq_applications_key")),
        sa.UniqueConstraint("form_key", name=op.f("uq_applications_form_key")),
    )
    op.create_index("ix_applications_organisation_id_status", "applications", ["organisation_id", "status"])
    op.create_index("ix_applications_job_id", "applications", ["job_id"])
    op.create_index("ix_applications_forget_at", "applications", ["forget_at"])
    op.create_index(
        "ix_applications_waiting",
        "applications",
        ["status"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "application_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(43), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("application_id", ID),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _foreign_key("application_files", "organisation_id", "organisations", "CASCADE"),
        _foreign_key("application_files", "application_id", "applications", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_files")),
        sa.UniqueConstraint("key", name=op.f("uq_application_files_key")),
    )
    for column in ("form_key", "organisation_id", "application_id", "created_at"):
        op.create_index(f"ix_application_files_{column}", "application_files", [column])


def _foreign_key(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("application_files")
    op.drop_table("applications")
    op.execute("ALTER TABLE connections DROP COLUMN undelivered_told_at")
    op.execute("ALTER TABLE connections DROP COLUMN apply_here")
