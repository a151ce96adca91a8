"""The lines of the audit list, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from portal.actions.audit import BY_ITSELF
from portal.domain.audit import WORDS
from portal.domain.jobs.fields import DELETION, EDITED_FIELDS
from portal.domain.jobs.values import from_json
from portal.domain.sync.runs import RunStatus, Trigger
from portal.domain.texts import cut_line
from portal.models import AuditEntry, Edit, SyncRun
from portal.store.accounts import audit
from portal.store.accounts.audit import Batch, Key
from portal.web.sync_runs.rows import outcome_of

LONGEST_VALUE: Final = 160
NOBODY: Final = "Somebody without an account now"
PORTAL: Final = "The portal"
OPERATOR: Final = "The operator"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line: when, who, what they did to what, and from where."""

    at: datetime
    who: str
    what: str
    about: str = ""
    user_id: int | None = None
    before: str = ""
    after: str = ""
    browser: str = ""
    network: str = ""
    run_id: int | None = None

    @property
    def has_values(self) -> bool:
        """Whether it says what a value was before and after."""
        return bool(self.before or self.after)


def token_words(name: str) -> str:
    """Return how the list names an API token."""
    return f"API token “{name}”"


def rows_of(organisation_id: int, keys: Sequence[Key]) -> list[AuditRow]:
    """Return the lines in words, in their order."""
    entries = audit.entries_of(_ids(keys, audit.ENTRY))
    runs = audit.runs_of(_ids(keys, audit.RUN))
    edits = audit.edits_of(_ids(keys, audit.EDIT))
    sizes = audit.sizes_of(organisation_id, {each.batch_id for each in edits.values() if each.batch_id})
    titles = audit.titles_of({each.job_id for each in edits.values()})
    people = {each.user_id for each in entries.values()} | {each.user_id for each in edits.values()}
    people |= {each.started_by_id for each in runs.values()}
    names = audit.names_of({user_id for user_id in people if user_id})
    rows: list[AuditRow] = []
    for source, number, _ in keys:
        if source == audit.ENTRY and number in entries:
            rows.append(row_of_entry(entries[number], names))
        elif source == audit.EDIT and number in edits:
            edit = edits[number]
            rows.append(_of_edit(edit, names, titles.get(edit.job_id, ""), sizes.get(edit.batch_id or 0)))
        elif source == audit.RUN and number in runs:
            rows.append(_of_run(runs[number], names))
    return rows


def _ids(keys: Iterable[Key], source: str) -> list[int]:
    return [key.id for key in keys if key.source == source]


def row_of_entry(entry: AuditEntry, names: dict[int, str]) -> AuditRow:
    """Return the line of one audit entry."""
    _, what = WORDS.get(entry.action, (None, entry.action.replace("-", " ").capitalize()))
    is_ours = entry.browser == BY_ITSELF.browser
    by_command = entry.user_id is None and not entry.network
    return AuditRow(
        at=entry.at,
        who=PORTAL if is_ours else OPERATOR if by_command else _name(entry.user_id, names),
        user_id=entry.user_id,
        what=what,
        about=entry.about,
        browser="" if is_ours else entry.browser,
        network=entry.network,
    )


def _of_edit(edit: Edit, names: dict[int, str], title: str, batch: Batch | None) -> AuditRow:
    field = EDITED_FIELDS.get(edit.field)
    label = field.label if field else edit.field
    verb = "Took back: " if edit.undoes_id else ""
    by = token_words(edit.token_name) if edit.token_name else ""
    row = partial(AuditRow, at=edit.at, who=_name(edit.user_id, names), user_id=edit.user_id, browser=by)
    if batch is not None and batch.edits > 1:
        what = f"{label} in {batch.edits:,} jobs" if batch.fields == 1 else f"{batch.edits:,} values at once"
        return row(what=f"{verb}{what}" if verb else f"Changed {what}")
    if field is DELETION:
        is_deleted = bool((edit.after or {}).get("deleted_at"))
        return row(what="Deleted a job" if is_deleted else "Restored a job", about=title)
    before, after = (_shown(edit.field, values) for values in (edit.before, edit.after))
    what = f"{verb}{label}" if verb else f"Edited {label}"
    return row(what=what, about=title, before=before, after=after)


def _shown(name: str, values: dict[str, object]) -> str:
    """Return a value in words; one that a newer version stored may be of another shape."""
    field = EDITED_FIELDS.get(name)
    try:
        return cut_line(field.display(from_json(values)), LONGEST_VALUE) if field else ""
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""


_STARTED: Final = {
    Trigger.MANUAL: "Started a sync",
    Trigger.CONNECT: "Started the first sync",
    Trigger.PREVIEW: "Looked at what a sync would change",
}


def _of_run(run: SyncRun, names: dict[int, str]) -> AuditRow:
    said = outcome_of(run) if run.status == RunStatus.SUCCEEDED else run.status.capitalize()
    is_ours = run.started_by_id is None and run.trigger not in _STARTED
    return AuditRow(
        at=run.queued_at,
        who=PORTAL if is_ours else _name(run.started_by_id, names),
        user_id=run.started_by_id,
        browser=token_words(run.token_name) if run.token_name else "",
        what=_STARTED.get(Trigger(run.trigger), "Synced") if run.trigger in list(Trigger) else "Synced",
        about=said,
        run_id=run.id,
    )


def _name(user_id: int | None, names: dict[int, str]) -> str:
    return names.get(user_id, NOBODY) if user_id else NOBODY
