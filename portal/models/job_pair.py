"""Pairs: an own job and an imported one of the same title, which may be one and the same job."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, utc_now
from portal.models.job import Job


class PairStatus(StrEnum):
    """What was said of a pair: nothing yet, the same job, two jobs, or the same no longer."""

    OFFERED = "offered"
    PAIRED = "paired"
    DECLINED = "declined"
    PARTED = "parted"


class JobPair(Base):
    """One pair, offered once. ``taken`` maps each field that pairing edited to the edit's version."""

    __tablename__ = "job_pairs"
    __table_args__ = (
        UniqueConstraint("own_job_id", "imported_job_id"),
        Index("ix_job_pairs_organisation_id_status", "organisation_id", "status"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    own_job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    imported_job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16), default=PairStatus.OFFERED)
    taken: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    own: Mapped[Job] = relationship(foreign_keys=own_job_id)
    imported: Mapped[Job] = relationship(foreign_keys=imported_job_id)
