"""Pairs of an own job and an imported one: offered, accepted, declined, taken apart."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, insert, select
from sqlalchemy.orm import aliased, joinedload

from portal.domain.pairing import pairs_of, same_title
from portal.extensions import session
from portal.models import Job, JobPair, PairStatus, Source, SyncRun

_Own = aliased(Job, name="own")
_Imported = aliased(Job, name="imported")


def offer_pairs(run: SyncRun, now: datetime) -> int:
    """Offer the pairs that a board's jobs make with own ones, each only once; return how many."""
    own = _titles(run.organisation_id, _never_imported(Job))
    if not own:
        return 0
    imported = _titles(
        run.organisation_id, and_(Job.board_token == run.board_token, Job.source == Source.GREENHOUSE)
    )
    known = select(JobPair.own_job_id, JobPair.imported_job_id).where(
        JobPair.organisation_id == run.organisation_id
    )
    asked = {tuple(row) for row in session().execute(known)}
    fresh = [pair for pair in pairs_of(own, imported) if pair not in asked]
    if fresh:
        common = {"organisation_id": run.organisation_id, "status": PairStatus.OFFERED, "created_at": now}
        rows = [common | {"own_job_id": one, "imported_job_id": two, "taken": {}} for one, two in fresh]
        session().execute(insert(JobPair), rows)
    return len(fresh)


def count_offered(organisation_id: int) -> int:
    """Return how many pairs wait for an answer."""
    return len(_waiting(organisation_id))


def offered_pairs(
    organisation_id: int, pair_ids: Collection[int] = (), *, limit: int | None = None, offset: int = 0
) -> Sequence[JobPair]:
    """Return pairs (of these, or all) that wait for an answer, with their jobs, by title."""
    waiting = [each for each in _waiting(organisation_id) if not pair_ids or each in pair_ids]
    shown = waiting[offset:] if limit is None else waiting[offset : offset + limit]
    query = (
        select(JobPair)
        .where(JobPair.id.in_(shown))
        .options(joinedload(JobPair.own), joinedload(JobPair.imported))
    )
    return sorted(session().scalars(query).all(), key=lambda pair: shown.index(pair.id))


def _waiting(organisation_id: int) -> list[int]:
    """The pairs whose jobs are still as they were when they were offered, by title."""
    query = (
        select(JobPair.id, _Own.title, _Imported.title)
        .join(_Own, JobPair.own_job_id == _Own.id)
        .join(_Imported, JobPair.imported_job_id == _Imported.id)
        .where(_offered(organisation_id))
        .order_by(_Imported.title, JobPair.id)
    )
    return [pair_id for pair_id, one, other in session().execute(query) if same_title(one, other)]


def standing_pair(organisation_id: int, pair_id: int) -> JobPair | None:
    """Return a pair that was accepted and not taken apart, with its jobs."""
    return session().scalar(_standing(organisation_id).where(JobPair.id == pair_id))


def pair_into(organisation_id: int, job_id: int) -> JobPair | None:
    """Return the pair by which an own job became part of this one."""
    query = _standing(organisation_id).where(JobPair.imported_job_id == job_id)
    return session().scalars(query.order_by(JobPair.id).limit(1)).first()


def settle(pair: JobPair, status: PairStatus, user_id: int | None, now: datetime) -> None:
    """Note what was said of a pair."""
    pair.status, pair.decided_by_id, pair.decided_at = status, user_id, now
    session().flush()


def _titles(organisation_id: int, condition: ColumnElement[bool]) -> Mapping[int, str]:
    query = select(Job.id, Job.title).where(
        Job.organisation_id == organisation_id, Job.listed, Job.merged_into_id.is_(None), condition
    )
    return {row[0]: row[1] for row in session().execute(query)}


def _never_imported(job: type[Job]) -> ColumnElement[bool]:
    """A kept job of an ended connection is left alone: its post may come back under its own id."""
    return and_(job.source == Source.OWN, job.external_id.is_(None))


def _offered(organisation_id: int) -> ColumnElement[bool]:
    """Offered, and both jobs still as they were then: open, the one's own and the other Greenhouse's."""
    return and_(
        JobPair.organisation_id == organisation_id,
        JobPair.status == PairStatus.OFFERED,
        _Own.listed,
        _Own.merged_into_id.is_(None),
        _never_imported(_Own),
        _Imported.listed,
        _Imported.source == Source.GREENHOUSE,
    )


def _standing(organisation_id: int) -> Select[JobPair]:
    return (
        select(JobPair)
        .where(JobPair.organisation_id == organisation_id, JobPair.status == PairStatus.PAIRED)
        .options(joinedload(JobPair.own), joinedload(JobPair.imported))
    )
