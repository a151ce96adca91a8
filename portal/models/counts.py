"""How often public jobs are looked at."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import BIG, Base


class Traffic(Base):
    """The views of a job and the clicks on its Apply, of one day and source; nothing of who it was.

    ``job_id`` 0 is the Jobs tab. What a deleted job had stays in the sums of its organisation.
    """

    __tablename__ = "traffic"
    __table_args__ = (
        Index("ix_traffic_organisation_id_day", "organisation_id", "day"),
        Index("ix_traffic_day", "day"),
    )

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    job_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    views: Mapped[int] = mapped_column(BIG)
    clicks: Mapped[int] = mapped_column(BIG)
