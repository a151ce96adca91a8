"""What a sync changes of a job, in words: what each field is called, and its values as people read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from portal.domain.descriptions.clean import text_of
from portal.domain.jobs.fields import FIELDS
from portal.domain.jobs.values import Field, Values
from portal.domain.sync.notices import AI_NOTICE

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
