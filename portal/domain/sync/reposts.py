"""Which new posts are posts that are gone, listed again under another id."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.domain.jobs.pairs import MOST_PER_TITLE, same_title
from portal.domain.sync.posts import JobPost


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
