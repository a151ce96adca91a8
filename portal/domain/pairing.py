"""Which of an organisation's own jobs may be one that was imported: those of the same title."""

from collections import Counter
from collections.abc import Mapping


def pairs_of(own: Mapping[int, str], imported: Mapping[int, str]) -> list[tuple[int, int]]:
    """Pair own jobs with imported ones, both given as id and title, whatever the case and the spaces.

    A title that stands twice on either side is left out: nobody can tell which is meant.
    """
    own_by_title, imported_by_title = _each_once(own), _each_once(imported)
    return [
        (job_id, imported_by_title[title])
        for title, job_id in own_by_title.items()
        if title in imported_by_title
    ]


def same_title(one: str, other: str) -> bool:
    """Whether two titles are the same, whatever their case and spaces."""
    return _said(one) == _said(other)


def _said(title: str) -> str:
    return " ".join(title.casefold().split())


def _each_once(titles: Mapping[int, str]) -> dict[str, int]:
    said = {job_id: _said(title) for job_id, title in titles.items()}
    counted = Counter(said.values())
    return {title: job_id for job_id, title in said.items() if title and counted[title] == 1}
