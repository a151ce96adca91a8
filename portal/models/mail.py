"""Mails that wait to be sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, utc_now
from portal.models.user import User


class Mail(Base):
    """One mail to one person, written in the transaction of what it tells of; sending deletes it.

    ``attempt`` grows as the mail is claimed, and ``not_before`` is the end of the claim's lease meanwhile:
    what a process was sending when it was killed is due again then. ``not_before`` is empty once the mail
    is given up. ``last_error`` says why the last attempt failed.
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
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    user: Mapped[User] = relationship()
