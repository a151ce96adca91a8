"""What a newer answer changes of a stored job, field by field."""

from collections.abc import Mapping
from typing import Any

FieldChange = dict[str, Any]
"""``field``, ``before`` and ``after``; a description's ``after`` is left out: it stands in the job."""

PLAIN_COLUMNS = ("title", "apply_url", "requisition_id")
UNSEEN_COLUMNS = ("internal_job_id", "language", "source_updated_at", "source_hash")
COMPARED_COLUMNS = (*PLAIN_COLUMNS, "description_html", "source_values")


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], *, whole: bool = False
) -> list[FieldChange]:
    """Compare two rows of Greenhouse's columns; empty when nothing that anybody sees has changed.

    ``whole`` keeps the new description beside the old one, for a change that is not carried out.
    """
    changes = [
        _change(name, before[name], after[name]) for name in PLAIN_COLUMNS if before[name] != after[name]
    ]
    if before["description_html"] != after["description_html"]:
        change = _change("description", before["description_html"], after["description_html"])
        changes.append(change if whole else {key: change[key] for key in ("field", "before")})
    old, new = before["source_values"] or {}, after["source_values"]
    names = dict.fromkeys([*old, *new])
    return changes + [
        _change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    ]


def _change(name: str, before: Any, after: Any) -> FieldChange:
    return {"field": name, "before": before, "after": after}
