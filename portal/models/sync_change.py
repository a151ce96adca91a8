"""What a sync run did to each job, or (in a preview) would do."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import BIG, Base, Id


class ChangeKind(StrEnum):
    """What happened to a job in a run."""

    CREATED = "created"
    UPDATED = "updated"
    REOPENED = "reopened"
    CLOSED = "closed"
    HELD = "held"


class SyncChange(Base):
    """One job's change in one run. ``fields`` lists what changed, before and after.

    Of a description only the earlier text is kept, of a new job nothing: the rest stands in the job.
    ``job_id`` is empty for a job that a preview would create.
    """

    __tablename__ = "sync_changes"
    __table_args__ = (Index("ix_sync_changes_run_id_id", "run_id", "id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
