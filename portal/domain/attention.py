"""What an open job lacks, so that a job search engine would refuse it or rank it low."""

import re
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from typing import Any, Final

ENOUGH_WORDS: Final = 100
_TAG = re.compile(r"<[^<>]*+>")


class Lack(IntFlag):
    """One thing each. The first three are kept with a job; the others depend on more than its columns."""

    LOCATION = 1
    EMPLOYMENT_TYPE = 2
    SALARY = 4
    WORDS = 8
    CLOSED = 16


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is missing, in words, and the field that mends it."""

    label: str
    field: str


REMEDIES: Final = {
    Lack.CLOSED: Remedy("Closing date passed", "closes_on"),
    Lack.LOCATION: Remedy("No location", "location"),
    Lack.EMPLOYMENT_TYPE: Remedy("No type", "employment_type"),
    Lack.SALARY: Remedy("No salary", "salary"),
    Lack.WORDS: Remedy("Short description", "description"),
}
"""In the order they are told."""


KEPT_LACKS: Final = range(int(Lack.LOCATION | Lack.EMPLOYMENT_TYPE | Lack.SALARY) + 1)
"""Every number that ``kept_lacks`` returns."""


def mattering(shows_salaries: bool) -> int:
    """Which of the kept lacks count: a missing salary does where the organisation shows some."""
    return int(Lack.LOCATION | Lack.EMPLOYMENT_TYPE | (Lack.SALARY if shows_salaries else Lack(0)))


def kept_lacks(
    location: str | None, employment_type: str | None, salary_min: int | None, salary_max: int | None
) -> int:
    """What of the organisation's columns is empty, as the number that is stored beside them."""
    lacks = Lack(0)
    if not location:
        lacks |= Lack.LOCATION
    if not employment_type:
        lacks |= Lack.EMPLOYMENT_TYPE
    if salary_min is None and salary_max is None:
        lacks |= Lack.SALARY
    return int(lacks)


def lacks_of(job: Any, today: date, *, shows_salaries: bool) -> list[Remedy]:
    """What a listed and shown job lacks on ``today``; a salary only where the organisation shows some."""
    lacks = Lack(job.lacks & mattering(shows_salaries))
    if job.words < ENOUGH_WORDS:
        lacks |= Lack.WORDS
    if job.closes_on is not None and job.closes_on < today:
        lacks |= Lack.CLOSED
    return [remedy for lack, remedy in REMEDIES.items() if lack in lacks]


def count_words(description_html: str | None) -> int:
    """How many words a cleaned description has."""
    return len(_TAG.sub(" ", description_html or "").split())
