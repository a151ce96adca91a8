"""The filters of Manage jobs with how many jobs each value leaves, and the headings of its groups."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import Flask, current_app
from markupsafe import Markup

from portal.domain.texts import name_key
from portal.models import Organisation
from portal.store.job_counts import GroupCount, GroupKey, count_each, count_groups, groups_of, spellings_of
from portal.store.job_lists import NO_VALUE, STATES, JobFilter, Spellings
from portal.store.jobs import JobState
from portal.store.shortcuts import MOST_CHOICES, count_choices
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.jobs.lists import (
    CACHED_LISTS,
    CAN_BE_EMPTY,
    FILTER_LABELS,
    STATUS_LABELS,
    WITHOUT,
    ActiveFilter,
    ListQuery,
    closed_set,
    count_views,
    labelled,
)
from portal.web.jobs.rows import RowContext
from portal.web.templating import draw


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One value of a filter, and how many jobs it leaves once that is known.

    ``parameter`` and ``value`` choose it in the address.
    """

    parameter: str
    value: str
    label: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """One column to filter by; of an open set only what is chosen, until all of it is asked for.

    ``is_cut``: only those of its values are here that most jobs have.
    """

    name: str
    label: str
    choices: tuple[FilterChoice, ...]
    is_open_set: bool
    is_counted: bool = False
    is_cut: bool = False

    @property
    def number(self) -> int:
        """How many values are chosen."""
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def chosen(self) -> str:
        """What is chosen, as the filter's button says it: the one value, or how many."""
        if self.number != 1:
            return str(self.number or "")
        only = next(choice for choice in self.choices if choice.is_chosen)
        return "none" if only.parameter == WITHOUT else only.label


@lru_cache(maxsize=CACHED_LISTS)
def filters(query: ListQuery) -> tuple[FilterChoices, ...]:
    """Return every filter without counts."""
    return tuple(_filter(query, name) for name in FILTER_LABELS)


def counted_filters(org: Organisation, query: ListQuery, context: RowContext) -> tuple[FilterChoices, ...]:
    """Return every filter with the values in use."""
    return tuple(counted_filter(org, query, name, context) for name in FILTER_LABELS)


def counted_filter(
    org: Organisation, query: ListQuery, name: str, context: RowContext, find: str = ""
) -> FilterChoices:
    """Return one filter with the values in use, or those that hold ``find``, each with the jobs it leaves."""
    pays = context.any_salary_shown
    found = count_choices(org.id, query.wanted, name, context.today, any_salary_shown=pays, find=find)
    return _filter(query, name, {choice.value: choice.count for choice in found}, find)


def _filter(
    query: ListQuery, name: str, counts: dict[str, int] | None = None, find: str = ""
) -> FilterChoices:
    """The choices in their order; of an open set what is chosen stands first, and no empty one."""
    chosen = {name_key(value): value for value in query.chosen.get(name, ())}
    known = [value for value, _ in closed_set(name)]
    if known and name in CAN_BE_EMPTY:
        known.append(NO_VALUE)
    values = known or list(counts or ())
    spelled = {name_key(value) for value in values}
    if not find:
        values = [value for key, value in chosen.items() if key not in spelled] + values
    if not known:
        values.sort(key=lambda value: name_key(value) not in chosen)
    choices = tuple(
        FilterChoice(
            *((name, value) if value else (WITHOUT, name)),
            label=labelled(name, value),
            is_chosen=name_key(value) in chosen,
            count=None if counts is None else counts.get(value, 0),
        )
        for value in values
    )
    is_cut = not known and not find and len(counts or ()) >= MOST_CHOICES
    return FilterChoices(name, FILTER_LABELS[name], choices, not known, counts is not None, is_cut)


def drops(org: Organisation, query: ListQuery, context: RowContext) -> list[tuple[ActiveFilter, int]]:
    """Return each thing that narrows a list, with how many jobs are left without it."""
    today, pays = context.today, context.any_salary_shown
    each = query.active_filters()
    narrow = [drop.without for drop in each if drop.without.is_narrow]
    left = iter(count_each(org.id, narrow, today, any_salary_shown=pays))
    every = count_views(org, JobFilter(), today, any_salary_shown=pays)
    return [(drop, next(left) if drop.without.is_narrow else every.of(drop.without.status)) for drop in each]


@dataclass(frozen=True, slots=True)
class GroupHeading:
    """The heading above the jobs of a group; ``is_continued`` where the group began on the page before."""

    key: str
    name: str
    count: int
    is_continued: bool
    columns: tuple[str, ...]


_COUNTS: Final = "group_counts"
_SPELLINGS: Final = "group_spellings"


@bp.record_once
def _begin(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined] # a BlueprintSetupState
    app.extensions[_COUNTS] = LRUCache[dict[GroupKey, GroupCount]](CACHED_LISTS)
    app.extensions[_SPELLINGS] = LRUCache[Spellings](CACHED_LISTS)


def group_spellings(org: Organisation, group: str) -> Spellings:
    """Return which groups are one, at this revision, though their names differ in spaces."""
    cache: LRUCache[Spellings] = current_app.extensions[_SPELLINGS]
    return cache.get_or_make((org.id, org.revision, group), lambda: spellings_of(org.id, group))


def group_headings(
    org: Organisation,
    query: ListQuery,
    jobs: Sequence[JobState],
    before: JobState | None,
    context: RowContext,
    columns: tuple[str, ...],
) -> dict[int, Markup]:
    """Return the heading of each group on a page, by the job that it stands above.

    ``before`` is the last job of the page before.
    """
    if not query.group or not jobs:
        return {}
    shown = [*([before] if before else []), *jobs]
    spellings = group_spellings(org, query.group)
    keys = groups_of([job.id for job in shown], query.group, context.today, spellings)
    counts = _group_counts(org, query, frozenset(keys.values()), context)
    headings: dict[int, Markup] = {}
    above = keys.get(before.id) if before else object()
    first = jobs[0].id
    for job in jobs:
        key = keys.get(job.id)
        if key != above or job.id == first:
            counted = counts.get(key) or GroupCount("", 1)  # it came in between the two queries
            name = _group_name(query.group, key, counted.name)
            is_continued = job.id == first and key == above
            heading = GroupHeading(_mark(key), name, counted.count, is_continued, columns)
            headings[job.id] = draw("partials/jobs/list/_group.html", "line", heading)
        above = key
    return headings


def _group_counts(
    org: Organisation, query: ListQuery, keys: Collection[GroupKey], context: RowContext
) -> dict[GroupKey, GroupCount]:
    """The sizes of some groups; of a list that nothing narrows, what was counted at this revision."""
    today, pays, spellings = context.today, context.any_salary_shown, group_spellings(org, query.group)

    def count() -> dict[GroupKey, GroupCount]:
        return count_groups(
            org.id, query.wanted, today, query.group, keys, any_salary_shown=pays, spellings=spellings
        )

    if query.wanted.is_narrow:
        return count()
    cache: LRUCache[dict[GroupKey, GroupCount]] = current_app.extensions[_COUNTS]
    return cache.get_or_make(
        (org.id, org.revision, today, pays, query.group, query.wanted.status, keys), count
    )


def _group_name(group: str, key: GroupKey, spelling: str) -> str:
    if group == "state" and isinstance(key, int):
        return dict(STATUS_LABELS)[STATES[key]]
    return labelled(group, spelling if key is not None else NO_VALUE)


def _mark(key: GroupKey) -> str:
    """What a page finds the group again by."""
    return "" if key is None else str(key)
