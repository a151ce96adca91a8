"""An organisation's link to one Greenhouse board."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, Json, utc_now
from portal.models.organisation import Organisation

_NOT_PAUSED = text("paused_at IS NULL")


class Connection(Base):
    """The link while it stands: disconnecting deletes the row, and with it key and secrets.

    ``etag`` is sent back to Greenhouse only while ``etag_stamp`` equals the pipeline and the settings
    it was read under: a changed sanitiser or switch must not hide behind a 304. ``alert_open`` says that
    the admins were told of a failure and not yet of its end. ``last_error_kind`` names the class of
    ``last_error``, which decides how soon it is tried again; of ``failures`` in a row only those that
    the schedule brought, ``scheduled_failures``, make it wait longer. ``last_started_at`` is when a run
    was last claimed: the next one keeps its distance. ``set_aside`` lists the posts that the last answer
    held and that could not be read: a 304 says that they are so still. ``old_hook_secrets`` are
    ``sealed`` and good ``until`` a day after they were replaced, oldest first. ``slow`` says that the last
    answer took long. ``field_choices`` holds the column that somebody chose for a custom field, empty for
    none, by ``field_key``.
    """

    __tablename__ = "connections"
    __table_args__ = (
        Index("ix_connections_due", "next_sync_at", sqlite_where=_NOT_PAUSED, postgresql_where=_NOT_PAUSED),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), unique=True
    )
    public_key: Mapped[str] = mapped_column(String(43), unique=True)
    board_token: Mapped[str] = mapped_column(String(100))
    board_name: Mapped[str] = mapped_column(String(200))
    api_key_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    api_key_last_four: Mapped[str] = mapped_column(String(4))
    key_checked_at: Mapped[datetime | None]
    key_rejected_at: Mapped[datetime | None]
    prefill: Mapped[bool] = mapped_column(default=True)
    include_prospects: Mapped[bool] = mapped_column(default=False)
    field_choices: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    default_employment_type: Mapped[str | None] = mapped_column(String(16))
    etag: Mapped[str | None] = mapped_column(String(200))
    etag_stamp: Mapped[str | None] = mapped_column(String(200))
    set_aside: Mapped[list[Json]] = mapped_column(JSON, default=list)
    last_synced_at: Mapped[datetime | None]
    next_sync_at: Mapped[datetime | None]
    last_started_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    scheduled_failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    last_error_kind: Mapped[str | None] = mapped_column(String(32))
    slow: Mapped[bool] = mapped_column(default=False, server_default=false())
    paused_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]
    recovery_told_at: Mapped[datetime | None]
    alert_open: Mapped[bool] = mapped_column(default=False)
    hook_secret_set_at: Mapped[datetime | None]
    hook_secret_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_hook_secrets: Mapped[list[Json]] = mapped_column(JSON, default=list)
    hook_heard_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped[Organisation] = relationship()
