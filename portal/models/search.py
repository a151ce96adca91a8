"""Notices to search engines about the pages of jobs."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.search_engines import Engine
from portal.models.base import Base, Id, utc_now


class SearchNotice(Base):
    """The last notice to one search engine about one job, sent or due: whether its page ``is_there``.

    ``attempt`` grows as the notice is claimed, and ``not_before`` is the end of the claim's lease meanwhile;
    it is empty once the notice was taken, or given up. ``answer`` is what was said to the last attempt.
    """

    __tablename__ = "search_notices"
    __table_args__ = (UniqueConstraint("job_id", "engine"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    engine: Mapped[str] = mapped_column(String(16))
    is_there: Mapped[bool]
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(index=True)
    answer: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def label(self) -> str:
        """The search engine's name; a newer version may know others."""
        return Engine(self.engine).label if self.engine in list(Engine) else self.engine
