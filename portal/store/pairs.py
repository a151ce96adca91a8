"""Pairs of an own job and an imported one: offered, accepted, declined, taken apart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from portal.db import session
from portal.domain.jobs.fields import Source
from portal.domain.jobs.pairs import PairStatus, ambiguous_pairs, pairs_of, same_title
from portal.models import Job, JobPair, SyncRun
from portal.prepared_rows import batches
from portal.store.jobs import jobs_of_posts, not_gone


@dataclass(frozen=True, slots=True)
class Offers:
    """The pairs that wait for an answer, by title: of each its id, and the ids of own and imported job."""

    rows: tuple[tuple[int, int, int], ...]

    @property
    def ids(self) -> list[int]:
        """The pairs' ids."""
        return [pair_id for pair_id, _, _ in self.rows]

    @property
    def jobs(self) -> int:
        """How many own jobs they are about."""
        return len({own for _, own, _ in self.rows})

    @property
    def list_version(self) -> tuple[int, int]:
        """How many pairs there are, and the id of the latest: another version says that others wait."""
        return len(self.rows), max(self.ids, default=0)

    @property
    def unclear(self) -> set[int]:
        """The pairs of which a job is in another pair too: somebody must choose."""
        choices = ambiguous_pairs([(own, imported) for _, own, imported in self.rows])
        return {pair_id for pair_id, own, imported in self.rows if (own, imported) in choices}


def offer_pairs(run: SyncRun, now: datetime) -> int:
    """Offer the pairs that a board's jobs make with own ones, each only once; return how many."""
    own = _titles(run.organisation_id, _not_of_board(Job, run.board_token))
    if not own:
        return 0
    of_board = and_(Job.board_token == run.board_token, Job.source == Source.GREENHOUSE)
    imported = _titles(run.organisation_id, and_(of_board, ~_is_paired(Job)))
    known = select(JobPair.own_job_id, JobPair.imported_job_id).where(
        JobPair.organisation_id == run.organisation_id
    )
    asked = {tuple(row) for row in session().execute(known)}
    fresh = [pair for pair in pairs_of(own, imported) if pair not in asked]
    _offer(run, fresh, now)
    return len(fresh)


def offer_reposts(run: SyncRun, doubtful: Collection[tuple[int, int]], now: datetime) -> None:
    """Offer to make one job of each of these that closes and the new post beside it, given by its id."""
    jobs = jobs_of_posts(run.organisation_id, run.board_token, [post_id for _, post_id in doubtful])
    _offer(run, [(job_id, jobs[post_id]) for job_id, post_id in doubtful if post_id in jobs], now)


def _offer(run: SyncRun, pairs: Collection[tuple[int, int]], now: datetime) -> None:
    common = {"organisation_id": run.organisation_id, "status": PairStatus.OFFERED, "created_at": now}
    rows = [common | {"own_job_id": one, "imported_job_id": two, "taken": {}} for one, two in pairs]
    if rows:
        session().execute(insert(JobPair), rows)


def count_offered(organisation_id: int) -> int:
    """Return how many pairs wait for an answer."""
    return len(offers_of(organisation_id).rows)


def offered_pairs(
    organisation_id: int, pair_ids: Collection[int] = (), *, limit: int | None = None, offset: int = 0
) -> Sequence[JobPair]:
    """Return pairs (of these, or all) that wait for an answer, with their jobs, by title."""
    asked = set(pair_ids)
    waiting = [each for each in offers_of(organisation_id).ids if not asked or each in asked]
    return _with_jobs(waiting[offset:] if limit is None else waiting[offset : offset + limit])


def unambiguous_pairs(organisation_id: int) -> Sequence[JobPair]:
    """Return the pairs that wait for an answer and leave no choice, with their jobs, by title."""
    offers = offers_of(organisation_id)
    unclear = offers.unclear
    return _with_jobs([each for each in offers.ids if each not in unclear])


def offers_of(organisation_id: int) -> Offers:
    """Return the pairs whose jobs are still as they were when they were offered."""
    rows = session().execute(_offers(), {"organisation_id": organisation_id})
    alike = (row for row in rows if row[5] == Source.GREENHOUSE or same_title(row[3], row[4]))
    return Offers(tuple((row[0], row[1], row[2]) for row in alike))


@cache  # every list of jobs says how many there are
def _offers() -> Select[int, int, int, str, str, str]:
    own, imported = aliased(Job, name="own"), aliased(Job, name="imported")
    return (
        select(JobPair.id, JobPair.own_job_id, JobPair.imported_job_id, own.title, imported.title, own.source)
        .select_from(JobPair)  # else guessed from three that could be joined
        .join(own, JobPair.own_job_id == own.id)
        .join(imported, JobPair.imported_job_id == imported.id)
        .where(JobPair.organisation_id == bindparam("organisation_id"), _is_offered(own, imported))
        .order_by(imported.title, JobPair.own_job_id, JobPair.id)
    )


def _with_jobs(pair_ids: Sequence[int]) -> Sequence[JobPair]:
    query = select(JobPair).options(joinedload(JobPair.own), joinedload(JobPair.imported))
    found = {
        pair.id: pair
        for _, batch in batches(pair_ids)
        for pair in session().scalars(query.where(JobPair.id.in_(batch)))
    }
    return [found[each] for each in pair_ids if each in found]


def accepted_pair(organisation_id: int, pair_id: int) -> JobPair | None:
    """Return a pair that was accepted and not taken apart, with its jobs."""
    return session().scalar(_accepted(organisation_id).where(JobPair.id == pair_id))


def pairs_into(organisation_id: int, job_id: int) -> Sequence[JobPair]:
    """Return the pairs by which own jobs became part of this one."""
    query = _accepted(organisation_id).where(JobPair.imported_job_id == job_id)
    return session().scalars(query.order_by(JobPair.id)).all()


def returned_pairs(organisation_id: int, board_token: str) -> Sequence[JobPair]:
    """Return the accepted pairs whose own job a sync of this board has taken up again."""
    own = aliased(Job)
    query = _accepted(organisation_id).join(own, JobPair.own_job_id == own.id)
    query = query.where(own.board_token == board_token, own.source == Source.GREENHOUSE, own.listed)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def settle(pair: JobPair, status: PairStatus, user_id: int | None, now: datetime) -> None:
    """Note what was said of a pair."""
    pair.status, pair.decided_by_id, pair.decided_at = status, user_id, now
    session().flush()


def _titles(organisation_id: int, condition: ColumnElement[bool]) -> Mapping[int, str]:
    query = select(Job.id, Job.title).where(not_gone(organisation_id), Job.listed, condition)
    return {row[0]: row[1] for row in session().execute(query)}


def _not_of_board(
    job: type[Job], board_token: InstrumentedAttribute[str | None] | str
) -> ColumnElement[bool]:
    """An own job that no post of the board can come back to: a kept one of the same board is left alone."""
    return and_(job.source == Source.OWN, job.external_id.is_(None) | (job.board_token != board_token))


def _is_paired(job: type[Job]) -> ColumnElement[bool]:
    """Whether an own job is part of this one already: two of them could not be told apart again."""
    other = aliased(JobPair)
    return exists().where(
        other.organisation_id == job.organisation_id,
        other.imported_job_id == job.id,
        other.status == PairStatus.PAIRED,
    )


def _is_offered(own: type[Job], imported: type[Job]) -> ColumnElement[bool]:
    """Offered, and both jobs still as they were then: the one own or closed, the other Greenhouse's alone."""
    is_own = and_(own.listed, _not_of_board(own, imported.board_token))
    is_gone = and_(own.source == Source.GREENHOUSE, ~own.listed)
    is_closed = and_(is_gone, own.board_token == imported.board_token)
    return and_(
        JobPair.status == PairStatus.OFFERED,
        own.merged_into_id.is_(None),
        own.deleted_at.is_(None),
        or_(is_own, is_closed),
        imported.listed,
        imported.source == Source.GREENHOUSE,
        ~_is_paired(imported),
    )


def _accepted(organisation_id: int) -> Select[JobPair]:
    return (
        select(JobPair)
        .where(JobPair.organisation_id == organisation_id, JobPair.status == PairStatus.PAIRED)
        .options(joinedload(JobPair.own), joinedload(JobPair.imported))
    )
