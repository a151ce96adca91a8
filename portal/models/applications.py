"""Applications that wait for Greenhouse, and the files of those and of forms that are not sent yet."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.applications.states import ApplicationStatus
from portal.models.base import BIG, Base, Id, utc_now

_WAITING = text("status IN ('queued', 'sending')")


class Application(Base):
    """One application. Once it is delivered only the trace is left that its form was sent.

    ``key`` names it in addresses and binds what is encrypted to it; ``form_key`` is the digest of the form's
    token, so that a form that is sent twice is one application. ``answers`` are the encrypted parts of the
    request, ``applicant`` is who applied, and what Greenhouse said of it. ``board_token`` and ``external_id``
    are the post whose form was filled in; it is sent to the post that the job has by then. ``generation``
    grows with each claim: what a worker learns of an older one is no longer said of this.
    """

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_organisation_id_status", "organisation_id", "status"),
        Index("ix_applications_waiting", "status", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(43), unique=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    job_title: Mapped[str] = mapped_column(String(500))
    board_token: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16), default=ApplicationStatus.QUEUED)
    generation: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    enqueued_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    answers: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    applicant: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    forget_at: Mapped[datetime] = mapped_column(index=True)


class ApplicationFile(Base):
    """An encrypted file. It belongs to a form until that is sent, and from then on to the application.

    What it is called is encrypted with it. ``field`` is the input that it was chosen at.
    """

    __tablename__ = "application_files"
    __table_args__ = (Index("ix_application_files_form_key", "form_key"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(43), unique=True)
    form_key: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    application_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("applications.id", ondelete="CASCADE"), index=True
    )
    field: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    name: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
