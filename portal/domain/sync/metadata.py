"""Custom fields: the column that a field feeds, by its name, and what its value means there."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from portal.domain.jobs.fields import EmploymentType, WorkplaceType
from portal.domain.jobs.places import workplace_in
from portal.domain.jobs.values import LONGEST_TAG, MOST_TAGS
from portal.domain.sync.pay_words import pay_rank
from portal.domain.sync.posts import Metadata
from portal.domain.texts import cut_line, each_once


class Column(StrEnum):
    """What a custom field can feed; the values are names of ``source_values``.

    Only the first four are ever guessed. Of a place, a department and a closing date Greenhouse has fields
    of its own, so that a custom one replaces them only where somebody chose it.
    """

    EMPLOYMENT_TYPE = "employment_type"
    WORKPLACE_TYPE = "workplace_type"
    SENIORITY = "seniority"
    SALARY = "salary"
    LOCATION = "location"
    DEPARTMENT = "department"
    HIRING_MANAGER = "hiring_manager"
    TAGS = "tags"
    CLOSES_ON = "closes_on"


ColumnChoices = Mapping[str, Column | None]
"""The column that somebody chose for a field, by ``field_key``; ``None``: the field feeds nothing."""

NO_CHOICES: Final[ColumnChoices] = MappingProxyType({})

_NAMES = (
    (
        Column.WORKPLACE_TYPE,
        r"\bremote\b|\bhybrid\b|work ?place|"
        r"(?:work|working|office) (?:model|mode|arrangement|setting|location)|"
        r"(?:job )?location type|arbeitsmodell",
    ),
    (
        Column.EMPLOYMENT_TYPE,
        r"(?:employment|job|contract|position|worker|time|engagement) (?:type|length|status|basis|term)|"
        r"type of (?:employment|contract|position)|work schedule|commitment|"
        r"(?:beschäftigungs|anstellungs|vertrags)art|arbeitszeit|full[ -]time or part[ -]time",
    ),
    (Column.SENIORITY, r"seniority|(?:experience|career|job|position) level|^level$|karrierestufe"),
)
_NAME_PATTERNS = tuple((column, re.compile(pattern, re.IGNORECASE)) for column, pattern in _NAMES)

_WORD = re.compile(r"[^\W_]+")
_BETWEEN_TAGS = re.compile(r"[,;|\n]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def field_key(name: str) -> str:
    """The name of a field without what sets no two fields apart: case, space and punctuation."""
    plain = name[:200].casefold()
    return " ".join(_WORD.findall(plain)) or plain.strip()


@lru_cache(maxsize=4_096)
def guessed_column(name: str) -> Column | None:
    """The column that a field of this name feeds unless somebody chooses another."""
    if pay_rank(name):
        return Column.SALARY
    return next((column for column, pattern in _NAME_PATTERNS if pattern.search(name[:200])), None)


def fields_by_column(
    fields: Iterable[Metadata], choices: ColumnChoices = NO_CHOICES
) -> dict[Column, list[Metadata]]:
    """The fields that hold a value, by the column they feed, in the order of the post."""
    found: dict[Column, list[Metadata]] = {}
    for field in fields:
        if field.name and field.value is not None:
            key = field_key(field.name)
            column = choices[key] if key in choices else guessed_column(field.name)
            if column:
                found.setdefault(column, []).append(field)
    return found


def metadata_values(fields: Iterable[Metadata], choices: ColumnChoices = NO_CHOICES) -> dict[str, Any]:
    """What the custom fields of a post say of each column but the salary, as ``source_values`` keeps it.

    A salary is not told from one field alone: see ``pay.advertised_pay``.
    """
    read = {
        column.value: next(filter(None, (meaning(column, field) for field in fed)), None)
        for column, fed in fields_by_column(fields, choices).items()
    }
    return {column: value for column, value in read.items() if value}


def meaning(column: Column, field: Metadata) -> Any:
    """What a field's value means for a column; ``None`` where it means nothing there."""
    match column:
        case Column.EMPLOYMENT_TYPE:
            employment = employment_in(words_of(field.value))
            return employment and employment.value
        case Column.WORKPLACE_TYPE:
            return _work_model(field.name or "", field.value)
        case Column.SENIORITY:
            return _seniority(field.value)
        case Column.SALARY:
            return None
        case Column.LOCATION:
            return cut_line("; ".join(_texts(field.value)), 300)
        case Column.DEPARTMENT:
            return next(iter(_texts(field.value)), None)
        case Column.HIRING_MANAGER:
            return cut_line(", ".join(_texts(field.value)), 120)
        case Column.TAGS:
            return _tags(field.value)
        case Column.CLOSES_ON:
            return day_in(field.value)


def _parts(value: Any) -> list[str]:
    """The texts of a value; of a person, which comes as an object, the name."""
    value = value.get("name") if isinstance(value, dict) else value
    parts = value if isinstance(value, list | tuple) else [value]
    return [part for part in parts[:50] if isinstance(part, str)]


def _texts(value: Any) -> list[str]:
    return each_once(cut_line(part, 200) for part in _parts(value))


def _tags(value: Any) -> list[str]:
    tags = (tag for part in _parts(value) for tag in _BETWEEN_TAGS.split(part[:2_000]))
    return each_once(cut_line(tag, LONGEST_TAG) for tag in tags)[:MOST_TAGS]


def day_in(value: Any) -> str | None:
    """The date that a text begins with, as ISO writes it."""
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]).isoformat() if found else None
    except ValueError:
        return None


def _work_model(name: str, value: Any) -> str | None:
    if value is True and workplace_in(name) is WorkplaceType.REMOTE:
        return WorkplaceType.REMOTE.value
    model = workplace_in(words_of(value))
    return model and model.value


def _seniority(value: Any) -> str | None:
    words = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    return cut_line(words, 100) or None if isinstance(words, str) else None


_PERMANENT = re.compile(r"\bpermanent contract\b|\bunbefristet\w*", re.IGNORECASE)
_OUTRANKING = (
    (EmploymentType.INTERNSHIP, r"\bintern(?:s|ship|ships)?\b|praktik|\bstage\b"),
    (EmploymentType.VOLUNTEER, r"volunt|ehrenamt"),
    (EmploymentType.TEMPORARY, r"\btemp(?:s|orary)?\b|season|fixed[ -]term|befristet"),
    (EmploymentType.CONTRACT, r"\bcontract(?:or|ors|ing|s)?\b|freelanc|freiberuf"),
)
_HOURS = (
    (EmploymentType.FULL_TIME, r"full[ _-]?time|vollzeit|\bft\b"),
    (EmploymentType.PART_TIME, r"part[ _-]?time|teilzeit|\bpt\b|werkstudent|working student"),
)
_Patterns = tuple[tuple[EmploymentType, re.Pattern[str]], ...]
_KINDS: _Patterns = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _OUTRANKING)
_LENGTHS: _Patterns = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _HOURS)
_OTHER = re.compile(r"other|sonstige[s]?", re.IGNORECASE)


def words_of(value: Any) -> str:
    """The words of a value of any shape; nothing for numbers, switches and objects."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, list | tuple):
        return " / ".join(part[:200] for part in value[:20] if isinstance(part, str))
    return ""


@lru_cache(maxsize=4_096)
def employment_in(words: str) -> EmploymentType | None:
    """The kind of employment that words name; ``None`` where they leave it open."""
    said = _PERMANENT.sub(" ", words)
    kinds = _named(said, _KINDS)
    if not kinds:
        lengths = _named(said, _LENGTHS)
        if len(lengths) != 1:
            return EmploymentType.OTHER if _OTHER.fullmatch(said.strip()) else None
        return lengths[0]
    return kinds[0]


def _named(said: str, patterns: Iterable[tuple[EmploymentType, re.Pattern[str]]]) -> list[EmploymentType]:
    return [kind for kind, pattern in patterns if pattern.search(said)]
