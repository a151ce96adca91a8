"""What Greenhouse says of a field of a job, beside what the organisation made of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.domain.editors import Field, Values


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
