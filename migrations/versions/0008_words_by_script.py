"""Count the words of every description anew: those of scripts without spaces count too now."""

from alembic import op

from portal.store.job_columns import derive_again

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not op.get_context().as_sql:  # a script for a new database: there are no jobs
        derive_again(op.get_bind(), {"words"})


def downgrade() -> None:
    """Nothing: the column is the same."""
