"""Education and employment, of which a form takes several entries beside its questions.

The inputs of the first entry are called "education_school", of the second "education_2_school".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from portal.domain.applications.forms import ApplicationForm, Wanted
from portal.domain.texts import InvalidValue, one_line, without_invisible

Part = tuple[str, str]
Typed = Mapping[str, str]
Values = Mapping[str, Sequence[str]]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EDUCATION: Final = "education"
EMPLOYMENT: Final = "employment"
MOST_ENTRIES: Final = {EDUCATION: 5, EMPLOYMENT: 10}
"""Each school is looked up, so there are fewer of these."""
SEARCH: Final = "search"
"""What somebody looks for among thousands of schools; it is no answer."""
CURRENT: Final = "current"
_ASKED: Final = {EDUCATION: ("school", "degree", "discipline"), EMPLOYMENT: ("company", "title")}
_DATES: Final = ("start_month", "start_year", "end_month", "end_year")
LONGEST: Final = 255
_ID: Final = re.compile("[0-9]{1,18}")
_YEAR: Final = re.compile("(?:19|20)[0-9]{2}")
_CHOOSE: Final = {
    "school": "Search for your school, and choose it from what is found.",
    "degree": "Choose a degree.",
    "discipline": "Choose a discipline.",
    "company": "Type the name of the company.",
    "title": "Type your job title.",
}


def count_name(part: str) -> str:
    """Return the name of the input that says how many entries the form shows."""
    return f"form-{part}"


def entries_of(part: str, typed: Typed) -> list[str]:
    """Return what the names of inputs begin with, entry by entry."""
    said = typed.get(count_name(part), "")
    number = int(said) if re.fullmatch("[0-9]{1,3}", said, re.ASCII) else 1
    return [part, *(f"{part}_{n}" for n in range(2, min(number, MOST_ENTRIES[part]) + 1))]


def names_of(entry: str) -> tuple[str, ...]:
    """Return the names of the inputs of an entry that are answers."""
    part = entry.partition("_")[0]
    own = (*_ASKED[part], CURRENT) if part == EMPLOYMENT else _ASKED[part]
    return tuple(f"{entry}_{name}" for name in (*own, *_DATES))


def with_another(part: str, values: Values) -> Values:
    """Return what was typed, with an empty entry more, as far as there is room for one."""
    number = len(_entries(part, values)) + 1
    return {**values, count_name(part): [str(min(number, MOST_ENTRIES[part]))]}


def without_entry(entry: str, values: Values) -> Values:
    """Return what was typed without an entry; those behind it move up."""
    part = entry.partition("_")[0]
    entries = _entries(part, values) if part in MOST_ENTRIES else []
    if entry not in entries:
        return values
    behind, left = entries[entries.index(entry) :], dict(values)
    for place, each in enumerate(behind):
        for name in (*names_of(each), f"{each}_{SEARCH}"):
            moved = values.get(name.replace(each, behind[place + 1], 1)) if place + 1 < len(behind) else None
            left[name] = moved or []
    return {**left, count_name(part): [str(max(1, len(entries) - 1))]}


def _entries(part: str, values: Values) -> list[str]:
    return entries_of(part, {name: said[-1] for name, said in values.items() if said})


def judge_history(form: ApplicationForm, typed: Typed) -> tuple[list[Part], dict[str, str]]:
    """Return what is sent of education and employment, and what is wrong with it, by input.

    An entry that is left empty is none.
    """
    parts: list[Part] = []
    errors: dict[str, str] = {}
    for part, how, judge in (
        (EDUCATION, form.education, _education),
        (EMPLOYMENT, form.employment, _employment),
    ):
        entries = entries_of(part, typed) if how != Wanted.NO else []
        given = [entry for entry in entries if any(typed.get(name) for name in names_of(entry))]
        for entry in given or (entries[:1] if how == Wanted.REQUIRED else []):
            errors |= dict(_wrong(part, entry, typed))
            parts += judge(entry, typed)
    return parts, errors


def _wrong(part: str, entry: str, typed: Typed) -> Iterator[tuple[str, str]]:
    for name in _ASKED[part]:
        if error := _error_of(part, name, typed.get(f"{entry}_{name}", "")):
            yield f"{entry}_{name}", error
    is_current = bool(typed.get(f"{entry}_{CURRENT}"))
    for date in ("start",) if is_current else ("start", "end"):
        if _month(typed, entry, date) is None:
            yield f"{entry}_{date}_month", f"Choose the month and type the year of the {date}, such as 2019."
    if not is_current and not _in_order(typed, entry):
        yield f"{entry}_end_month", "The end lies before the start."


def _error_of(part: str, name: str, value: str) -> str | None:
    if part == EDUCATION:
        return None if _ID.fullmatch(value) else _CHOOSE[name]
    try:
        return None if one_line(value, LONGEST) else _CHOOSE[name]
    except InvalidValue as error:
        return str(error)


def _month(typed: Typed, entry: str, date: str) -> tuple[int, int] | None:
    """Year and month of a date."""
    year, month = typed.get(f"{entry}_{date}_year", "").strip(), typed.get(f"{entry}_{date}_month", "")
    if not _YEAR.fullmatch(year) or month not in {str(number) for number in range(1, 13)}:
        return None
    return int(year), int(month)


def _in_order(typed: Typed, entry: str) -> bool:
    start, end = _month(typed, entry, "start"), _month(typed, entry, "end")
    return start is None or end is None or start <= end


def _education(entry: str, typed: Typed) -> list[Part]:
    names = {"school": "school_name_id", "degree": "degree_id", "discipline": "discipline_id"}
    ids = [(f"educations[][{name}]", typed.get(f"{entry}_{own}", "")) for own, name in names.items()]
    return [*ids, *_dates("educations", entry, typed, ("start", "end"))]


def _employment(entry: str, typed: Typed) -> list[Part]:
    is_current = bool(typed.get(f"{entry}_{CURRENT}"))
    said = {"company_name": f"{entry}_company", "title": f"{entry}_title"}
    parts = [
        (f"employments[][{name}]", " ".join(without_invisible(typed.get(own, "")).split()))
        for name, own in said.items()
    ]
    parts += _dates("employments", entry, typed, ("start",) if is_current else ("start", "end"))
    return [*parts, ("employments[][current]", "true" if is_current else "false")]


def _dates(name: str, entry: str, typed: Typed, dates: tuple[str, ...]) -> list[Part]:
    return [
        (f"{name}[][{date}_date][{unit}]", typed.get(f"{entry}_{date}_{unit}", "").strip())
        for date in dates
        for unit in ("month", "year")
    ]
