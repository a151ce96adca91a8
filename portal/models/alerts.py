"""E-mail alerts: who gets which search's new jobs, by an address alone, and which jobs are no longer new."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.alerts.schedule import Cadence
from portal.models.base import BIG, Base, Id, Json, utc_now
from portal.models.people import Organisation


class AlertReader(Base):
    """An address that gets alerts of an organisation, or was asked whether it wants to; goes with the last.

    Links in mails bear ``key``, signed: the database alone does not make them. The link that confirms is
    stored as its SHA-256, ``confirm_hash``: it was mailed at ``asked_at``, and is good until
    ``confirm_until``, once, which was at ``confirmed_at``. ``refusals`` counts the mails in a row that the
    mail server refused since there is no such address.
    """

    __tablename__ = "alert_readers"
    __table_args__ = (UniqueConstraint("organisation_id", "address"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    confirm_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    confirm_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    refusals: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped[Organisation] = relationship()


class Alert(Base):
    """One search whose new jobs are mailed; not before it is confirmed.

    ``wanted`` holds the parameters of the Jobs tab, ``search_key`` their hash. It is due at ``next_at``.
    ``told`` is the latest edition of published jobs that it was compared with: each job is told once. Until
    it is confirmed, -1 says that none was known when it was asked for.
    ``source`` is what the links to jobs carry on.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("reader_id", "search_key"),
        Index("ix_alerts_organisation_id_next_at", "organisation_id", "next_at"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    reader_id: Mapped[int] = mapped_column(ForeignKey("alert_readers.id", ondelete="CASCADE"))
    wanted: Mapped[Json] = mapped_column(JSON)
    search_key: Mapped[str] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(String(200))
    cadence: Mapped[str] = mapped_column(String(8), default=Cadence.DAILY)
    confirmed_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    told: Mapped[int] = mapped_column(BIG, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    reader: Mapped[AlertReader] = relationship()


class PublishedJob(Base):
    """A job that was public when alerts were compared with the jobs: ``edition`` counts those times.

    A job is in it once, whatever becomes of it, so that it is new once.
    """

    __tablename__ = "published_jobs"
    __table_args__ = (Index("ix_published_jobs_organisation_id_edition", "organisation_id", "edition"),)

    job_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    edition: Mapped[int] = mapped_column(BIG)


class AlertMail(Base):
    """Whose a waiting mail is. It tells of ``job_ids``; ``alert_id`` is empty in one that asks to confirm.

    ``told_before`` is what the alert goes back to where one of the jobs is not public any more by the time
    that the mail could be sent.
    """

    __tablename__ = "alert_mails"

    mail_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reader_id: Mapped[int] = mapped_column(ForeignKey("alert_readers.id", ondelete="CASCADE"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    job_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    told_before: Mapped[int] = mapped_column(BIG, default=0)
