"""Which fields of an imported job follow Greenhouse, which values they take, how a change of one reads."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from portal.domain.descriptions.clean import text_of
from portal.domain.jobs.fields import FIELDS
from portal.domain.jobs.values import Field, Values, as_json
from portal.domain.sync.prefill import AI_NOTICE

DESCRIPTION: Final = "description"
_LABELS: Final = {
    "title": "Title",
    "external_id": "Post in Greenhouse",
    DESCRIPTION: "Description",
    "apply_url": "Apply link",
    "requisition_id": "Requisition",
    "language": "Language",
    AI_NOTICE: "Notice on automated tools",
    "departments": "All departments in Greenhouse",
    "offices": "Offices in Greenhouse",
}


def label_of(name: str, *, followed: bool = False) -> str:
    """Return what a field of a change is called; one that did not follow is only compared with."""
    if name in _LABELS:
        return _LABELS[name]
    if name not in FIELDS:
        return name.replace("_", " ").capitalize()
    return FIELDS[name].label if followed else f"{FIELDS[name].label} in Greenhouse"


def value_words(name: str, value: Any) -> str:
    """Return a value as people read it; empty where Greenhouse says nothing."""
    if value is None:
        return ""
    if name in FIELDS:
        return FIELDS[name].display(source_columns(FIELDS[name], value))
    if isinstance(value, Mapping):
        return " · ".join(text_of(part) for part in map(str, filter(None, value.values())))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def said_columns(field: Field, source_values: Mapping[str, Any]) -> Values | None:
    """The columns as Greenhouse would have them; ``None`` where it says nothing of the field."""
    value = source_values.get(field.name)
    return None if value is None else source_columns(field, value)


def source_columns(field: Field, value: Any) -> Values:
    """A value that Greenhouse gave, as columns: dates come as text, salaries as several columns."""
    if isinstance(value, Mapping):
        return {name: value.get(name) for name in field.columns}
    if field.name == "closes_on" and isinstance(value, str):
        value = date.fromisoformat(value)
    return {field.columns[0]: value}


FOLLOWABLE: Final = (
    "location",
    "workplace_type",
    "employment_type",
    "department",
    "seniority",
    "salary",
    "closes_on",
    "hiring_manager",
    "tags",
)
"""The fields that Greenhouse may say something of. A field's place is that of its bit: new ones come last."""

ALL_FOLLOW: Final = (1 << len(FOLLOWABLE)) - 1
"""Every field follows, as in a job that was just imported."""

FOLLOWABLE_COLUMNS: Final = tuple(column for name in FOLLOWABLE for column in FIELDS[name].columns)


def bit_of(name: str) -> int:
    """The bit of a field; 0 for one that Greenhouse knows nothing of."""
    return 1 << FOLLOWABLE.index(name) if name in FOLLOWABLE else 0


def is_following(follows: int, name: str) -> bool:
    """Whether a job's field follows Greenhouse."""
    return bool(follows & bit_of(name))


def with_following(follows: int, name: str, following: bool) -> int:
    """The number with this field following, or own."""
    return follows | bit_of(name) if following else follows & ~bit_of(name)


def columns_to_follow(field: Field, source_values: Mapping[str, Any]) -> Values | None:
    """The columns that a field takes when it follows; ``None`` where it stays as it is.

    Greenhouse saying nothing empties no field but the closing date: no deadline there is none here.
    """
    said = said_columns(field, source_values)
    if said is None and field.name == "closes_on":
        return {"closes_on": None}
    return said


def followed_values(
    follows: int, row: Mapping[str, Any], source_values: Mapping[str, Any]
) -> dict[str, Values]:
    """The columns that a sync has to write, by the field that follows and says something else so far."""
    found: dict[str, Values] = {}
    for name in FOLLOWABLE:
        values = columns_to_follow(FIELDS[name], source_values) if is_following(follows, name) else None
        if values is not None and any(row[column] != value for column, value in values.items()):
            found[name] = values
    return found


def reread_values(
    follows: int, row: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Values]:
    """``followed_values`` where posts are read in another way than ``before``: with other settings, say.

    A field that holds what was read of the post before, and of which nothing is read any more, is emptied:
    it is not Greenhouse that no longer says it.
    """
    found = followed_values(follows, row, after)
    for name in FOLLOWABLE:
        held = None if name in after else said_columns(FIELDS[name], before)
        if held is None or name in found or not is_following(follows, name):
            continue
        if all(row[column] == value for column, value in held.items()):
            found[name] = FIELDS[name].parse("")
    return found


def restored_values(field: Field, before: Values, source_values: Mapping[str, Any] | None) -> Values:
    """The columns that undoing an edit gives back; what Greenhouse says by now where the field follows it.

    ``source_values`` is ``None`` where it does not.
    """
    now = None if source_values is None else columns_to_follow(field, source_values)
    return before if now is None else now


def as_source_value(field: Field, columns: Mapping[str, Any]) -> Any:
    """A field's columns in the form in which ``source_values`` hold it: JSON, ``None`` where it is empty."""
    values = as_json({name: columns[name] for name in field.columns})
    if len(values) == 1:
        return values[field.columns[0]] or None
    return values if any(value is not None for value in values.values()) else None
