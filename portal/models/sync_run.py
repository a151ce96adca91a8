"""Sync runs: each comparison of a board with the stored jobs, and how it ended."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, Json, utc_now
from portal.models.user import User


def _one(status: str) -> Index:
    """Forbid a second run in ``status`` for one connection."""
    where = text(f"status = '{status}'")
    name = f"one_{status}_sync_run_per_connection"
    return Index(name, "connection_id", unique=True, sqlite_where=where, postgresql_where=where)


class SyncRun(Base):
    """One run. ``generation`` grows with every claim; a worker whose number is old commits nothing.

    ``connection_id`` becomes NULL when the connection ends; the run stays in the history until
    ``forget_at``. ``open_jobs`` counts the board's jobs that were open after the run; it is empty where
    nothing was read or applied. ``held_by`` is no longer used.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (
        _one("queued"),
        _one("running"),
        Index("ix_sync_runs_organisation_id_id", "organisation_id", "id"),
        Index("ix_sync_runs_connection_id_id", "connection_id", "id"),
        Index(
            "ix_sync_runs_unfinished",
            "status",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id", ondelete="SET NULL"))
    board_token: Mapped[str] = mapped_column(String(100))
    trigger: Mapped[str] = mapped_column(String(16))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(16), default="queued")
    generation: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(default=utc_now)
    enqueued_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    held_by: Mapped[str | None] = mapped_column(String(300))
    finished_at: Mapped[datetime | None]
    forget_at: Mapped[datetime | None] = mapped_column(index=True)
    posts: Mapped[int | None]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    open_jobs: Mapped[int | None]
    set_aside: Mapped[list[Json]] = mapped_column(JSON, default=list)
    error: Mapped[str | None] = mapped_column(Text)

    started_by: Mapped[User | None] = relationship()
