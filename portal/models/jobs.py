"""Jobs, the edits of their fields, the pairs of an own and an imported one, and saved views of their list."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    inspect,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from portal.domain.accounts.tokens import LONGEST_TOKEN_NAME
from portal.domain.jobs.derived import DERIVED, derive
from portal.domain.jobs.fields import Source
from portal.domain.jobs.pairs import PairStatus
from portal.models.base import BIG, ONLY_ON, Base, Id, Json, utc_now
from portal.models.people import User

_SHOWN = ("organisation_id", "merged_into_id", "deleted_at", "listed", "visibility")
_PAID = text("salary_currency IS NOT NULL")
_POSTED = text("internal_job_id IS NOT NULL")
_SEARCHED = ("search_source", "search_own", "closes_on", "lacks", "words", "apply_url")
_UNLINKED = text("apply_url IS NULL")
_DELETED = text("deleted_at IS NOT NULL")


_BY_BYTES = Text().with_variant(Text(collation="C"), "postgresql")  # as SQLite compares


def _derived(
    name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any], *, deferred: bool = False
) -> MappedColumn[Any]:
    """A column that an INSERT, of whichever kind, fills by itself from the others of the row."""

    def make(context: DefaultExecutionContext) -> Any:
        return derive(name, context.get_current_parameters())  # type: ignore[no-untyped-call]

    return mapped_column(kind, default=make, deferred=deferred)


class Job(Base):
    """One job. ``listed`` says that Greenhouse lists it or, for an own job, that it is open.

    An own job that was deleted keeps its row, with ``deleted_at``, for as long as it can be restored.
    ``board_token`` and ``external_id`` outlive a disconnect: reconnecting the board takes the row up again.

    ``office_places`` says where the offices of the post are (``domain.sync.prefill``).

    ``follows`` has a bit for each field that follows Greenhouse (``domain.sync.following``). Of a field that
    is the organisation's own, ``accepted_differences`` holds what Greenhouse said when an admin chose to
    keep ours. ``visibility`` is one of ``Visibility``.

    ``page_changed_at`` says when what the public page shows changed last: ``changed_at`` moves for more.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("organisation_id", "board_token", "external_id"),
        Index("ix_jobs_organisation_id_revision", "organisation_id", "revision"),
        Index("ix_jobs_organisation_id_changed_at", "organisation_id", "changed_at"),
        Index("ix_jobs_organisation_id_opened_at", "organisation_id", "opened_at"),
        # All that tells which view a job belongs to: counting reads no rows.
        Index("ix_jobs_views", *_SHOWN, "closes_on"),
        Index("ix_jobs_lacking", *_SHOWN, "lacks", "words"),
        # And what a search looks into, which is a small part of what jobs are. PostgreSQL refuses long keys.
        Index("ix_jobs_searched", *_SHOWN, *_SEARCHED, info={ONLY_ON: "sqlite"}).ddl_if(dialect="sqlite"),
        Index("ix_jobs_unlinked", *_SHOWN, sqlite_where=_UNLINKED, postgresql_where=_UNLINKED),
        Index(
            "ix_jobs_posts",
            "organisation_id",
            "internal_job_id",
            sqlite_where=_POSTED,
            postgresql_where=_POSTED,
        ),
        Index("ix_jobs_paid", "organisation_id", sqlite_where=_PAID, postgresql_where=_PAID),
        Index("ix_jobs_deleted", "deleted_at", sqlite_where=_DELETED, postgresql_where=_DELETED),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(16))
    board_token: Mapped[str | None] = mapped_column(String(100))
    external_id: Mapped[int | None] = mapped_column(BigInteger)
    source_hash: Mapped[str | None] = mapped_column(String(32))
    listed: Mapped[bool] = mapped_column(default=True)
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(BIG, default=0)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]

    title: Mapped[str] = mapped_column(String(500))
    apply_url: Mapped[str | None] = mapped_column(Text)
    internal_job_id: Mapped[int | None] = mapped_column(BigInteger)
    requisition_id: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))
    source_updated_at: Mapped[datetime | None]

    location: Mapped[str | None] = mapped_column(String(300))
    workplace_type: Mapped[str | None] = mapped_column(String(16))
    employment_type: Mapped[str | None] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(200))
    seniority: Mapped[str | None] = mapped_column(String(100))
    salary_min: Mapped[int | None] = mapped_column(BigInteger)
    salary_max: Mapped[int | None] = mapped_column(BigInteger)
    salary_currency: Mapped[str | None] = mapped_column(String(3))
    salary_period: Mapped[str | None] = mapped_column(String(8))
    salary_visible: Mapped[bool] = mapped_column(default=True)
    hiring_manager: Mapped[str | None] = mapped_column(String(120))
    summary: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    featured: Mapped[bool] = mapped_column(default=False)
    visibility: Mapped[str] = mapped_column(String(16), default="shown")
    closes_on: Mapped[date | None]

    search_source: Mapped[str] = _derived("search_source", Text, deferred=True)
    search_own: Mapped[str] = _derived("search_own", Text, deferred=True)
    places: Mapped[str] = _derived("places", Text, deferred=True)
    words: Mapped[int] = _derived("words", Integer)
    lacks: Mapped[int] = _derived("lacks", SmallInteger)

    title_sort: Mapped[str] = _derived("title_sort", _BY_BYTES, deferred=True)
    department_sort: Mapped[str] = _derived("department_sort", _BY_BYTES, deferred=True)
    location_sort: Mapped[str] = _derived("location_sort", _BY_BYTES, deferred=True)
    seniority_sort: Mapped[str] = _derived("seniority_sort", _BY_BYTES, deferred=True)
    hiring_manager_sort: Mapped[str] = _derived("hiring_manager_sort", _BY_BYTES, deferred=True)
    requisition_id_sort: Mapped[str] = _derived("requisition_id_sort", _BY_BYTES, deferred=True)
    tags_sort: Mapped[str] = _derived("tags_sort", _BY_BYTES, deferred=True)

    # Last, since SQLite walks a row from its start: what reads many jobs does without these.
    follows: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0", deferred=True)
    accepted_differences: Mapped[Json] = mapped_column(JSON, default=dict, server_default="{}", deferred=True)
    source_values: Mapped[Json] = mapped_column(JSON, default=dict, deferred=True)
    office_places: Mapped[str | None] = mapped_column(Text, deferred=True)
    description_html: Mapped[str] = mapped_column(Text, default="", deferred=True)
    description_markdown: Mapped[str | None] = mapped_column(Text, deferred=True)
    page_changed_at: Mapped[datetime | None] = mapped_column(default=utc_now, deferred=True)

    @property
    def imported(self) -> bool:
        """Whether title and description are Greenhouse's."""
        return self.source == Source.GREENHOUSE


@event.listens_for(Job, "before_update")
def _follow(_mapper: Any, _connection: Any, job: Job) -> None:
    """What follows from a column changes with it. Statements that update many rows see to it themselves."""
    changed = inspect(job).attrs
    for name, (sources, _) in DERIVED.items():
        if any(changed[source].history.has_changes() for source in sources):
            setattr(job, name, derive(name, {source: getattr(job, source) for source in sources}))


class Edit(Base):
    """One acknowledged change: who, when, before, after.

    ``version`` counts the edits of one field of one job; that no number is given twice decides
    which of two edits made from the same version wins. ``batch_id`` joins the edits of one bulk edit: it
    is the organisation's revision that they made. ``undoes_id`` is the edit that this one took back.
    ``followed`` says that the field followed Greenhouse before: an undo lets it do so again. Where a program
    made it, ``token_name`` is what its API token was called.
    """

    __tablename__ = "edits"
    __table_args__ = (
        UniqueConstraint("job_id", "field", "version"),
        Index("ix_edits_organisation_id_id", "organisation_id", "id"),
        Index("ix_edits_organisation_id_batch_id", "organisation_id", "batch_id"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    field: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
    followed: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(default=utc_now)
    batch_id: Mapped[int | None] = mapped_column(BIG)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("edits.id", ondelete="SET NULL"), index=True)
    token_name: Mapped[str | None] = mapped_column(String(LONGEST_TOKEN_NAME))

    user: Mapped[User | None] = relationship()


class JobPair(Base):
    """One pair, offered once. ``taken`` maps each field that pairing edited to the edit's version."""

    __tablename__ = "job_pairs"
    __table_args__ = (
        UniqueConstraint("own_job_id", "imported_job_id"),
        Index("ix_job_pairs_organisation_id_status", "organisation_id", "status"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    own_job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    imported_job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16), default=PairStatus.OFFERED)
    taken: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    own: Mapped[Job] = relationship(foreign_keys=own_job_id)
    imported: Mapped[Job] = relationship(foreign_keys=imported_job_id)


class JobImport(Base):
    """What a file proposes that somebody uploaded; nobody else may see or apply it.

    ``result`` says what became of it once it was applied: it is applied once.
    """

    __tablename__ = "job_imports"
    __table_args__ = (Index("ix_job_imports_organisation_id_user_id", "organisation_id", "user_id"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[Json] = mapped_column(JSON)
    result: Mapped[Json | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class SavedView(Base):
    """A name for a query string of Manage jobs, kept in the order in which its parameters are written.

    ``columns`` holds which columns it shows, in their order and with their widths; ``None``: those of
    whoever looks.
    """

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    columns: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def parameters(self) -> str:
        """What the address of Manage jobs says to open it."""
        return f"{self.query}&view={self.id}" if self.query else f"view={self.id}"
