"""Organisations, and who belongs to them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import BIG, Base, Id, Json, utc_now
from portal.models.user import User


class Role(StrEnum):
    """What a member may do: an admin changes, a member reads."""

    ADMIN = "admin"
    MEMBER = "member"


class Organisation(Base):
    """A tenant. ``revision`` grows in every commit that changes what its admins can see."""

    __tablename__ = "organisations"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(Text, default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    revision: Mapped[int] = mapped_column(BIG, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Membership(Base):
    """One person's place in one organisation, and how they like to see it: ``preferences["columns"]``."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    preferences: Mapped[Json] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()
