"""Which of an organisation's own jobs may be one that was imported: those of the same title."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import product

MOST_PER_TITLE = 50
"""Beyond it a title says nothing: ten own jobs and ten imported ones of one title are a hundred pairs."""

Pair = tuple[int, int]


def pairs_of(own: Mapping[int, str], imported: Mapping[int, str]) -> list[Pair]:
    """Pair own jobs with imported ones, both given as id and title, whatever the case and the spaces.

    A title that stands twice on a side makes a pair of each: a person chooses.
    """
    own_by_title, imported_by_title = _by_title(own), _by_title(imported)
    return [
        pair
        for title, jobs in own_by_title.items()
        if len(jobs) * len(imported_by_title[title]) <= MOST_PER_TITLE
        for pair in product(jobs, imported_by_title[title])
    ]


def with_a_choice(pairs: Collection[Pair]) -> set[Pair]:
    """Return those pairs of which a job stands in another one too: not all of them can be right."""
    own, imported = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    return {(one, two) for one, two in pairs if own[one] > 1 or imported[two] > 1}


def same_title(one: str, other: str) -> bool:
    """Whether two titles are the same, whatever their case and spaces."""
    return _said(one) == _said(other)


def _said(title: str) -> str:
    return " ".join(title.casefold().split())


def _by_title(titles: Mapping[int, str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for job_id, title in titles.items():
        if said := _said(title):
            found[said].append(job_id)
    return found
