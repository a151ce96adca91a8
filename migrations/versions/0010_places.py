"""Find jobs under the regions and countries of their places, and note which say no country."""

from alembic import op

from portal.store.job_columns import derive_again

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not op.get_context().as_sql:  # a script for a new database: there are no jobs
        derive_again(op.get_bind(), {"places", "lacks"})


def downgrade() -> None:
    """Leave the columns as they are: an older portal finds no place by them until a job is edited."""
