"""The jobs that are similar to one, among the newest of an organisation."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select

from portal.db import session
from portal.domain.places.keys import nearest_keys
from portal.models import Job
from portal.store.jobs import PageJob, public
from portal.store.public.jobs import ASKED, LISTED, ListedJob

NEWEST_COMPARED: Final = 500
"""Among how many jobs similar ones are looked for: however many there are, it takes no longer."""


class Similar(NamedTuple):
    """A job that is similar to another one, and by what."""

    job: ListedJob
    same_department: bool
    same_place: bool


class NewestJobs:
    """The jobs among which similar ones are looked for, by what they have in common: the newest first."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._jobs: list[ListedJob] = []
        self._of_department: dict[str, set[int]] = defaultdict(set)
        self._at_place: dict[str, set[int]] = defaultdict(set)
        for number, (*listed, department, places) in enumerate(rows):
            self._jobs.append(ListedJob(*listed))
            self._of_department[department].add(number)
            for key in places.strip("|").split("|"):
                self._at_place[f"|{key}|"].add(number)

    def __len__(self) -> int:
        return len(self._jobs)

    def similar_to(self, job: PageJob, limit: int) -> list[Similar]:
        """Return those of the same department or place, those of both first."""
        theirs = self._of_department.get(job.department_sort, set()) if job.department_sort else set()
        there = set[int]().union(*(self._at_place.get(place, ()) for place in nearest_keys(job.places)))
        found: list[Similar] = []
        for numbers, same_department, same_place in (
            (theirs & there, True, True),
            (theirs - there, True, False),
            (there - theirs, False, True),
        ):
            if len(found) >= limit:
                break
            jobs = [self._jobs[number] for number in sorted(numbers)[: limit + 1]]
            found += [Similar(each, same_department, same_place) for each in jobs if each.id != job.id]
        return found[:limit]


def newest_jobs(organisation_id: int, today: date, *, to_members: bool = False) -> NewestJobs:
    """Return the newest of the open jobs."""
    given = {"organisation_id": organisation_id, "today": today}
    return NewestJobs(session().execute(_newest(to_members), given))


@cache
def _newest(to_members: bool) -> Select[*tuple[Any, ...]]:
    query = select(*LISTED, Job.department_sort, Job.places).where(public(*ASKED, to_members=to_members))
    return query.order_by(Job.opened_at.desc(), Job.id.desc()).limit(NEWEST_COMPARED)
