"""Keep organisations' OpenID providers, their mail domains, and sign-ins that reach one organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _of_organisation(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organisation_id_organisations")
    return sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=name, ondelete="CASCADE")


def _switch(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def upgrade() -> None:
    op.create_table(
        "single_sign_ons",
        sa.Column("organisation_id", ID, nullable=False, autoincrement=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("client_secret_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("endpoints", sa.JSON(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        _switch("is_on"),
        _switch("creates_members"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_single_sign_ons")),
        _of_organisation("single_sign_ons"),
    )
    op.create_table(
        "mail_domains",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.Column("proved_at", MOMENT),
        _switch("by_operator"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_domains")),
        sa.UniqueConstraint("organisation_id", "domain", name=op.f("uq_mail_domains_organisation_id_domain")),
        _of_organisation("mail_domains"),
        sqlite_autoincrement=True,
    )
    proved = sa.text("proved_at IS NOT NULL")
    op.create_index(
        "one_organisation_per_domain",
        "mail_domains",
        ["domain"],
        unique=True,
        sqlite_where=proved,
        postgresql_where=proved,
    )
    op.create_table(
        "external_identities",
        sa.Column("membership_id", ID, nullable=False, autoincrement=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_external_identities")),
        sa.UniqueConstraint(
            "organisation_id",
            "issuer",
            "subject",
            name=op.f("uq_external_identities_organisation_id_issuer_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["memberships.id"],
            name=op.f("fk_external_identities_membership_id_memberships"),
            ondelete="CASCADE",
        ),
        _of_organisation("external_identities"),
    )
    op.add_column("organisations", _switch("requires_single_sign_on"))
    with op.batch_alter_table("sessions") as table:  # SQLite copies it; nothing refers to it
        table.add_column(sa.Column("membership_id", ID))
        table.create_foreign_key(
            op.f("fk_sessions_membership_id_memberships"),
            "memberships",
            ["membership_id"],
            ["id"],
            ondelete="CASCADE",
        )
        table.create_index("ix_sessions_membership_id", ["membership_id"])


def downgrade() -> None:
    op.execute("DELETE FROM sessions WHERE membership_id IS NOT NULL")  # they would reach everything
    with op.batch_alter_table("sessions") as table:
        table.drop_index("ix_sessions_membership_id")
        table.drop_constraint(op.f("fk_sessions_membership_id_memberships"), type_="foreignkey")
        table.drop_column("membership_id")
    op.execute("ALTER TABLE organisations DROP COLUMN requires_single_sign_on")
    op.drop_table("external_identities")
    op.drop_table("mail_domains")
    op.drop_table("single_sign_ons")
