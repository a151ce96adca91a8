"""Mails that wait to be sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, utc_now
from portal.models.user import User


class Mail(Base):
    """One mail to one person, written in the transaction of what it tells of; sending deletes it.

    ``attempt`` grows before each sending, and ``not_before`` lies ahead meanwhile: what a task was sending
    when it was lost is due again then. It is empty once the mail is given up.
    """

    __tablename__ = "mails"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    user: Mapped[User] = relationship()
