"""How alembic reaches the portal's database and tables."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from portal.extensions import db
from portal.models.base import UtcDateTime


def run_offline() -> None:
    """Write the statements instead of running them."""
    context.configure(
        url=db.engine.url.render_as_string(hide_password=False),
        target_metadata=db.metadata,
        literal_binds=True,
        **options(),
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Bring the database to the newest revision, in one transaction."""
    engine: Engine = db.engine
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options())
        with context.begin_transaction():
            context.run_migrations()


def options() -> dict[str, Any]:
    """Return what ``create_app`` chose for Flask-Migrate."""
    return {"render_item": render_item, **current_app.extensions["migrate"].configure_args}


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column type as what it is stored as: a revision must not change with the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


if context.is_offline_mode():
    run_offline()
else:
    run_online()
