"""Edit one field of one job: parse what was typed, check the version, record the edit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from portal.actions.changing import changing
from portal.db import write
from portal.domain.jobs.fields import FIELDS, GREENHOUSE_FIELDS, OWN_FIELDS, known_as
from portal.domain.jobs.salary_text import CurrencyMissing
from portal.domain.jobs.values import EditorKind, Field, Row, Values, as_json
from portal.domain.sync.changes import said_columns
from portal.domain.texts import InvalidValue
from portal.models import Edit, Job
from portal.store.edits import job_to_edit, last_edit, record_edit
from portal.store.job_columns import set_columns
from portal.store.jobs import job_of, usual_currency
from portal.store.people import membership_of

T = TypeVar("T")


def parse_value(organisation_id: int, field: Field, text: str, row: Row | None = None) -> Values:
    """Return the columns to store; raises ``InvalidValue``, a sentence for the field.

    A salary without a currency is in that of ``row``, the job being edited, or else in the one that
    the organisation uses most, which is looked up only then.
    """
    return with_usual_currency(organisation_id, lambda lent: field.parse(text, lent or row))


def with_usual_currency(organisation_id: int, parse: Callable[[Row | None], T]) -> T:
    """Return what ``parse`` makes of a text, lent the organisation's currency where it lacks one."""
    try:
        return parse(None)
    except CurrencyMissing:
        currency = usual_currency(organisation_id)
        if currency is None:
            raise
        return parse({"salary_currency": currency})


class NoSuchField(LookupError):
    """The job, or a field of that name, does not exist in this organisation."""


class EditedInGreenhouse(Exception):
    """Title, description and link of an imported job are Greenhouse's."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The {field.replace('_', ' ')} comes from Greenhouse: edit it in Greenhouse.")


@dataclass(eq=False)
class Conflict(Exception):
    """Somebody saved the field since the editor was opened. ``theirs`` is what stands now."""

    job: Job
    field: Field
    version: int
    theirs: Edit | None


@dataclass(frozen=True, slots=True)
class Saved:
    """The job as it is now, the field, and the edit that was recorded, if anything changed."""

    job: Job
    field: Field
    edit_id: int | None


def editable_field(job: Job | None, name: str) -> Field:
    """Return the field of that name; raises ``NoSuchField`` or ``EditedInGreenhouse``."""
    name = known_as(name)
    if job is None:
        raise NoSuchField(name)
    if job.imported and name in GREENHOUSE_FIELDS:
        raise EditedInGreenhouse(name)
    if job.imported and name not in FIELDS:
        raise NoSuchField(name)
    return _field_named(name)


def _field_named(name: str) -> Field:
    field = FIELDS.get(name) or OWN_FIELDS.get(name)
    if field is None:
        raise NoSuchField(name)
    return field


def edit_field(
    organisation_id: int, job_id: int, name: str, text: str, version: int, user_id: int | None
) -> Saved:
    """Save what a person typed; an unchanged value counts no edit.

    ``version`` is the one the editor was opened with. Raises ``NoSuchField``, ``EditedInGreenhouse``,
    ``InvalidValue`` (with a sentence for the field) or ``Conflict``.
    """
    values = _parsed(organisation_id, job_id, name, text)
    with changing(organisation_id) as change:
        job, current = job_to_edit(organisation_id, job_id, known_as(name))
        field = editable_field(job, name)
        assert job is not None  # noqa: S101 - editable_field refuses None
        before = {column: getattr(job, column) for column in field.columns}
        if before == values:
            return Saved(job, field, None)
        if version != current:
            raise Conflict(job, field, current, last_edit(job_id, field.name))
        edit_id = record_edit(
            job, field.name, current + 1, user_id, as_json(before), as_json(values), change.now
        )
        set_columns(job, values, change.now, change.revision)
    return Saved(job, field, edit_id)


def _parsed(organisation_id: int, job_id: int, name: str, text: str) -> Values:
    """What was typed, understood before anything is locked; the job is read only where it has a say in it."""
    try:
        field = _field_named(known_as(name))
        row = job_of(organisation_id, job_id) if field.kind is EditorKind.SALARY else None
        return parse_value(organisation_id, field, text, row)
    except (InvalidValue, NoSuchField):
        editable_field(job_of(organisation_id, job_id), name)  # that it may not be edited comes first
        raise


def take_greenhouse_value(organisation_id: int, job_id: int, name: str, user_id: int | None) -> Saved:
    """Give a field the value that Greenhouse has for it now.

    Raises ``NoSuchField`` also where Greenhouse says nothing of it.
    """
    with changing(organisation_id) as change:
        job, version = job_to_edit(organisation_id, job_id, known_as(name))
        field = editable_field(job, name)
        assert job is not None  # noqa: S101 - editable_field refuses None
        values = said_columns(field, job.source_values) if job.imported else None
        if values is None:
            raise NoSuchField(name)
        before = {column: getattr(job, column) for column in field.columns}
        if before == values:
            return Saved(job, field, None)
        edit_id = record_edit(
            job, field.name, version + 1, user_id, as_json(before), as_json(values), change.now
        )
        set_columns(job, values, change.now, change.revision)
    return Saved(job, field, edit_id)


def choose_columns(organisation_id: int, user_id: int, columns: Sequence[str] | None) -> None:
    """Remember the columns that a member wants to see in Manage jobs; ``None``: the usual ones."""
    with write():
        membership = membership_of(organisation_id, user_id)
        if membership is None:
            return
        kept = {name: value for name, value in membership.preferences.items() if name != "columns"}
        membership.preferences = kept if columns is None else {**kept, "columns": list(columns)}
