"""The editor of one field of one job, the input of a value for many jobs, and what they suggest."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from flask import render_template, request
from flask_login import current_user
from markupsafe import Markup

from portal.actions.jobs.edit import Conflict, is_followable
from portal.domain.descriptions.diff import Passage, word_diff
from portal.domain.jobs.fields import EDITED_FIELDS, FIELDS, OWN_FIELDS
from portal.domain.jobs.values import EditorKind, Field
from portal.domain.texts import InvalidValue, each_once
from portal.models import Job, Organisation
from portal.store.accounts.members import names_of_members
from portal.store.shortcuts import used_tags, used_values
from portal.web.jobs.cells import IN_PANEL, NO_SPEECH, Cell, cell, field_address
from portal.web.templating import speech

OFFERED: Final = frozenset({"location", "department", "seniority", "hiring_manager"})


def offered(organisation_id: int, name: str) -> tuple[str, ...]:
    """Return what may be chosen besides typing something else."""
    if name == "tags":
        return tuple(used_tags(organisation_id))
    if name not in OFFERED:
        return ()
    used = used_values(organisation_id, name)[name]
    members = names_of_members(organisation_id) if name == "hiring_manager" else []
    return tuple(each_once([*members, *used]))


IN_ROW: Final = "row"


@dataclass(frozen=True, kw_only=True)
class ValueInput:
    """The input of one value: what stands in it, what it suggests, and why the last one was refused.

    ``must_choose``: no value is there to begin with, and what nobody chose must not be set.
    """

    field: Field
    text: str
    error: str = ""
    options: tuple[str, ...] = ()
    must_choose: bool = False
    theirs: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        """What the ids of its elements begin with."""
        return "bulk-value"

    @property
    def speech(self) -> Markup:
        """The attributes that say the language of what is typed."""
        return speech("")

    @property
    def can_be_empty(self) -> bool:
        """Whether its choices include none."""
        return self.field.kind is EditorKind.CHOICE and not self.field.required

    @property
    def is_tall(self) -> bool:
        """Whether it has several lines."""
        return self.field.kind in (EditorKind.LONG_TEXT, EditorKind.MARKDOWN)


@dataclass(frozen=True, kw_only=True)
class Editor(ValueInput):
    """A field of one job being edited. ``theirs``: who saved it meanwhile, and the value.

    Of a text of several lines ``passages`` are then what saving this one would make of theirs.
    """

    job: Job
    cell: Cell
    address: str
    version: int
    passages: tuple[Passage, ...] = ()
    preview: Markup | None = None

    @property
    def id(self) -> str:
        """What the ids of its elements begin with."""
        return f"edit-{self.job.id}-{self.field.name}"

    @property
    def speech(self) -> Markup:
        """The attributes that say the language of what is typed."""
        return speech(self.text, self.job.language) if self.field.is_in_words else NO_SPEECH

    @property
    def seen(self) -> str | None:
        """The text that is stored now, which a sync may change while the editor is open."""
        return self.field.read(self.job) if is_followable(self.job, self.field.name) else None


def bulk_input(org: Organisation, name: str, *, text: str, error: str) -> ValueInput:
    """Return the input of a value for many jobs."""
    options = offered(org.id, name)
    return ValueInput(field=FIELDS[name], text=text, error=error, options=options, must_choose=True)


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
        cell=cell(job, field),
        address=field_address(org.slug, job.id, field.name) + (f"?in={place()}" if place() else ""),
        text=text,
        version=version,
        error=error,
        theirs=theirs,
        options=offered(org.id, field.name),
    )


AT_ONCE: Final = frozenset({EditorKind.TEXT, EditorKind.TAGS, EditorKind.DATE, EditorKind.SALARY})


@cache  # it is the same for everybody: the token comes with htmx's headers
def blank_editor() -> Markup:
    """Return the editor of a text, of no job yet: the page's script fills it in from a cell that it opens."""
    field = Field("", "", EditorKind.TEXT, "")
    blank = Cell("", "", "", "", 0, "")
    editor = Editor(job=Job(id=0, title=""), field=field, cell=blank, address="", text="", version=0)
    kinds = {
        name: "list" if name in OFFERED else field.kind
        for name, field in EDITED_FIELDS.items()
        if field.kind in AT_ONCE
    }
    page = render_template("partials/jobs/editor/_blank.html", editor=editor, kinds=kinds)
    return Markup(page)  # noqa: S704 - a template's own output


def conflicting_editor(org: Organisation, conflict: Conflict, text: str) -> Editor:
    """Return the editor with what was typed beside what was saved meanwhile; it saves over the latter."""
    theirs = (_who(conflict), conflict.field.display(conflict.job))
    editor = editor_of(org, conflict.job, conflict.field, text, conflict.version, theirs=theirs)
    if not editor.is_tall or not theirs[1]:
        return editor
    return replace(editor, passages=tuple(word_diff(conflict.field.read(conflict.job), text)))


def _who(conflict: Conflict) -> str:
    """Return who saved the field meanwhile: often the same person, in a tab that they forgot."""
    user = conflict.theirs.user if conflict.theirs else None
    if conflict.theirs is None or user is None:
        return "Greenhouse" if conflict.by_sync else "Somebody"
    is_own = user.id == current_user.user_id and conflict.theirs.token_name is None
    return "You, in another tab," if is_own else user.name or user.email


def place() -> str:
    """Where the editor stands, if that matters: in a row's title, or in the panel."""
    asked = request.args.get("in", "")
    return asked if asked in (IN_ROW, IN_PANEL) else ""


def previewed(typed: str) -> Markup:
    """Return what would be shown of a typed description, or why it cannot be kept."""
    try:
        html = OWN_FIELDS["description"].parse(typed)["description_html"]
    except InvalidValue as error:
        return Markup('<p class="error">{}</p>').format(str(error))
    return Markup(html or '<p class="quiet">Nothing to show yet.</p>')  # noqa: S704 - cleaned by the field
