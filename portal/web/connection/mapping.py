"""The custom fields of a board as Greenhouse settings show them, and what another choice would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from portal.actions.sync.mapping import (
    JobPreview,
    MappingPreview,
    board_fields,
    mapping_of,
    new_mapping,
    preview_mapping,
)
from portal.domain.jobs.fields import FIELDS
from portal.domain.sync.custom_fields import NOTHING, CustomField, FieldMapping
from portal.domain.sync.following import label_of, value_words
from portal.domain.sync.metadata import Column, field_key
from portal.models import Connection
from portal.store.connections import count_without_type
from portal.web.connection.forms import DefaultTypeForm

COLUMNS: Final = ((NOTHING, "Nothing"), *((column.value, FIELDS[column].label) for column in Column))
OUT_OF_DATE: Final = "The list of fields was not sent whole. Nothing was saved: choose again."
NO_SUCH_COLUMN: Final = "Choose one of the columns, or nothing. Nothing was saved."
FEW: Final = 12


class BadChoice(ValueError):
    """What was sent is no choice of the form; ``str()`` says so."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One custom field with the column it feeds; ``guess`` is the one it feeds by its name."""

    field: CustomField
    column: str
    guess: str

    @property
    def more(self) -> int:
        """How many values are not shown."""
        return max(0, self.field.distinct - len(self.field.values))


@dataclass(frozen=True, slots=True)
class Said:
    """One value that would change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One job that would change."""

    job_id: int
    title: str
    fields: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a mapping would change, in words."""

    preview: MappingPreview
    fields: tuple[tuple[str, int], ...]
    rows: tuple[PreviewRow, ...]


@dataclass(frozen=True, slots=True)
class MappingView:
    """The section of the settings: ``rows`` feed something or are chosen, ``rest`` feeds nothing so far.

    ``is_read`` says that the board was read, ``without_type`` counts its jobs that have none. ``preview`` is
    there once it was asked for.
    """

    is_read: bool
    rows: tuple[FieldRow, ...]
    rest: tuple[FieldRow, ...]
    more: int
    without_type: int
    form: DefaultTypeForm
    preview: PreviewView | None = None
    is_open: bool = False


def mapping_view(
    connection: Connection,
    mapping: FieldMapping | None = None,
    form: DefaultTypeForm | None = None,
    preview: PreviewView | None = None,
) -> MappingView:
    """Return the view of the field mapping, as it is stored or as somebody is about to change it."""
    chosen = mapping or mapping_of(connection)
    known = board_fields(connection)
    all_rows = [_row(each, chosen) for each in known.fields] if known else []
    stored = mapping_of(connection)
    fed = [row for row in all_rows if _is_fed(row, stored)]
    rest = [row for row in all_rows if not _is_fed(row, stored)]
    if len(all_rows) <= FEW:
        fed, rest = fed + rest, []
    if form is None:
        form = DefaultTypeForm(formdata=None, default_employment_type=chosen.default_type or "")
    is_open = any(row.column != NOTHING for row in rest)
    lacking = count_without_type(connection.organisation_id, connection.board_token)
    more = known.more if known else 0
    return MappingView(known is not None, tuple(fed), tuple(rest), more, lacking, form, preview, is_open)


def _is_fed(row: FieldRow, stored: FieldMapping) -> bool:
    return bool(row.guess or row.field.column(stored.choices))


def _row(field: CustomField, mapping: FieldMapping) -> FieldRow:
    return FieldRow(field, field.column(mapping.choices) or NOTHING, field.guess or NOTHING)


def sent_mapping(connection: Connection, sent: MultiDict[str, str], form: DefaultTypeForm) -> FieldMapping:
    """Return the mapping that was sent; what was not sent stays as it is. Raises ``BadChoice``."""
    default = form.default_type
    if form.default_employment_type.name not in sent:
        default = mapping_of(connection).default_type
    return new_mapping(connection, _sent_choices(sent), default)


def _sent_choices(sent: MultiDict[str, str]) -> Mapping[str, Column | None]:
    names, columns = sent.getlist("field"), sent.getlist("column")
    if len(names) != len(columns):
        raise BadChoice(OUT_OF_DATE)
    if not set(columns) <= dict(COLUMNS).keys():
        raise BadChoice(NO_SUCH_COLUMN)
    return {
        field_key(name): Column(column) if column else None
        for name, column in zip(names, columns, strict=True)
    }


def preview_of(connection: Connection, mapping: FieldMapping) -> PreviewView:
    """Return what a mapping would change."""
    found = preview_mapping(connection, mapping)
    fields = tuple((label_of(name, followed=True), jobs) for name, jobs in found.fields.most_common())
    return PreviewView(found, fields, tuple(map(_preview_row, found.jobs)))


def _preview_row(job: JobPreview) -> PreviewRow:
    said = (
        Said(
            label_of(each["field"], followed=True),
            value_words(each["field"], each["before"]),
            value_words(each["field"], each["after"]),
        )
        for each in job.fields
    )
    return PreviewRow(job.job_id, job.title, tuple(said))
