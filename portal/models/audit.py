"""The audit: what people and site admins did, beside edits and syncs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.audit import LONGEST_ABOUT
from portal.models.base import Base, Id, utc_now


class AuditEntry(Base):
    """Who did what, and from where: written in the transaction of what it tells of, and never changed.

    ``about`` says whom or what it was done to, and never a secret. Without an organisation it is of the site.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_organisation_id_at", "organisation_id", "at"),)

    id: Mapped[Id]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(String(LONGEST_ABOUT), default="")
    browser: Mapped[str] = mapped_column(String(80), default="")
    network: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
