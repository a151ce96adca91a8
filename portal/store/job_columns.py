"""Write columns of jobs: every statement that inserts or updates a job is made here, or by the ORM.

Whichever way a column is written, what follows from it (``domain.jobs.derived``) is written along with it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    ColumnDefault,
    ColumnElement,
    Connection,
    Table,
    Update,
    bindparam,
    func,
    inspect,
    select,
    update,
)

from portal.db import connection, session
from portal.domain.jobs.bulk import Step
from portal.domain.jobs.derived import DERIVED, derive, derived, derived_from
from portal.domain.jobs.fields import Source, Visibility
from portal.domain.jobs.values import Field
from portal.domain.sync.following import ALL_FOLLOW, bit_of
from portal.models import Job
from portal.prepared_rows import Rows, Updates, batches
from portal.prepared_statements import execute

Row = dict[str, Any]
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_TABLE: Table = Job.__table__  # type: ignore[assignment] # declared as FromClause


ON_PAGE: Final = frozenset(
    {
        *(
            "title",
            "apply_url",
            "requisition_id",
            "language",
            "description_html",
            "location",
            "office_places",
        ),
        *("workplace_type", "employment_type", "department", "seniority", "salary_min", "salary_max"),
        *("salary_currency", "salary_period", "salary_visible", "hiring_manager", "summary", "tags"),
        *("featured", "visibility", "closes_on", "listed", "merged_into_id", "deleted_at"),
    }
)
"""The columns that the public page of a job shows, or that say whether it is there."""


def _stamp(columns: Collection[str], now: datetime, revision: int) -> Row:
    """What is written beside these columns."""
    on_page = {} if ON_PAGE.isdisjoint(columns) else {"page_changed_at": now}
    return {"changed_at": now, "revision": revision, **on_page}


class NewJobs(Rows):
    """Rows of new jobs: what a row leaves out gets its default, and what follows from others is made."""

    def __init__(self) -> None:
        super().__init__(_TABLE)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a job."""
        full = {name: make(None) for name, make in _defaults() if name not in row} | dict(row)
        super().add(full | {name: derive(name, full) for name in DERIVED})


class JobUpdates(Updates):
    """Columns to write of stored jobs, and what follows from them."""

    def __init__(self) -> None:
        super().__init__(_TABLE)

    def add(self, row: Mapping[str, Any], stored: Mapping[str, Any] = NOTHING) -> None:
        """Add what to write of the job with this ``id``; ``stored`` are columns of it that stay as they are.

        Raises ``KeyError`` where a column comes without the others that something is derived from.
        """
        written = {name: value for name, value in row.items() if name != "id"}
        super().add({**written, **derived(written, stored), "id": row["id"]})


@cache
def _defaults() -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """What makes each column's default, as an INSERT of SQLAlchemy's would."""
    defaults = [(c.name, c.default) for c in _TABLE.c if c.name not in DERIVED]
    return tuple(
        (name, default.arg if default.is_callable else partial(_always, default.arg))
        for name, default in defaults
        if isinstance(default, ColumnDefault)
    )


def _always(value: Any, _context: Any) -> Any:
    return value


def set_columns(job: Job, values: Mapping[str, Any], now: datetime, revision: int) -> None:
    """Write some columns of one job, in one statement."""
    others = {source for name in derived_from(values) for source in DERIVED[name][0]} - values.keys()
    follows = derived(values, {name: getattr(job, name) for name in others})
    written = {**values, **follows, **_stamp(values, now, revision)}
    execute(connection(), _writing(tuple(written)), _bound({"job_id": job.id, **written}))
    vars(job).update(written)  # no change to be noted: each would take longer than its part of the statement


def write_steps(field: Field, steps: Sequence[Step], now: datetime, revision: int) -> None:
    """Write what becomes of a field in many jobs, and whether it follows Greenhouse from then on.

    What the session has read of jobs is forgotten.
    """
    for follows in (False, True):
        after = {step.job_id: step.after for step in steps if step.follows is follows}
        set_columns_of(after, now, revision, _following(field, follows))


def _following(field: Field, follows: bool) -> Row:
    """The expression that sets or clears a field's bit, in every job the same; nothing where it has none."""
    bit, column = bit_of(field.name), _TABLE.c.follows
    if not bit:
        return {}
    return {"follows": column.bitwise_or(bit) if follows else column.bitwise_and(ALL_FOLLOW ^ bit)}


def set_columns_of(
    after: Mapping[int, Mapping[str, Any]],
    now: datetime,
    revision: int,
    in_all: Mapping[str, Any] = NOTHING,
) -> None:
    """Write columns of many jobs, by their ids; every job's are the same columns.

    ``in_all`` are expressions to write in every one of them. What the session has read of jobs is forgotten.
    """
    columns = next(iter(after.values()), {})
    stamp = _stamp(columns, now, revision)
    sources = sorted({source for name in derived_from(columns) for source in DERIVED[name][0]})
    if not sources and all(values == columns for values in after.values()):
        for _, batch in batches(list(after)):
            _update_all({**columns, **stamp, **in_all}, _TABLE.c.id.in_(batch))
    else:
        for _, batch in batches(list(after)):
            stored = _stored(batch, sources)
            rows = [
                {**after[job_id], **derived(after[job_id], row), **stamp} | {"job_id": job_id}
                for job_id, row in stored.items()
            ]
            if rows:
                statement = _writing(tuple(name for name in rows[0] if name != "job_id")).values(in_all)
                session().execute(statement, [_bound(row) for row in rows])
    session().expire_all()


def _stored(job_ids: Sequence[int], columns: Sequence[str]) -> dict[int, Row]:
    """Some columns of these jobs, by their ids."""
    if not columns:
        return {job_id: {} for job_id in job_ids}
    query = select(_TABLE.c.id, *(_TABLE.c[name] for name in columns)).where(_TABLE.c.id.in_(job_ids))
    return {row["id"]: dict(row) for row in session().execute(query).mappings()}


@lru_cache(100)
def _writing(columns: tuple[str, ...]) -> Update:
    """An UPDATE of these columns of one job; its parameters are what ``_bound`` makes of a row."""
    statement = update(_TABLE).where(_TABLE.c.id == bindparam("job_id"))
    return statement.values({name: bindparam(f"new_{name}") for name in columns})


def _bound(row: Row) -> Row:
    return {name if name == "job_id" else f"new_{name}": value for name, value in row.items()}


def _update_all(values: Row, *these: ColumnElement[bool]) -> None:
    """Write the same values in all of these jobs, of columns that nothing follows from."""
    if derived_from(values):
        raise ValueError(f"Other columns follow from {sorted(values)}: write them job by job.")
    session().execute(update(_TABLE).where(*these).values(values))


def derive_again(connection: Connection, names: Collection[str]) -> None:
    """Make derived columns of all jobs anew, for an upgrade: those that the database has, and by this code.

    A source that it does not have yet counts as empty.

    What nobody can see of a job changes, so that no revision is stamped.
    """
    there = {column["name"] for column in inspect(connection).get_columns(_TABLE.name)}
    made = [name for name in DERIVED if name in names and name in there]
    sources = sorted({source for name in made for source in DERIVED[name][0]} & there)
    query = select(_TABLE.c.id, *(_TABLE.c[name] for name in sources)).order_by(_TABLE.c.id).limit(1_000)
    last_id = 0
    while rows := connection.execute(query.where(_TABLE.c.id > last_id)).mappings().all():
        last_id = rows[-1]["id"]
        new = [{name: derive(name, dict(row)) for name in made} | {"job_id": row["id"]} for row in rows]
        connection.execute(_writing(tuple(made)), [_bound(row) for row in new])


def restamp(organisation_id: int, stamped: int, revision: int) -> None:
    """Stamp the organisation's jobs anew that bear a revision which others have passed meanwhile."""
    these = (_TABLE.c.organisation_id == organisation_id, _TABLE.c.revision == stamped)
    _update_all({"revision": revision}, *these)


def set_new_visibility(
    organisation_id: int, created_at: datetime, revision: int, visibility: Visibility
) -> None:
    """Set who sees the jobs that this commit created."""
    these = (_TABLE.c.organisation_id == organisation_id, _TABLE.c.revision == revision)
    _update_all({"visibility": visibility.value}, *these, _TABLE.c.created_at == created_at)


def close_jobs(job_ids: Sequence[int], now: datetime, revision: int, renew: Callable[[], None]) -> None:
    """Mark jobs as no longer listed; nothing of theirs is deleted. ``renew`` is called between batches."""
    values = {"listed": False, "closed_at": now, "changed_at": now, "revision": revision}
    for _, batch in batches(job_ids):
        renew()
        _update_all(values, _TABLE.c.id.in_(batch))


def move_board(organisation_id: int, old: str, new: str, now: datetime, revision: int) -> None:
    """Give a renamed board's jobs its new token, and have every listed row read anew."""
    _update_all(
        {"board_token": new, "source_hash": None, "changed_at": now, "revision": revision},
        _TABLE.c.organisation_id == organisation_id,
        _TABLE.c.board_token == old,
    )


def stamp_board(organisation_id: int, board_token: str, revision: int) -> None:
    """Stamp a board's jobs with a revision: what is told of each of them changed by something else."""
    _update_all(
        {"revision": revision},
        _TABLE.c.organisation_id == organisation_id,
        _TABLE.c.board_token == board_token,
        _TABLE.c.source == Source.GREENHOUSE,
    )


def release_board(
    organisation_id: int, board_token: str, now: datetime, revision: int, *, keep: bool
) -> None:
    """End Greenhouse's hold on a board's jobs: kept ones become the organisation's own, others close.

    Of a kept one nothing follows any more, also when the board is connected again.
    What was written here of a job before Greenhouse took it up (again) says something else than its HTML now.

    Either way the hash goes, so that a reconnection takes every listed row up anew.
    """
    values: Row = {"source_hash": None, "changed_at": now, "revision": revision}
    if keep:
        values |= {"source": Source.OWN, "description_markdown": None, "follows": 0}
    else:
        values |= {"listed": False, "closed_at": func.coalesce(_TABLE.c.closed_at, now)}
    _update_all(
        values,
        _TABLE.c.organisation_id == organisation_id,
        _TABLE.c.board_token == board_token,
        _TABLE.c.source == Source.GREENHOUSE,
    )
