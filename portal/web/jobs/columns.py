"""The columns of Manage jobs: which there are, and which of them the person asking wants to see."""

from typing import Final

from flask import g

from portal.domain.job_fields import FIELDS

FIELD_COLUMNS: Final = (
    "department",
    "location",
    "workplace_type",
    "employment_type",
    "salary",
    "seniority",
    "hiring_manager",
    "tags",
    "closes_on",
    "featured",
)
COLUMNS: Final = {
    **{name: FIELDS[name].label for name in FIELD_COLUMNS},
    "requisition_id": "Requisition",
    "state": "State",
    "changed_at": "Changed",
}
"""Name and label of each column that can be left out: all but the title, in their order."""

USUAL: Final = frozenset(
    {"department", "location", "workplace_type", "employment_type", "salary", "state", "changed_at"}
)
PREFERENCE: Final = "columns"


def chosen_columns() -> tuple[str, ...]:
    """Return the columns that the member asking has chosen for this organisation, or the usual ones."""
    membership = g.get("membership")
    kept = membership.preferences.get(PREFERENCE) if membership else None
    chosen = USUAL if kept is None else frozenset(kept)
    return tuple(name for name in COLUMNS if name in chosen)


def headings(columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return name and label of each heading of the table."""
    return [("title", "Title"), *((name, COLUMNS[name]) for name in columns)]
