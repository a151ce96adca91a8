"""Education and employment, which a form asks for beside its questions."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from portal.domain.applications.forms import ApplicationForm, Wanted
from portal.domain.texts import InvalidValue, one_line

Part = tuple[str, str]
Typed = Mapping[str, str]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EDUCATION: Final = ("education_school", "education_degree", "education_discipline")
EMPLOYMENT: Final = ("employment_company", "employment_title")
CURRENT: Final = "employment_current"
DATES: Final = ("start_month", "start_year", "end_month", "end_year")
SCHOOL_SEARCH: Final = "education_search"
"""What somebody looks for among thousands of schools; it is no answer."""
LONGEST: Final = 255
_ID: Final = re.compile("[0-9]{1,18}")
_YEAR: Final = re.compile("(?:19|20)[0-9]{2}")
_CHOOSE: Final = {
    "education_school": "Search for your school, and choose it from what is found.",
    "education_degree": "Choose a degree.",
    "education_discipline": "Choose a discipline.",
    "employment_company": "Type the name of the company.",
    "employment_title": "Type your job title.",
}


def names_of(part: str) -> tuple[str, ...]:
    """Return the names of the inputs of "education" or "employment"."""
    own = EDUCATION if part == "education" else (*EMPLOYMENT, CURRENT)
    return (*own, *(f"{part}_{date}" for date in DATES))


def judge_history(form: ApplicationForm, typed: Typed) -> tuple[list[Part], dict[str, str]]:
    """Return what is sent of education and employment, and what is wrong with it, by input."""
    parts: list[Part] = []
    errors: dict[str, str] = {}
    for part, how, judge in (
        ("education", form.education, _education),
        ("employment", form.employment, _employment),
    ):
        is_given = any(typed.get(name) for name in names_of(part))
        if how == Wanted.REQUIRED or (how == Wanted.OPTIONAL and is_given):
            errors |= dict(_wrong(part, typed))
            parts += judge(typed)
    return parts, errors


def _wrong(part: str, typed: Typed) -> Iterator[tuple[str, str]]:
    for name in EDUCATION if part == "education" else EMPLOYMENT:
        if error := _error_of(name, typed.get(name, "")):
            yield name, error
    is_current = part == "employment" and bool(typed.get(CURRENT))
    for date in ("start",) if is_current else ("start", "end"):
        if _month(typed, part, date) is None:
            yield f"{part}_{date}_month", f"Choose the month and type the year of the {date}, such as 2019."
    if not is_current and not _in_order(typed, part):
        yield f"{part}_end_month", "The end lies before the start."


def _error_of(name: str, value: str) -> str | None:
    if name in EDUCATION:
        return None if _ID.fullmatch(value) else _CHOOSE[name]
    try:
        return None if one_line(value, LONGEST) else _CHOOSE[name]
    except InvalidValue as error:
        return str(error)


def _month(typed: Typed, part: str, date: str) -> tuple[int, int] | None:
    """Year and month of a date."""
    year, month = typed.get(f"{part}_{date}_year", "").strip(), typed.get(f"{part}_{date}_month", "")
    if not _YEAR.fullmatch(year) or month not in {str(number) for number in range(1, 13)}:
        return None
    return int(year), int(month)


def _in_order(typed: Typed, part: str) -> bool:
    start, end = _month(typed, part, "start"), _month(typed, part, "end")
    return start is None or end is None or start <= end


def _education(typed: Typed) -> list[Part]:
    names = ("school_name_id", "degree_id", "discipline_id")
    ids = [(f"educations[][{name}]", typed.get(own, "")) for name, own in zip(names, EDUCATION, strict=True)]
    return [*ids, *_dates("educations", "education", typed, ("start", "end"))]


def _employment(typed: Typed) -> list[Part]:
    is_current = bool(typed.get(CURRENT))
    said = [("company_name", "employment_company"), ("title", "employment_title")]
    parts = [(f"employments[][{name}]", " ".join(typed.get(own, "").split())) for name, own in said]
    parts += _dates("employments", "employment", typed, ("start",) if is_current else ("start", "end"))
    return [*parts, ("employments[][current]", "true" if is_current else "false")]


def _dates(name: str, part: str, typed: Typed, dates: tuple[str, ...]) -> list[Part]:
    return [
        (f"{name}[][{date}_date][{unit}]", typed.get(f"{part}_{date}_{unit}", "").strip())
        for date in dates
        for unit in ("month", "year")
    ]
