"""Add the columns that databases made by an early edition of revision 0001 lack.

Revision 0001 was edited after it had landed. This revision looks at what is there, adds what is missing,
and changes nothing in a database that has it all.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().as_sql:
        return  # a script for a new database: nothing is missing there
    connections, runs = columns("connections"), columns("sync_runs")
    for name, kind, value in (
        ("set_aside", sa.JSON(), "[]"),
        ("last_started_at", sa.DateTime(timezone=True), None),
        ("scheduled_failures", sa.Integer(), "0"),
        ("old_hook_secrets", sa.JSON(), "[]"),
    ):
        if name not in connections:
            add("connections", name, kind, value)
    if "held_by" not in runs:
        add("sync_runs", "held_by", sa.String(length=300), None)
    if "old_hook_secret_ciphertext" in connections:
        move_old_hook_secrets()
    indexes = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("held_closings")}
    if "ix_held_closings_ended_at" not in indexes:
        op.create_index("ix_held_closings_ended_at", "held_closings", ["ended_at"])


def columns(table: str) -> set[str]:
    """Return the names of a table's columns."""
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def add(table: str, name: str, kind: sa.types.TypeEngine[Any], value: str | None) -> None:
    """Add a column that holds ``value`` in the rows that are there; NULL is allowed where there is none.

    SQLite keeps the default: it could only drop it by copying the table, which would empty every table
    that refers to it.
    """
    op.add_column(table, sa.Column(name, kind, nullable=value is None, server_default=value))
    if value is not None and op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, name, server_default=None)


def move_old_hook_secrets() -> None:
    """Put the one previous webhook secret that was kept into the list of several, and drop its columns."""
    connection = op.get_bind()
    table = sa.table(
        "connections",
        sa.column("id", sa.BigInteger()),
        sa.column("old_hook_secret_ciphertext", sa.LargeBinary()),
        sa.column("old_hook_secret_until", sa.DateTime(timezone=True)),
        sa.column("old_hook_secrets", sa.JSON()),
    )
    old = table.c
    kept = sa.select(old.id, old.old_hook_secret_ciphertext, old.old_hook_secret_until)
    for row_id, sealed, until in connection.execute(
        kept.where(old.old_hook_secret_ciphertext.is_not(None), old.old_hook_secret_until.is_not(None))
    ).all():
        secrets = [{"sealed": bytes(sealed).decode(), "until": in_utc(until).isoformat()}]
        connection.execute(sa.update(table).where(old.id == row_id).values(old_hook_secrets=secrets))
    for name in ("old_hook_secret_ciphertext", "old_hook_secret_until"):
        op.execute(f"ALTER TABLE connections DROP COLUMN {name}")


def in_utc(moment: datetime) -> datetime:
    """Return the stored time with its zone: SQLite stores it without."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def downgrade() -> None:
    """Nothing: revision 0004 has these columns too."""
