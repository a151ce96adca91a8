"""Closings that were too many to be believed: they wait for an admin, or for the post to come back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, utc_now
from portal.models.job import Job
from portal.models.user import User


class HoldStatus(StrEnum):
    """What was decided of a held closing, or that its post was listed again."""

    PENDING = "pending"
    APPROVED = "approved"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"


_STANDS = text("ended_at IS NULL")


class HeldClosing(Base):
    """One job whose closing is held. It matters until ``ended_at``: closed after all, or listed again."""

    __tablename__ = "held_closings"
    __table_args__ = (
        Index(
            "one_standing_hold_per_job", "job_id", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        ),
        Index("ix_held_closings_connection_id_status", "connection_id", "status"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("sync_runs.id", ondelete="SET NULL"), index=True)
    status: Mapped[str] = mapped_column(String(16), default=HoldStatus.PENDING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    job: Mapped[Job] = relationship()
    decided_by: Mapped[User | None] = relationship()
