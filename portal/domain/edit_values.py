"""Column values as edits keep them: JSON knows no dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

_DATES: Final = frozenset({"closes_on"})


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return column values as JSON keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an edit kept as column values."""
    return {
        name: date.fromisoformat(value) if name in _DATES and value else value
        for name, value in values.items()
    }
