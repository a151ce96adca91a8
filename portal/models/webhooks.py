"""Receivers of webhooks, what is sent to them, and what was told last of an organisation's public jobs."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import BIG, Base, Id, Json, utc_now
from portal.models.people import Organisation

_WAITS = text("not_before IS NOT NULL")


class WebhookEndpoint(Base):
    """A receiver. Address and secret are encrypted, bound to ``public_key``; ``shown_address`` is for people.

    ``old_secrets`` are ``sealed`` and sign as well ``until`` a day after they were replaced. ``failures``
    counts the attempts in a row that failed, ``unreachable`` those that got no answer at all; until
    ``rests_until`` nothing is sent. ``failing_since`` is when a message was given up, until one is delivered.
    ``off_reason`` is why the portal switched it off.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), index=True
    )
    public_key: Mapped[str] = mapped_column(String(43), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    format: Mapped[str] = mapped_column(String(16))
    address_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    shown_address: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    secret_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    secret_set_at: Mapped[datetime]
    old_secrets: Mapped[list[Json]] = mapped_column(JSON, default=list)
    paused_at: Mapped[datetime | None]
    off_reason: Mapped[str | None] = mapped_column(String(16))
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    unreachable: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped[Organisation] = relationship()

    @property
    def is_on(self) -> bool:
        """Whether messages are sent to it."""
        return self.paused_at is None and self.off_reason is None


class WebhookDelivery(Base):
    """One message to one receiver: the same ``message_id`` and ``body`` at every attempt.

    ``generation`` grows with each claim, and ``not_before`` is the end of the claim's lease meanwhile: what a
    process was sending when it was killed is due again then. ``not_before`` is empty once the message is
    delivered or given up. ``attempt`` counts the attempts since ``begun_at``, when it was made or sent again.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_webhook_deliveries_due", "not_before", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[Id]
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(500))
    body: Mapped[str] = mapped_column(Text, deferred=True)
    status: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    begun_at: Mapped[datetime] = mapped_column(default=utc_now)
    tried_at: Mapped[datetime | None]
    answer_code: Mapped[int | None]
    answer_ms: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class ToldOrganisation(Base):
    """Up to where the public jobs of an organisation with receivers were compared.

    ``version`` counts the comparisons: of two at once, one is kept.
    """

    __tablename__ = "told_organisations"

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    revision: Mapped[int] = mapped_column(BIG)
    on_day: Mapped[date]
    version: Mapped[int] = mapped_column(default=0)


class ToldJob(Base):
    """A public job as receivers were told last. It outlives the job's row, so that its end can be told."""

    __tablename__ = "told_jobs"

    organisation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("told_organisations.organisation_id", ondelete="CASCADE"), primary_key=True
    )
    job_id: Mapped[int] = mapped_column(BIG, primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(500))
