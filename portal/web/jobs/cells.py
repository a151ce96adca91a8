"""The cells of Manage jobs: what a field shows, and whether it follows Greenhouse."""

from dataclasses import dataclass
from typing import Final

from flask import url_for
from markupsafe import Markup

from portal.actions.jobs.edit import is_followable
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.domain.jobs.values import Field
from portal.domain.sync.following import is_following, said_columns
from portal.models import Job
from portal.store.connections import is_prefilling
from portal.web.templating import speech

NO_SPEECH: Final = Markup()
FOLLOWS: Final = "Follows Greenhouse"
EDITED: Final = "Yours: no sync changes it"
ACCEPTED: Final = "Yours: the difference from Greenhouse is kept"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field: what it shows (perhaps nothing), where it is edited, what Greenhouse says instead.

    ``whose`` says whether it follows Greenhouse or was edited here, where Greenhouse has a say in it.
    ``speech`` are the attributes that say the language of what it shows.
    """

    name: str
    label: str
    job_title: str
    display: str
    empty_label: str
    address: str
    says: str
    whose: str = ""
    can_follow: bool = False
    can_keep: bool = False
    speech: Markup = NO_SPEECH

    @property
    def is_own(self) -> bool:
        """Whether somebody edited what Greenhouse says too."""
        return self.whose in (EDITED, ACCEPTED)

    @property
    def is_number(self) -> bool:
        """Whether its figures should stand in line with those above and below."""
        return self.name in ("salary", "closes_on")

    @property
    def full_label(self) -> str:
        """The field with its job: buttons of a hundred cells are otherwise named alike."""
        return f"{self.label} of {self.job_title}"

    @property
    def button_label(self) -> str:
        """The accessible name of the cell's button; it contains the text that is seen."""
        return f"{self.full_label}: {self.display or self.empty_label[:1].lower() + self.empty_label[1:]}"


def cell(job: Job, field: Field, slug: str) -> Cell:
    """Return one field of ``job``."""
    return job_cell(job, field, fields_address(slug, job.id), prefills=is_prefilling(job.organisation_id))


def job_cell(job: Job, field: Field, address: str, *, prefills: bool, in_panel: bool = False) -> Cell:
    """One field; the panel shows also a difference that was accepted, and lets what is alike follow again."""
    display = field.display(job)
    whose = _whose(job, field, display, prefills=prefills)
    says = greenhouse_says(job, field, display) if in_panel or whose != ACCEPTED else ""
    return Cell(
        name=field.name,
        label=field.label,
        job_title=job.title,
        display=display,
        empty_label=field.empty_label,
        address=address + field.name,
        says=says,
        whose=whose,
        can_follow=bool(says) or (in_panel and whose == EDITED),
        can_keep=bool(says) and whose == EDITED,
        speech=speech(display, job.language) if display and field.is_in_words else NO_SPEECH,
    )


def panel_cells(job: Job, slug: str) -> list[Cell]:
    """Return every editable field of ``job`` but its description, in the order of the registry."""
    fields = list(FIELDS.values())
    if not job.imported:
        fields = [field for name, field in OWN_FIELDS.items() if name != "description"] + fields
    address, prefills = fields_address(slug, job.id), is_prefilling(job.organisation_id)
    return [job_cell(job, field, address, prefills=prefills, in_panel=True) for field in fields]


def _whose(job: Job, field: Field, display: str, *, prefills: bool) -> str:
    """Whose word a field is; nothing where Greenhouse has no say in it."""
    is_said = is_followable(job, field.name) and (job.source_values or {}).get(field.name) is not None
    if is_said and is_following(job.follows, field.name):
        return FOLLOWS if prefills else ""
    if is_said and job.accepted_differences.get(field.name) == job.source_values[field.name]:
        return ACCEPTED
    ends_here = field.name == "closes_on" and display and not is_following(job.follows, field.name)
    return EDITED if is_said or (ends_here and job.imported) else ""


def greenhouse_says(job: Job, field: Field, display: str) -> str:
    """Return Greenhouse's value where it is another than ``display``."""
    columns = said_columns(field, job.source_values) if job.imported and job.source_values else None
    said = field.display(columns) if columns else ""
    return said if said != display else ""


def field_address(slug: str, job_id: int, name: str) -> str:
    """Return where a field is edited."""
    return fields_address(slug, job_id) + name


def fields_address(slug: str, job_id: int) -> str:
    """Return what the addresses of a job's fields begin with: built once a row, since a list has hundreds."""
    return url_for("jobs.edit_field", org=slug, job_id=job_id, field="-").removesuffix("-")
