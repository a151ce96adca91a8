"""Saved views, values to suggest, the best matches of a search, and the jobs changed last."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)

from portal.db import session
from portal.domain.places.keys import count_places, place_keys
from portal.domain.texts import commonest_spellings, fold, search_terms, sort_key
from portal.models import Job, SavedView
from portal.prepared_rows import batches
from portal.store.job_lists import NO_VALUE, JobFilter, contains, has, matches
from portal.store.jobs import not_gone


@dataclass(frozen=True, slots=True)
class RemovedView:
    """What a view was, of which nothing is stored any more."""

    name: str
    query: str
    columns: dict[str, Any] | None


def saved_views(organisation_id: int) -> Sequence[SavedView]:
    """Return the organisation's views, by name."""
    return session().scalars(_saved_views(), {"organisation_id": organisation_id}).all()


@cache  # every list reads them
def _saved_views() -> Select[SavedView]:
    query = select(SavedView).where(SavedView.organisation_id == bindparam("organisation_id"))
    return query.order_by(func.lower(SavedView.name), SavedView.id)


def count_views_kept(organisation_id: int) -> int:
    """Return how many views the organisation keeps."""
    query = select(func.count()).where(SavedView.organisation_id == organisation_id)
    return session().scalar(query) or 0


def view_named(organisation_id: int, name: str) -> SavedView | None:
    """Return the organisation's view of that name."""
    query = select(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.name == name)
    return session().scalar(query)


def rename(organisation_id: int, view_id: int, name: str) -> bool:
    """Give a view another name; ``False`` when there is no such view."""
    statement = update(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.id == view_id)
    return session().execute(statement.values(name=name).returning(SavedView.id)).first() is not None


def remove(organisation_id: int, view_id: int) -> RemovedView | None:
    """Delete a view and return what it was; ``None`` when there is no such view."""
    statement = delete(SavedView).where(SavedView.organisation_id == organisation_id, SavedView.id == view_id)
    row = session().execute(statement.returning(SavedView.name, SavedView.query, SavedView.columns)).first()
    return RemovedView(*row) if row else None


BEGINS: Final = 0
NAMED: Final = 1
ELSEWHERE: Final = 2
"""Where the words stand: at the beginning of the title, in it or the requisition, or in another field."""


class Matches(NamedTuple):
    """The first jobs that a search finds, how many it finds in all, and where the best bears the words."""

    job_ids: list[int]
    total: int
    best: int


def best_matches(organisation_id: int, q: str, limit: int) -> Matches:
    """Return what the list's search finds, best first, the last changed first among equals."""
    terms = search_terms(q)
    named = and_(*(contains(Job.search_source, term) for term in terms))
    begins = func.substr(Job.search_source, 1, len(terms[0])) == terms[0] if terms else literal(False)
    where: Any = case((and_(named, begins), BEGINS), (named, NAMED), else_=ELSEWHERE)
    query = select(Job.id, where, func.count().over()).where(
        not_gone(organisation_id), *matches(JobFilter(q))
    )
    rows = session().execute(query.order_by(where, Job.changed_at.desc(), Job.id.desc()).limit(limit)).all()
    return Matches([row[0] for row in rows], rows[0][2], rows[0][1]) if rows else Matches([], 0, ELSEWHERE)


def last_changed(organisation_id: int, limit: int) -> list[int]:
    """Return the jobs that were changed last."""
    query = select(Job.id).where(not_gone(organisation_id)).order_by(Job.changed_at.desc(), Job.id.desc())
    return list(session().scalars(query.limit(limit)))


MOST_VALUES: Final = 200
OFFERED_COLUMNS: Final = ("department", "location", "seniority", "hiring_manager")


def used_values(organisation_id: int, *names: str) -> dict[str, list[str]]:
    """Return the values that the organisation's jobs bear in some columns, each list in its order."""
    query: Any = union_all(*(_used(organisation_id, name) for name in names))
    values: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in session().execute(query):
        values[row[0]][row[1]] += row[2]
    return {name: sorted(commonest_spellings(found), key=sort_key) for name, found in values.items()}


def used_tags(organisation_id: int) -> list[str]:
    """Return the tags that the organisation's jobs bear, those borne most often, in their order."""
    kept = cast(Job.tags, Text)
    query = select(kept, func.count()).where(not_gone(organisation_id)).group_by(kept)
    counts: Counter[str] = Counter()
    for row in session().execute(query):
        for tag in json.loads(row[0]) or ():
            counts[tag] += row[1]
    found = Counter(commonest_spellings(counts))
    return sorted((tag for tag, _ in found.most_common(MOST_VALUES)), key=sort_key)


def _used(organisation_id: int, name: str) -> Select[tuple[str, str, int]]:
    if name not in OFFERED_COLUMNS:
        raise ValueError(f"No values are offered for {name!r}.")
    column: Any = getattr(Job, name)
    inner = (
        select(column.label("value"), func.count().label("count"))
        .where(not_gone(organisation_id), column.is_not(None), column != "")
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(MOST_VALUES)
        .subquery()
    )
    return select(literal(name), inner.c.value, inner.c.count)


MOST_CHOICES: Final = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that jobs bear, and how many do."""

    value: str
    count: int


def count_choices(
    organisation_id: int,
    wanted: JobFilter,
    name: str,
    today: date,
    *,
    any_salary_shown: bool,
    find: str = "",
) -> list[Choice]:
    """Return the values of a column that the list can be narrowed to, with how many jobs each leaves.

    A job with several places counts for each of them, and for the region and the country of each. Of
    those that hold ``find``, however that is written, the ones borne most often are kept, in their order.
    ``NO_VALUE`` comes last, where any job has none and nothing is looked for.
    """
    column: Any = getattr(Job, name)
    conditions = [not_gone(organisation_id), *matches(wanted, without=name)]
    if wanted.status is not None:
        conditions.append(has(wanted.status, today, any_salary_shown=any_salary_shown))
    if name == "location":
        places = list(_locations(conditions))
        without = sum(count for location, _, count in places if not location)
        found = count_places(place for place in places if place[0])
    else:
        query = select(column, func.count()).where(*conditions).group_by(column)
        counted = Counter({row[0] or NO_VALUE: row[1] for row in session().execute(query)})
        without = counted.pop(NO_VALUE, 0)
        found = commonest_spellings(counted)
    term = fold(find)
    choices = _sorted([Choice(*choice) for choice in found.items() if not term or term in fold(choice[0])])
    return [*choices, Choice(NO_VALUE, without)] if without and not term else choices


def _locations(conditions: Sequence[ColumnElement[bool]]) -> Iterator[tuple[str, str | None, int]]:
    """How many jobs are at each location, with the offices where they make a difference.

    Others are not read: they stand behind the description, which SQLite would read as well.
    """
    rows = session().execute(_counted_by(Job.location, Job.places).where(*conditions)).all()
    by_office = {location for location, places, _ in rows if places != place_keys(location)}
    for location, _, count in rows:
        if location not in by_office:
            yield location, None, count
    for _, batch in batches(sorted(by_office)):
        these = _counted_by(Job.location, Job.office_places).where(*conditions, Job.location.in_(batch))
        for location, offices, count in session().execute(these):
            yield location, offices, count


def _counted_by(*columns: Any) -> Select[Any]:
    return select(*columns, func.count()).group_by(*columns)


def _sorted(choices: list[Choice]) -> list[Choice]:
    kept = sorted(choices, key=lambda choice: (-choice.count, choice.value))[:MOST_CHOICES]
    return sorted(kept, key=lambda choice: sort_key(choice.value))


def usual_currency(organisation_id: int) -> str | None:
    """Return the currency that most of the organisation's salaries are in; ``None`` where there are none."""
    query = (
        select(Job.salary_currency)
        .where(not_gone(organisation_id), Job.salary_currency.is_not(None))
        .group_by(Job.salary_currency)
        .order_by(func.count().desc(), Job.salary_currency)
        .limit(1)
    )
    return session().scalar(query)
