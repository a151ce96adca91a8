"""Which jobs may be the same: own and imported ones of one title, and posts listed again under a new id."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from portal.domain.sync.posts import JobPost

MOST_PER_TITLE = 50
"""Beyond it a title says nothing: ten own jobs and ten imported ones of one title are a hundred pairs."""

Pair = tuple[int, int]


class PairStatus(StrEnum):
    """What was said of a pair: nothing yet, the same job, two jobs, or the same no longer."""

    OFFERED = "offered"
    PAIRED = "paired"
    DECLINED = "declined"
    PARTED = "parted"


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


def ambiguous_pairs(pairs: Collection[Pair]) -> set[Pair]:
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


@dataclass(frozen=True, slots=True)
class GonePost:
    """A stored post that is listed no more: what tells whether another one takes its place."""

    id: int
    internal_job_id: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Reposts:
    """``moved`` gives the gone post of each new one that goes on with its row.

    ``doubtful`` pairs gone and new posts of one job that a person must look at.
    """

    moved: Mapping[int, int]
    doubtful: tuple[tuple[int, int], ...] = ()


def reposts_of(gone: Iterable[GonePost], new: Iterable[JobPost]) -> Reposts:
    """Compare the gone and the new posts of one complete answer, by the job that they belong to.

    One gone, one new, of one title: the same post under a new id. Otherwise it may be; where several have
    the same title, only those of the same title may.
    """
    moved: dict[int, int] = {}
    doubtful: list[tuple[int, int]] = []
    old_of, new_of = defaultdict(list), defaultdict(list)
    for each in gone:
        old_of[each.internal_job_id].append(each)
    for post in new:
        new_of[post.internal_job_id].append(post)
    for job in (old_of.keys() & new_of.keys()) - {None}:
        pairs = [(one, other) for one in old_of[job] for other in new_of[job]]
        alike = [(one, other) for one, other in pairs if same_title(one.title, other.title)]
        if len(pairs) == len(alike) == 1:
            moved[alike[0][1].id] = alike[0][0].id
        elif len(alike or pairs) <= MOST_PER_TITLE:
            doubtful += [(one.id, other.id) for one, other in alike or pairs]
    return Reposts(moved, tuple(sorted(doubtful)))
