"""A field of a job being edited, and what stands in its cell while it is not."""

from dataclasses import dataclass, replace
from typing import Final

from flask import render_template, request
from markupsafe import Markup

from portal.actions.edit_field import Conflict
from portal.domain.job_fields import EDITED_FIELDS, EditorKind, Field
from portal.domain.word_diff import Passage, word_diff
from portal.models import Job, Organisation
from portal.web.jobs.offers import offered
from portal.web.jobs.rows import Cell, cell, field_address, job_row, place_of
from portal.web.templating import draw

IN_ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Editor:
    """A field being edited. ``theirs`` is set when somebody saved it meanwhile: their name and value.

    Of a text of several lines ``passages`` are then what saving this one would make of theirs.
    """

    job: Job
    field: Field
    cell: Cell
    address: str
    text: str
    version: int
    error: str = ""
    theirs: tuple[str, str] | None = None
    passages: tuple[Passage, ...] = ()
    options: tuple[str, ...] = ()
    preview: Markup | None = None
    must_choose: bool = False

    @property
    def can_be_empty(self) -> bool:
        """Whether its choices include none."""
        return self.field.kind is EditorKind.CHOICE and not self.field.required

    @property
    def id(self) -> str:
        """What the ids of its elements begin with."""
        return f"edit-{self.job.id}-{self.field.name}"

    @property
    def is_tall(self) -> bool:
        """Whether it has several lines."""
        return self.field.kind in (EditorKind.LONG_TEXT, EditorKind.MARKDOWN)


def editor_of(
    org: Organisation,
    job: Job,
    field: Field,
    text: str,
    version: int,
    *,
    error: str = "",
    theirs: tuple[str, str] | None = None,
) -> Editor:
    """Return the editor of a field, filled with ``text``."""
    return Editor(
        job=job,
        field=field,
        cell=cell(job, field, org.slug),
        address=field_address(org.slug, job.id, field.name) + ("?in=row" if _in_row() else ""),
        text=text,
        version=version,
        error=error,
        theirs=theirs,
        options=offered(org.id, field.name),
    )


def blank_editor() -> Editor:
    """Return the editor of a text, of no job yet: the page's script fills it in from a cell that it opens."""
    field = Field("", "", EditorKind.TEXT, "")
    blank = Cell("", "", "", "", "", "", "")
    return Editor(job=Job(id=0, title=""), field=field, cell=blank, address="", text="", version=0)


def editor_kinds() -> dict[str, EditorKind]:
    """Return which kind of editor each field has."""
    return {name: field.kind for name, field in EDITED_FIELDS.items()}


def conflicting_editor(org: Organisation, conflict: Conflict, text: str) -> Editor:
    """Return what somebody typed, beside what somebody else saved meanwhile; saving again is from there."""
    user = conflict.theirs.user if conflict.theirs else None
    name = (user.name or user.email) if user else "Somebody"
    theirs = conflict.field.display(conflict.job)
    editor = editor_of(org, conflict.job, conflict.field, text, conflict.version, theirs=(name, theirs))
    if not editor.is_tall or not theirs:
        return editor
    return replace(editor, passages=tuple(word_diff(conflict.field.read(conflict.job), text)))


def cell_content(org: Organisation, job: Job, field: Field) -> Markup:
    """Return what stands in the field's cell while nobody edits it: what the row itself shows there."""
    if field.name == "title" and _in_row():
        return draw("partials/jobs/list/_title.html", "title", job_row(job, place_of(org), ()))
    if field.kind is not EditorKind.MARKDOWN:
        return draw("partials/jobs/list/_value.html", "value", cell(job, field, org.slug))
    page = render_template(
        "partials/jobs/panel/_description.html",
        address=field_address(org.slug, job.id, field.name),
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
    )
    return Markup(page)  # noqa: S704 - a template's own output


def _in_row() -> bool:
    return request.args.get("in") == IN_ROW
