"""The cells of Manage jobs: what a field shows, and whether it follows Greenhouse."""

from dataclasses import dataclass
from typing import Final

from flask import url_for
from markupsafe import Markup

from portal.actions.jobs.edit import is_followable
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.domain.jobs.values import Field
from portal.domain.languages import PAGE_LANGUAGE, holds_right_to_left
from portal.domain.sync.following import is_following, said_columns
from portal.models import Job
from portal.store.connections import is_prefilling
from portal.web.templating import speech

NO_SPEECH: Final = Markup()
FOLLOWS: Final = "Follows Greenhouse"
EDITED: Final = "Yours: no sync changes it"
IN_PANEL: Final = "panel"
ACCEPTED: Final = "Yours: the difference from Greenhouse is kept"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field: what it shows (perhaps nothing), of which job it is, what Greenhouse says instead.

    ``whose`` says whether it follows Greenhouse or was edited here, where Greenhouse has a say in it.
    ``speech`` are the attributes that say the language of what it shows.
    """

    name: str
    label: str
    display: str
    empty_label: str
    job_id: int
    says: str
    whose: str = ""
    can_follow: bool = False
    can_keep: bool = False
    in_panel: bool = False
    speech: Markup = NO_SPEECH

    @property
    def is_own(self) -> bool:
        """Whether somebody edited what Greenhouse says too."""
        return self.whose in (EDITED, ACCEPTED)

    @property
    def short_label(self) -> str:
        """The field's name where it has the room of one word or two."""
        return _SHORT_LABELS.get(self.name, self.label)

    @property
    def offer_label(self) -> str:
        """What Greenhouse says, for the button that offers it."""
        return f"Greenhouse: {self.says}" if self.says else "Greenhouse says the same"


def row_speech(text: str, language: str | None) -> Markup:
    """The attributes of ``speech`` where they change anything: a list has hundreds of texts."""
    plain = language in (None, PAGE_LANGUAGE) and not holds_right_to_left(text)
    if plain:
        return NO_SPEECH
    return speech(text, language) if holds_right_to_left(text) else Markup(' lang="{}"').format(language)


def cell(job: Job, field: Field, *, in_panel: bool = False) -> Cell:
    """Return one field of ``job``."""
    prefills = is_following(job.follows, field.name) and is_prefilling(job.organisation_id)
    return job_cell(job, field, prefills=prefills, in_panel=in_panel)


def job_cell(job: Job, field: Field, *, prefills: bool, in_panel: bool = False) -> Cell:
    """One field; the panel shows also a difference that was accepted, and lets what is alike follow again."""
    display = field.display(job)
    whose = _whose(job, field, display, prefills=prefills)
    says = greenhouse_says(job, field, display) if in_panel or whose != ACCEPTED else ""
    return Cell(
        name=field.name,
        label=field.label,
        display=display,
        empty_label=field.empty_label,
        job_id=job.id,
        says=says,
        whose=whose,
        can_follow=bool(says) or (in_panel and whose == EDITED),
        can_keep=bool(says) and whose == EDITED,
        in_panel=in_panel,
        speech=row_speech(display, job.language) if display and field.is_in_words else NO_SPEECH,
    )


PANEL_GROUPS: Final = {
    "Basics": (
        "title",
        "department",
        "location",
        "workplace_type",
        "employment_type",
        "seniority",
        "hiring_manager",
        "tags",
    ),
    "Pay": ("salary", "salary_visible"),
    "Publishing": ("visibility", "featured", "closes_on", "apply_url"),
    "Summary": ("summary",),
}
"""The fields of the panel under their headings; the description stands apart."""
_SHORT_LABELS: Final = {
    "hiring_manager": "Manager",
    "salary_visible": "On the page",
    "apply_url": "Apply link",
}


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields of the panel that stand under one heading."""

    heading: str
    cells: list[Cell]


def panel_groups(job: Job) -> list[FieldGroup]:
    """Return every editable field of ``job`` but its description, under the headings of the panel."""
    fields = FIELDS if job.imported else {**FIELDS, **OWN_FIELDS}
    prefills = is_prefilling(job.organisation_id)
    return [
        FieldGroup(
            heading,
            [
                job_cell(job, fields[name], prefills=prefills, in_panel=True)
                for name in names
                if name in fields
            ],
        )
        for heading, names in PANEL_GROUPS.items()
    ]


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
    return url_for("jobs.edit_field", org=slug, job_id=job_id, field=name)
