"""The filters of the public list of jobs, and how many jobs each of their choices leaves.

Several values of one filter widen the list, and filters narrow each other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Protocol

from portal.domain.languages import primary_language
from portal.domain.places.keys import count_places, place_key
from portal.domain.texts import commonest_spellings, cut_line, name_key, search_terms

FILTERS: Final = ("department", "location", "workplace_type", "employment_type", "language")
MOST_VALUES: Final = 20
LONGEST: Final = 200
Chosen = tuple[tuple[str, tuple[str, ...]], ...]


class Group(NamedTuple):
    """So many public jobs that are alike in all that the list is filtered by."""

    department: str | None
    location: str | None
    places: str
    workplace_type: str | None
    employment_type: str | None
    language: str | None
    featured: bool
    jobs: int
    offices: str | None = None


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """Which public jobs are wanted: all words of ``q``, and one of each filter's values in ``chosen``."""

    q: str = ""
    chosen: Chosen = ()

    @property
    def is_empty(self) -> bool:
        """Whether every public job is wanted."""
        return not self.q and not self.chosen

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of one filter."""
        return dict(self.chosen).get(name, ())

    def without(self, name: str) -> "PublicFilter":
        """Return the same but for one filter, or for the search where ``name`` is ``q``."""
        if name == "q":
            return replace(self, q="")
        return replace(self, chosen=tuple(each for each in self.chosen if each[0] != name))

    def only(self, name: str, value: str) -> "PublicFilter":
        """Return the same with one value of a filter in the place of all of its others."""
        others = {**dict(self.without(name).chosen), name: (value,)}
        return replace(self, chosen=tuple((each, others[each]) for each in FILTERS if each in others))

    def less(self, name: str, value: str) -> "PublicFilter":
        """Return the same but for one value of a filter."""
        left = tuple(each for each in self.values(name) if each != value)
        changed = tuple((each, left if each == name else values) for each, values in self.chosen)
        return replace(self, chosen=tuple(each for each in changed if each[1]))


EVERY_JOB: Final = PublicFilter()


class Searched(Protocol):
    """A job with what the public list is filtered by, and the two texts in which it is searched."""

    department: str | None
    places: str
    workplace_type: str | None
    employment_type: str | None
    language: str | None
    search_source: str
    search_own: str


def matches(wanted: PublicFilter) -> Callable[[Searched], bool]:
    """Return what says whether a job is among those that the list shows for ``wanted``."""
    tests = [_test(name, values) for name, values in wanted.chosen]
    terms = search_terms(wanted.q)

    def is_wanted(job: Searched) -> bool:
        return all(test(job) for test in tests) and all(
            term in job.search_source or term in job.search_own for term in terms
        )

    return is_wanted


def read_filter(q: str, asked: Mapping[str, Sequence[str]]) -> PublicFilter:
    """Return what is asked for, whatever is asked: cut to what can be meant, each value once."""
    chosen = {name: _values(asked.get(name, ())) for name in FILTERS}
    return PublicFilter(cut_line(q, LONGEST), tuple(each for each in chosen.items() if each[1]))


def _values(asked: Sequence[str]) -> tuple[str, ...]:
    found = (cut_line(value, LONGEST) for value in asked[: MOST_VALUES * 5])
    once = {name_key(value): value for value in found if value}
    return tuple(sorted(once.values()))[:MOST_VALUES]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many jobs a list holds, in all and of each group, and how many its filters leave.

    ``choices`` counts each value of a filter beside the other filters; ``without`` the list without a filter.
    """

    total: int
    choices: Mapping[str, Mapping[str, int]]
    without: Mapping[str, int]
    departments: Mapping[str, int]
    featured: int

    @property
    def size(self) -> int:
        """How many counts it holds."""
        return len(self.departments) + sum(map(len, self.choices.values()))


def tally(groups: Iterable[Group], wanted: PublicFilter) -> Tally:
    """Count the groups, which match ``wanted.q`` already."""
    tests = [(name, _test(name, values)) for name, values in wanted.chosen]
    matching: list[Group] = []
    almost: dict[str, list[Group]] = {name: [] for name, _ in tests}
    for group in groups:
        failed = [name for name, test in tests if not test(group)]
        if not failed:
            matching.append(group)
        elif len(failed) == 1:
            almost[failed[0]].append(group)
    left = {name: [*matching, *almost.get(name, ())] for name in FILTERS}
    total = _count(matching)
    return Tally(
        total,
        {name: _CHOICES[name](left[name]) for name in FILTERS},
        {name: _count(left[name]) for name, _ in tests},
        _departments(matching),
        _count(each for each in matching if each.featured),
    )


def _count(groups: Iterable[Group]) -> int:
    return sum(group.jobs for group in groups)


def _departments(groups: Iterable[Group]) -> Counter[str]:
    """Count the jobs under each department's heading, by its key; featured ones count under theirs."""
    counts: Counter[str] = Counter()
    for group in groups:
        if not group.featured:
            counts[name_key(group.department or "")] += group.jobs
    return counts


def _test(name: str, values: Sequence[str]) -> Callable[[Any], bool]:
    if name == "department":
        keys = {name_key(value) for value in values}
        return lambda group: name_key(group.department or "") in keys
    if name == "location":
        places = [place_key(value) for value in values]
        return lambda group: any(place in group.places for place in places)
    if name == "language":
        languages = {primary_language(value) for value in values} - {None}
        return lambda group: primary_language(group.language) in languages
    wanted = set(values)
    return lambda group: getattr(group, name) in wanted


def _named(name: str) -> Callable[[Iterable[Group]], dict[str, int]]:
    def count(groups: Iterable[Group]) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for group in groups:
            if value := getattr(group, name):
                counts[value] += group.jobs
        return commonest_spellings(counts)

    return count


def _places(groups: Iterable[Group]) -> dict[str, int]:
    counts: Counter[tuple[str, str | None]] = Counter()
    for group in groups:
        if group.location:
            counts[group.location, group.offices] += group.jobs
    return count_places((location, offices, count) for (location, offices), count in counts.items())


def _languages(groups: Iterable[Group]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for group in groups:
        if language := primary_language(group.language):
            counts[language] += group.jobs
    return counts


_CHOICES: Final[dict[str, Callable[[Iterable[Group]], Mapping[str, int]]]] = {
    "department": _named("department"),
    "location": _places,
    "workplace_type": _named("workplace_type"),
    "employment_type": _named("employment_type"),
    "language": _languages,
}
