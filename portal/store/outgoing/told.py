"""What receivers were told last of public jobs: read, and replaced by revision and day."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CursorResult, delete, insert, select, update

from portal.db import session
from portal.domain.outgoing.events import ToldJob as Told
from portal.models import Job, Organisation, ToldJob, ToldOrganisation
from portal.prepared_rows import batches


@dataclass(frozen=True, slots=True)
class Compared:
    """An organisation that is told of, its present revision, and up to where it was compared."""

    organisation_id: int
    slug: str
    name: str
    time_zone: str
    revision: int
    told_revision: int
    told_on: date
    version: int


def told_organisations() -> list[Compared]:
    """Return every organisation of which public jobs are compared."""
    query = select(
        Organisation.id,
        Organisation.slug,
        Organisation.name,
        Organisation.time_zone,
        Organisation.revision,
        ToldOrganisation.revision,
        ToldOrganisation.on_day,
        ToldOrganisation.version,
    ).join(ToldOrganisation, ToldOrganisation.organisation_id == Organisation.id)
    return [Compared(*row) for row in session().execute(query.order_by(Organisation.id))]


def is_told(organisation_id: int) -> bool:
    """Whether the public jobs of an organisation are compared."""
    query = select(ToldOrganisation.version).where(ToldOrganisation.organisation_id == organisation_id)
    return session().scalar(query) is not None


def told_jobs(organisation_id: int) -> dict[int, Told]:
    """Return what was told last of each public job."""
    query = select(ToldJob.job_id, ToldJob.digest, ToldJob.title)
    rows = session().execute(query.where(ToldJob.organisation_id == organisation_id))
    return {job_id: Told(digest, title) for job_id, digest, title in rows}


def stamped_after(organisation_id: int, revision: int) -> set[int]:
    """Return the jobs that were stamped with a later revision."""
    query = select(Job.id).where(Job.organisation_id == organisation_id, Job.revision > revision)
    return set(session().scalars(query))


def begin_notifying(organisation_id: int, revision: int, today: date, jobs: Mapping[int, Told]) -> None:
    """Note what is public now: receivers are notified of what comes after."""
    session().add(ToldOrganisation(organisation_id=organisation_id, revision=revision, on_day=today))
    session().flush()
    _insert(organisation_id, jobs)


def end_notifying(organisation_id: int) -> None:
    """Forget what was told of an organisation."""
    session().execute(delete(ToldOrganisation).where(ToldOrganisation.organisation_id == organisation_id))


def move_on(compared: Compared, today: date) -> bool:
    """Note up to where an organisation is compared; ``False`` where somebody else did so meanwhile."""
    statement = (
        update(ToldOrganisation)
        .where(
            ToldOrganisation.organisation_id == compared.organisation_id,
            ToldOrganisation.version == compared.version,
        )
        .values(revision=compared.revision, on_day=today, version=compared.version + 1)
        .execution_options(synchronize_session=False)
    )
    result = session().execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def note_told(organisation_id: int, jobs: Mapping[int, Told], closed: Collection[int]) -> None:
    """Keep what is told of jobs in the place of what was, and nothing of those that closed."""
    _delete(organisation_id, [*jobs, *closed])
    _insert(organisation_id, jobs)


def _delete(organisation_id: int, job_ids: Iterable[int]) -> None:
    for _, batch in batches(list(job_ids)):
        old = delete(ToldJob).where(ToldJob.organisation_id == organisation_id, ToldJob.job_id.in_(batch))
        session().execute(old.execution_options(synchronize_session=False))


def _insert(organisation_id: int, jobs: Mapping[int, Told]) -> None:
    rows = [
        {"organisation_id": organisation_id, "job_id": job_id, "digest": told.digest, "title": told.title}
        for job_id, told in jobs.items()
    ]
    if rows:
        session().execute(insert(ToldJob), rows)
