"""The value that many jobs are to have, being typed."""

from dataclasses import dataclass
from typing import Final

from portal.domain.job_fields import FIELDS, EditorKind, Field
from portal.models import Organisation
from portal.web.jobs.offers import offered

SETTABLE: Final = tuple((name, field.label) for name, field in FIELDS.items() if name != "featured")
"""Name and label of each field that many jobs can be given a value in, in their order."""

_SAID = ("location", "workplace_type", "employment_type", "department", "seniority", "salary", "closes_on")
SAID: Final = tuple((name, FIELDS[name].label) for name in _SAID)
"""Those of which Greenhouse may say something."""


@dataclass(frozen=True, slots=True)
class BulkValue:
    """What the editor of one value shows; nobody else can be at it."""

    field: Field
    text: str
    error: str
    options: tuple[str, ...]
    id: str = "bulk-value"
    theirs: None = None
    must_choose: bool = True
    """No job's value is there to begin with, and what nobody chose must not be set."""

    @property
    def can_be_empty(self) -> bool:
        """Whether its choices include none."""
        return self.field.kind is EditorKind.CHOICE and not self.field.required

    @property
    def is_tall(self) -> bool:
        """Whether it has several lines."""
        return self.field.kind is EditorKind.LONG_TEXT


def bulk_value(org: Organisation, name: str, *, text: str, error: str) -> BulkValue:
    """Return the editor of a value for many jobs."""
    return BulkValue(FIELDS[name], text, error, offered(org.id, name))
