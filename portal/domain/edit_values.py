"""Column values as edits keep them: JSON knows no dates and no moments."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

_READ_BACK: Final = {
    "closes_on": date.fromisoformat,
    "closed_at": datetime.fromisoformat,
    "deleted_at": datetime.fromisoformat,
}


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return column values as JSON keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an edit kept as column values."""
    return {
        name: _READ_BACK[name](value) if name in _READ_BACK and value else value
        for name, value in values.items()
    }
