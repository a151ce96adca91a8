"""Connections to boards, what a board last said, sync runs, what each changed, and closings that are held."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import RunStatus
from portal.models.base import BIG, Base, Id, Json, utc_now
from portal.models.jobs import Job
from portal.models.people import Organisation, User

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
    none, by ``field_key``. ``hides_new`` hides the jobs that a sync creates until somebody shows them;
    ``new_told_at`` is when the admins were last mailed that some wait. ``apply_here`` lets people apply on
    the portal's own pages, as long as the key is not rejected; ``undelivered_told_at`` is when the admins
    were last mailed of applications that were not delivered.
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
    hides_new: Mapped[bool] = mapped_column(default=False, server_default=false())
    new_told_at: Mapped[datetime | None]
    apply_here: Mapped[bool] = mapped_column(default=False, server_default=false())
    undelivered_told_at: Mapped[datetime | None]
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


class BoardSnapshot(Base):
    """The custom fields and the posts of the last complete answer of a connection's board.

    ``posts`` are the posts without their descriptions, compressed; empty where they are too large to keep.
    ``fields`` are the ``CustomField``s, ``more_fields`` counts those that were left out. ``digest`` is of
    both, so that an answer that says the same is not stored again.
    """

    __tablename__ = "board_snapshots"

    connection_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(String(32))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    more_fields: Mapped[int] = mapped_column(default=0)
    posts: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


def _one(status: str) -> Index:
    """Forbid a second run in ``status`` for one connection."""
    where = text(f"status = '{status}'")
    name = f"one_{status}_sync_run_per_connection"
    return Index(name, "connection_id", unique=True, sqlite_where=where, postgresql_where=where)


class SyncRun(Base):
    """One run. ``generation`` grows with every claim; a worker whose number is old commits nothing.

    ``connection_id`` becomes NULL when the connection ends; the run stays in the history until
    ``forget_at``. ``open_jobs`` counts the board's jobs that were open after the run; it is empty where
    nothing was read or applied. ``hides_new`` says that the jobs it created were hidden until somebody
    shows them. ``token_name`` is what the API token was called by which a person's program started it.
    ``held_by`` is no longer used.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (
        _one("queued"),
        _one("running"),
        Index("ix_sync_runs_organisation_id_id", "organisation_id", "id"),
        Index("ix_sync_runs_connection_id_id", "connection_id", "id"),
        Index(
            "ix_sync_runs_unfinished",
            "status",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id", ondelete="SET NULL"))
    board_token: Mapped[str] = mapped_column(String(100))
    trigger: Mapped[str] = mapped_column(String(16))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(16), default=RunStatus.QUEUED)
    generation: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(default=utc_now)
    enqueued_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    held_by: Mapped[str | None] = mapped_column(String(300))
    finished_at: Mapped[datetime | None]
    forget_at: Mapped[datetime | None] = mapped_column(index=True)
    posts: Mapped[int | None]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    open_jobs: Mapped[int | None]
    set_aside: Mapped[list[Json]] = mapped_column(JSON, default=list)
    error: Mapped[str | None] = mapped_column(Text)
    hides_new: Mapped[bool] = mapped_column(default=False, server_default=false())
    token_name: Mapped[str | None] = mapped_column(String(80))

    started_by: Mapped[User | None] = relationship()


class SyncChange(Base):
    """One job's change in one run. ``fields`` lists what changed, before and after.

    Of a description only the earlier text is kept, of a new job nothing: the rest stands in the job.
    ``job_id`` is empty for a job that a preview would create.
    """

    __tablename__ = "sync_changes"
    __table_args__ = (Index("ix_sync_changes_run_id_id", "run_id", "id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(500))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


_STANDS = text("ended_at IS NULL")


class HeldClosing(Base):
    """One job whose closing is held. It matters until ``ended_at``: closed after all, or listed again."""

    __tablename__ = "held_closings"
    __table_args__ = (
        Index(
            "one_standing_hold_per_job", "job_id", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        ),
        Index("ix_held_closings_connection_id_status", "connection_id", "status"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("sync_runs.id", ondelete="SET NULL"), index=True)
    status: Mapped[str] = mapped_column(String(16), default=HoldStatus.PENDING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    job: Mapped[Job] = relationship()
    decided_by: Mapped[User | None] = relationship()
