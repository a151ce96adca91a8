"""Acknowledged changes of a job's fields by people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import BIG, Base, Id, utc_now
from portal.models.user import User


class Edit(Base):
    """One acknowledged change: who, when, before, after.

    ``version`` counts the edits of one field of one job; that no number is given twice decides
    which of two edits made from the same version wins. ``batch_id`` joins the edits of one bulk edit: it
    is the organisation's revision that they made. ``undoes_id`` is the edit that this one took back.
    ``followed`` says that the field followed Greenhouse before: an undo lets it do so again.
    """

    __tablename__ = "edits"
    __table_args__ = (
        UniqueConstraint("job_id", "field", "version"),
        Index("ix_edits_organisation_id_id", "organisation_id", "id"),
        Index("ix_edits_organisation_id_batch_id", "organisation_id", "batch_id"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    field: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    followed: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(default=utc_now)
    batch_id: Mapped[int | None] = mapped_column(BIG)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id", ondelete="SET NULL"), index=True)

    user: Mapped[User | None] = relationship()
