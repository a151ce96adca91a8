"""Edit one field of one job: parse what was typed, check the version, record the edit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from portal.actions.audit import record, token_asking
from portal.actions.changing import Change, changing
from portal.actions.sync.mapping import mapping_to_follow
from portal.domain.audit import Action
from portal.domain.jobs.fields import FIELDS, GREENHOUSE_FIELDS, OWN_FIELDS, edited_in_greenhouse, known_as
from portal.domain.jobs.salary_text import CurrencyMissing
from portal.domain.jobs.values import EditorKind, Field, Row, Values, as_json
from portal.domain.sync.following import FOLLOWABLE, columns_to_follow, is_following, with_following
from portal.domain.texts import InvalidValue
from portal.models import Edit, Job
from portal.store.edits import job_to_edit, last_edit, record_edit
from portal.store.job_columns import set_columns
from portal.store.jobs import job_of
from portal.store.shortcuts import usual_currency

T = TypeVar("T")


def parse_value(organisation_id: int, field: Field, text: str, row: Row | None = None) -> Values:
    """Return the columns to store; raises ``InvalidValue``, a sentence for the field.

    A salary without a currency is in that of ``row``, the job being edited, or else in the one that
    the organisation uses most, which is looked up only then.
    """
    return with_usual_currency(organisation_id, lambda usual: field.parse(text, usual or row))


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
        super().__init__(edited_in_greenhouse(field))


@dataclass(eq=False)
class Conflict(Exception):
    """The field changed since the editor was opened: the job says to what.

    ``theirs`` is somebody's edit; where ``by_sync`` is set, it followed Greenhouse.
    """

    job: Job
    field: Field
    version: int
    theirs: Edit | None
    by_sync: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """The job as it is now, the field, and the edit that was recorded, if anything changed."""

    job: Job
    field: Field
    edit_id: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed. ``version`` is the one the editor was opened with; without one nobody is asked.

    ``seen``, where it is known, is the text that it was filled with: a sync changes the value and no version.
    """

    text: str
    version: int | None = None
    seen: str | None = None


class FieldsRefused(Exception):
    """None of the fields was changed, for what ``errors`` says of some of them."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__()
        self.errors = errors


class Conflicts(Exception):
    """None of the fields was changed, since some changed meanwhile: ``found`` says to what."""

    def __init__(self, found: list[Conflict]) -> None:
        super().__init__()
        self.found = found


def job_and_field(organisation_id: int, job_id: int, name: str) -> tuple[Job, Field]:
    """Return a job, read whole, and its field of that name.

    Raises ``NoSuchField`` or ``EditedInGreenhouse``.
    """
    job = job_of(organisation_id, job_id, whole=True)
    return _editable(job, name)


def _editable(job: Job | None, name: str) -> tuple[Job, Field]:
    name = known_as(name)
    field = FIELDS.get(name) or OWN_FIELDS.get(name)
    if job is None or field is None:
        raise NoSuchField(name)
    if job.imported and name in GREENHOUSE_FIELDS:
        raise EditedInGreenhouse(name)
    return job, field


def edit_field(
    organisation_id: int,
    job_id: int,
    name: str,
    text: str,
    version: int,
    user_id: int | None,
    seen: str | None = None,
) -> Saved:
    """Save what a person typed: the field is the organisation's own then. An unchanged value counts no edit.

    Raises ``NoSuchField``, ``EditedInGreenhouse``, ``InvalidValue`` (with a sentence for the field) or
    ``Conflict``.
    """
    values = _parsed(organisation_id, job_id, name, text)
    with changing(organisation_id) as change:
        found, current = job_to_edit(organisation_id, job_id, known_as(name))
        job, field = _editable(found, name)
        if not _is_change(job, field, current, values, Wanted(text, version, seen)):
            return Saved(job, field, None)
        before = _columns(job, field)
        edit_id = _write(job, field, current + 1, user_id, before, values, change, follows=False)
    return Saved(job, field, edit_id)


def edit_fields(organisation_id: int, job_id: int, wanted: Mapping[str, Wanted], user_id: int | None) -> None:
    """Save several fields of a job at once, or none of them.

    Raises ``NoSuchField`` where there is no such job, ``FieldsRefused`` or ``Conflicts``.
    """
    parsed = _all_parsed(organisation_id, job_id, wanted)
    with changing(organisation_id) as change:
        same: Job | None = None
        changes, conflicts = [], []
        for name, values in parsed.items():
            found, current = job_to_edit(organisation_id, job_id, name)
            same = same or found  # what one field writes, the next one reads
            job, field = _editable(same, name)
            try:
                if _is_change(job, field, current, values, wanted[name]):
                    changes.append((job, field, current, values))
            except Conflict as conflict:
                conflicts.append(conflict)
        if conflicts:
            raise Conflicts(conflicts)
        for job, field, current, values in changes:
            before = _columns(job, field)
            _write(job, field, current + 1, user_id, before, values, change, follows=False)


def _all_parsed(organisation_id: int, job_id: int, wanted: Mapping[str, Wanted]) -> dict[str, Values]:
    job = job_of(organisation_id, job_id, whole=True)
    if job is None:
        raise NoSuchField
    parsed, errors = {}, {}
    for name, each in wanted.items():
        try:
            if known_as(name) != name:
                raise NoSuchField
            _editable(job, name)
            parsed[name] = _parsed(organisation_id, job_id, name, each.text)
        except NoSuchField:
            errors[name] = "There is no such field."
        except (EditedInGreenhouse, InvalidValue) as error:
            errors[name] = str(error)
    if errors:
        raise FieldsRefused(errors)
    return parsed


def _is_change(job: Job, field: Field, current: int, values: Values, wanted: Wanted) -> bool:
    """Whether what was typed changes the field. Raises ``Conflict``."""
    before = _columns(job, field)
    if before == values:
        return False
    if is_following(job.follows, field.name) and wanted.seen is not None and wanted.seen != field.read(job):
        if wanted.text == wanted.seen:
            return False
        raise _conflict(job, field, current, before)
    if wanted.version is not None and wanted.version != current:
        raise _conflict(job, field, current, before)
    return True


def _columns(job: Job, field: Field) -> Values:
    return {column: getattr(job, column) for column in field.columns}


def _conflict(job: Job, field: Field, version: int, present: Values) -> Conflict:
    """Say whose the present value is: the last editor's, or Greenhouse's where it followed since."""
    last = last_edit(job.id, field.name)
    if is_followable(job, field.name) and (last is None or last.after != as_json(present)):
        return Conflict(job, field, version, None, by_sync=True)
    return Conflict(job, field, version, last)


def _write(
    job: Job,
    field: Field,
    version: int,
    user_id: int | None,
    before: Values,
    after: Values,
    change: Change,
    *,
    follows: bool,
) -> int:
    """Record an edit and write what it makes of the job; return the edit's id."""
    was, now = as_json(before), as_json(after)
    edit_id = record_edit(job, field.name, version, user_id, was, now, change.now, token_asking())
    if field.name in FOLLOWABLE:
        after = {**after, "follows": with_following(job.follows, field.name, follows)}
    set_columns(job, after, change.now, change.revision)
    return edit_id


def _parsed(organisation_id: int, job_id: int, name: str, text: str) -> Values:
    """What was typed, parsed before anything is locked; the job is read only where it has a say in it."""
    field = FIELDS.get(known_as(name)) or OWN_FIELDS.get(known_as(name))
    if field is None:
        raise NoSuchField(name)
    row = job_of(organisation_id, job_id) if field.kind is EditorKind.SALARY else None
    try:
        return parse_value(organisation_id, field, text, row)
    except InvalidValue:
        job_and_field(organisation_id, job_id, name)  # that it may not be edited comes first
        raise


def take_greenhouse_value(organisation_id: int, job_id: int, name: str, user_id: int | None) -> Saved:
    """Give a field the value that Greenhouse has for it now, and let it follow Greenhouse again.

    Raises ``NoSuchField`` also where Greenhouse says nothing of it.
    """
    with changing(organisation_id) as change:
        found, version = job_to_edit(organisation_id, job_id, known_as(name))
        job, field = _editable(found, name)
        mapping, said = mapping_to_follow(organisation_id), job.source_values
        said = mapping.complete(said) if mapping else said
        values = columns_to_follow(field, said) if is_followable(job, field.name) else None
        if values is None:
            raise NoSuchField(name)
        before = {column: getattr(job, column) for column in field.columns}
        if before == values and is_following(job.follows, field.name):
            return Saved(job, field, None)
        edit_id = _write(job, field, version + 1, user_id, before, values, change, follows=True)
        record(organisation_id, Action.GREENHOUSE_TAKEN, f"{field.label}, {job.title}", user_id=user_id)
    return Saved(job, field, edit_id)


def is_followable(job: Job, name: str) -> bool:
    """Whether Greenhouse may say something of a job's field."""
    return job.imported and name in FOLLOWABLE


def keep_ours(organisation_id: int, job_id: int, name: str, *, keep: bool = True) -> Saved:
    """Accept that a field says something else than Greenhouse, until Greenhouse says something new.

    It is no edit: the value stays as it is. Without ``keep`` the difference is shown again. Raises
    ``NoSuchField`` also where Greenhouse says nothing of the field.
    """
    with changing(organisation_id) as change:
        found, _ = job_to_edit(organisation_id, job_id, known_as(name))
        job, field = _editable(found, name)
        said = job.source_values.get(field.name) if is_followable(job, field.name) else None
        if said is None:
            raise NoSuchField(name)
        accepted = {key: value for key, value in job.accepted_differences.items() if key != field.name}
        if keep:
            accepted[field.name] = said
        if accepted != job.accepted_differences:
            set_columns(job, {"accepted_differences": accepted}, change.now, change.revision)
            decided = Action.DIFFERENCE_KEPT if keep else Action.DIFFERENCE_SHOWN
            record(organisation_id, decided, f"{field.label}, {job.title}")
    return Saved(job, field, None)
