"""Custom fields: guess by its name which column a field feeds, and read what its value means there."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.jobs.values import LONGEST_TAG, MOST_TAGS
from portal.domain.sync.pay_words import pay_rank
from portal.domain.sync.posts import Metadata
from portal.domain.texts import cut_line, each_once
from portal.domain.vocabulary.employment import (
    Said,
    employment_by_adjective,
    employment_by_hours,
    employment_by_share,
    employment_said,
)
from portal.domain.vocabulary.field_names import (
    EMPLOYMENT_NAMES,
    HOURS_ALONE,
    LEVEL_ALONE,
    SENIORITY_NAMES,
    SHARE_NAMES,
    WEEKLY_HOURS_NAMES,
    WORK_MODEL_NAMES,
)
from portal.domain.vocabulary.phrases import is_placeholder, plain
from portal.domain.vocabulary.seniority import seniority_in
from portal.domain.vocabulary.titles import is_apart
from portal.domain.vocabulary.work_models import NO_MODELS, Models, work_models_in


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

_NAMES: Final = (
    (Column.WORKPLACE_TYPE, WORK_MODEL_NAMES),
    (Column.EMPLOYMENT_TYPE, EMPLOYMENT_NAMES),
    (Column.EMPLOYMENT_TYPE, WEEKLY_HOURS_NAMES),
    (Column.EMPLOYMENT_TYPE, SHARE_NAMES),
    (Column.SENIORITY, SENIORITY_NAMES),
)
_YES: Final = frozenset(
    {"yes", "y", "true", "1", "on", "ja", "oui", "si", "sim", "tak", "ano", "evet", "да", "はい", "是"}
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_OFFICE: Final = re.compile(
    r"(?<!home )(?<!home)office|on ?site|in ?person|buro(?!\w)|burotage|bureau|oficina"
)
_COUNT: Final = re.compile(r"[0-7](?:\.0)?(?: [1-7])?")
_WHOLLY: Final = re.compile(
    r"(?:fully|full|completely|entirely|always|voll|ganz|vollstandig|total|completo|complet)(?: time)?"
)
_PARTLY: Final = re.compile(
    r"(?:partly|partially|partial|part|sometimes|occasionally|teilweise|zeitweise|partiel|partiellement|parcial|"
    r"parziale|gedeeltelijk|delvis)(?: time)?"
)
_WORD = re.compile(r"[^\W_]+")
_NO_FRACTION = re.compile(r"\.0+$")
_BETWEEN_TAGS = re.compile(r"[,;|\n]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


@lru_cache(maxsize=4_096)
def field_key(name: str) -> str:
    """The name of a field without what sets no two fields apart: case, space and punctuation."""
    plain = name[:200].casefold()
    return " ".join(_WORD.findall(plain)) or plain.strip()


@lru_cache(maxsize=4_096)
def guessed_column(name: str) -> Column | None:
    """The column that a field of this name feeds unless somebody chooses another."""
    words = plain(name[:200])
    if pay_rank(name):
        return Column.SALARY
    for alone, column in ((LEVEL_ALONE, Column.SENIORITY), (HOURS_ALONE, Column.EMPLOYMENT_TYPE)):
        if alone.fullmatch(words.strip(" :?")):
            return column
    named = next((column for column, names in _NAMES if names.search(words)), None)
    switch = Column.EMPLOYMENT_TYPE if is_apart(words) and employment_said(words) else None
    return named or switch


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


class MetadataSays(NamedTuple):
    """What the custom fields of a post say; ``values`` of every column but the first two."""

    employment: Said
    models: Models
    values: dict[str, Any]


def metadata_says(fields: Iterable[Metadata], choices: ColumnChoices = NO_CHOICES) -> MetadataSays:
    """What the custom fields of a post say of each column.

    Several fields about the employment are put together: "Full time" beside "Intern" is an internship. Of
    the others the first that says anything counts, of tags all. A field for the one of employment and work
    model that names the other ("Work schedule: Hybrid") says that, unless a field of its own does. A salary
    is not told from one field alone: see ``pay.advertised_pay``.
    """
    fed = fields_by_column(fields, choices)
    timed, placed = fed.pop(Column.EMPLOYMENT_TYPE, []), fed.pop(Column.WORKPLACE_TYPE, [])
    read = {
        column.value: _all_tags(fields)
        if column is Column.TAGS
        else next(filter(None, (meaning(column, field) for field in fields)), None)
        for column, fields in fed.items()
    }
    return MetadataSays(
        _employment(timed)
        or _employment([field for field in placed if _LETTER.search(words_of(field.value))]),
        _work_models(placed) or _work_models(timed),
        {column: value for column, value in read.items() if value},
    )


def meaning(column: Column, field: Metadata) -> Any:
    """What a field's value alone means for a column; ``None`` where it means nothing there."""
    match column:
        case Column.EMPLOYMENT_TYPE:
            return _employment([field]).employment
        case Column.WORKPLACE_TYPE:
            models = _work_models([field])
            return next(iter(models)).value if len(models) == 1 else None
        case Column.SENIORITY:
            words = _parts(field.value)
            return seniority_in(words[0]) if len(words) == 1 else None
        case Column.SALARY:
            return None
        case Column.LOCATION:
            return cut_line("; ".join(_texts(field.value)), 300)
        case Column.DEPARTMENT:
            return next(iter(_texts(field.value)), None)
        case Column.HIRING_MANAGER:
            return cut_line(", ".join(_texts(field.value)), 120)
        case Column.TAGS:
            return _tags(field)
        case Column.CLOSES_ON:
            return day_in(field.value)


def _all_tags(fields: list[Metadata]) -> list[str]:
    return each_once(tag for field in fields for tag in _tags(field))[:MOST_TAGS]


@lru_cache(maxsize=4_096)
def _plain_name(name: str | None) -> str:
    return plain(name or "")


def _employment(fields: list[Metadata]) -> Said:
    """In words first; by a number or an adjective beside the name where no words say the hours."""
    said = Said()
    for field in fields:
        said |= employment_said(_switched(field) or words_of(field.value))
    if not said.hours:
        for field in fields:
            said |= _by_name(_plain_name(field.name), field.value)
    return said


def _by_name(name: str, value: Any) -> Said:
    number = _number_text(value)
    if ":" in number:
        return Said()
    if SHARE_NAMES.search(name):
        return employment_by_share(number)
    if WEEKLY_HOURS_NAMES.search(name):
        return employment_by_hours(number)
    return employment_by_adjective(number) if EMPLOYMENT_NAMES.search(name) else Said()


def _number_text(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else plain(words_of(value))


def _work_models(fields: list[Metadata]) -> Models:
    """In words first: a switch, or a count beside a name, says less."""
    for said_by in (_words, _counted, _switched):
        models = frozenset(model for field in fields for model in work_models_in(said_by(field)))
        if models:
            return models
    return NO_MODELS


def _words(field: Metadata) -> str:
    return words_of(field.value)


def _counted(field: Metadata) -> str:
    """What a count says by the name beside it: "Days in office: 3", "Remote: 50 %", "Remote: partly"."""
    name, value = _plain_name(field.name), _number_text(field.value)
    there = _OFFICE.search(name)
    if not there and work_models_in(name) != {WorkplaceType.REMOTE}:
        return ""
    share = "100%" if _WHOLLY.fullmatch(value) else "50%" if _PARTLY.fullmatch(value) else value
    days = f"{share.removesuffix('.0')} days" if _COUNT.fullmatch(share) else share
    return f"{days} {'in office' if there else 'remote'}" if any(map(str.isdigit, days)) else ""


def _switched(field: Metadata) -> str:
    """What a switch that is on says by its name: "Remote?" does, "Remote stipend" is about something else."""
    value = field.value.strip().casefold() if isinstance(field.value, str) else field.value
    if not (value is True or (isinstance(value, str) and value in _YES)):
        return ""
    name = _plain_name(field.name)
    return name if is_apart(name) else ""


def _parts(value: Any) -> list[str]:
    """The texts of a value; of a person, which comes as an object, the name."""
    value = value.get("name") if isinstance(value, dict) else value
    parts = value if isinstance(value, list | tuple) else [value]
    return [part for part in parts[:50] if isinstance(part, str)]


def _labels(field: Metadata) -> list[str]:
    """What a field says as tags: a switch that is on says its name, a number itself."""
    match field.value:
        case bool():
            return [field.name or ""] if field.value else []
        case int() | float():
            return [f"{field.value:.10g}"]
        case str() if field.value_type == "number":
            return [_NO_FRACTION.sub("", field.value)]
    return _parts(field.value)


def _texts(value: Any) -> list[str]:
    return each_once(cut_line(part, 200) for part in _parts(value) if not is_placeholder(part))


def _tags(field: Metadata) -> list[str]:
    tags = (tag for part in _labels(field) for tag in _BETWEEN_TAGS.split(part[:2_000]))
    return each_once(cut_line(tag, LONGEST_TAG) for tag in tags if not is_placeholder(tag))[:MOST_TAGS]


def day_in(value: Any) -> str | None:
    """The date that a text begins with, as ISO writes it."""
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]).isoformat() if found else None
    except ValueError:
        return None


def words_of(value: Any) -> str:
    """The words of a value of any shape; nothing for numbers, switches and objects."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, list | tuple):
        return " / ".join(part[:200] for part in value[:20] if isinstance(part, str))
    return ""
