"""Use no id of a link again on SQLite: a page that was opened earlier may still name it."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "one_time_links"


def upgrade() -> None:
    _recreate(autoincrement=True)


def downgrade() -> None:
    _recreate(autoincrement=False)


def _recreate(*, autoincrement: bool) -> None:
    """Make the table anew with its rows; PostgreSQL counts on by itself."""
    if op.get_bind().dialect.name == "sqlite":
        options = {"sqlite_autoincrement": autoincrement}
        with op.batch_alter_table(TABLE, recreate="always", table_kwargs=options):
            pass
