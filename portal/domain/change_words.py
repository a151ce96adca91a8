"""What a sync changes of a job, in words: what each field is called, and its values as people read them."""

from typing import Any, Final

from portal.domain.job_fields import FIELDS
from portal.domain.source_says import source_columns

DESCRIPTION: Final = "description"
_LABELS: Final = {
    "title": "Title",
    DESCRIPTION: "Description",
    "apply_url": "Apply link",
    "requisition_id": "Requisition",
    "departments": "All departments in Greenhouse",
    "offices": "Offices in Greenhouse",
}


def label_of(name: str) -> str:
    """Return what a field of a change is called; the organisation's columns are only compared with."""
    if name in _LABELS:
        return _LABELS[name]
    return f"{FIELDS[name].label} in Greenhouse" if name in FIELDS else name.replace("_", " ").capitalize()


def value_words(name: str, value: Any) -> str:
    """Return a value as people read it; empty where Greenhouse says nothing."""
    if value is None:
        return ""
    if name in FIELDS:
        return FIELDS[name].display(source_columns(FIELDS[name], value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
