"""Counts of views and clicks of public jobs, tracked links, and fetches of feeds."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import BIG, Base, Id, utc_now


class Traffic(Base):
    """The views of a job and the clicks on its Apply, of one day and source; nothing of who it was.

    ``job_id`` 0 is the Jobs tab. What a deleted job had stays in the sums of its organisation.
    """

    __tablename__ = "traffic"
    __table_args__ = (
        Index("ix_traffic_organisation_id_day", "organisation_id", "day"),
        Index("ix_traffic_day", "day"),
        Index("ix_traffic_organisation_id_source", "organisation_id", "source"),
    )

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    job_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    views: Mapped[int] = mapped_column(BIG)
    clicks: Mapped[int] = mapped_column(BIG)


class TrackedLink(Base):
    """A link to a job, or without one to the Jobs tab; ``source`` (``gh_src``) tells where it was put."""

    __tablename__ = "tracked_links"
    __table_args__ = (
        Index(
            "one_link_of_a_job_per_source", "organisation_id", "job_id", "source", unique=True,
            sqlite_where=text("job_id IS NOT NULL"), postgresql_where=text("job_id IS NOT NULL"),
        ),
        Index(
            "one_link_of_the_tab_per_source", "organisation_id", "source", unique=True,
            sqlite_where=text("job_id IS NULL"), postgresql_where=text("job_id IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(60))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class FeedFetch(Base):
    """Who reads which feed of an organisation, and the version that they hold, sent at ``since_at``.

    ``filters`` is the query string of a feed that is not whole.
    """

    __tablename__ = "feed_fetches"

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    feed: Mapped[str] = mapped_column(String(20), primary_key=True)
    filters: Mapped[str] = mapped_column(String(300), primary_key=True)
    fetches: Mapped[int] = mapped_column(BIG)
    etag: Mapped[str] = mapped_column(String(40))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    since_at: Mapped[datetime | None]
