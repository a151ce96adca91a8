"""Views of Manage jobs that an organisation keeps under a name."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Id, utc_now


class SavedView(Base):
    """A name for a query string of Manage jobs, kept in the order in which its parameters are written."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
