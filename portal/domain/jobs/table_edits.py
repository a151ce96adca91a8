"""What a table of text changes in jobs: which cells name which fields, and which of them are accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from portal.domain.jobs.bulk import Step
from portal.domain.jobs.fields import GREENHOUSE_FIELDS, Source, edited_in_greenhouse
from portal.domain.jobs.table_cells import TABLE_FIELDS, cell_text, mark, marks_of, parse_cell, readings
from portal.domain.jobs.tables import FALLBACK, InvalidTable, Table, as_typed, plain
from portal.domain.jobs.values import Field, choice_key
from portal.domain.sync.following import is_following
from portal.domain.texts import InvalidValue

JOB_ID: Final = "Job ID"
VERSION: Final = "Version"
MOST_ROWS: Final = 10_000
LONGEST_SHOWN: Final = 200
_IDS: Final = frozenset(map(choice_key, (JOB_ID, "id")))
_NAMES: Final = {choice_key(said): name for name, each in TABLE_FIELDS.items() for said in (name, each.label)}
_LONGEST_ID: Final = 18  # digits


class Proposal(NamedTuple):
    """One cell that is to become a job's field.

    ``seen`` is the mark of what the field held when the cell was written; ``None`` where nobody knows.
    """

    row: int
    job_id: int
    field: str
    text: str
    seen: str | None = None


class Refusal(NamedTuple):
    """A cell, or a row where no column is named, that changes nothing, and why."""

    row: int
    job: str
    column: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobsTable:
    """What a file proposes, which rows of it are refused, and the headings that say nothing here."""

    proposals: list[Proposal]
    refused: list[Refusal]
    ignored: list[str]
    rows: int


class Change(NamedTuple):
    """An accepted cell, and what becomes of its job."""

    proposal: Proposal
    step: Step

    @property
    def job_id(self) -> int:
        """The job that changes."""
        return self.proposal.job_id

    @property
    def field(self) -> Field:
        """The field that changes."""
        return TABLE_FIELDS[self.proposal.field]


@dataclass(slots=True)
class TablePlan:
    """What proposals come to. A change knows what its field holds now; a conflict knew what it held once."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    same: int = 0


def is_heading(text: str) -> bool:
    """Whether a cell is the heading of a column that is read."""
    key = choice_key(text)
    return key in _IDS or key in _NAMES or key == choice_key(VERSION)


def read_jobs_table(table: Table) -> JobsTable:
    """Read which jobs and fields a file means, by its headings; raises ``InvalidTable``."""
    start = next((place for place, row in enumerate(table.rows) if row), 0)
    headings = [as_typed(cell) for cell in table.rows[start]] if table.rows else []
    columns, ignored = _columns(headings)
    rows = [(number, row) for number, row in enumerate(table.rows, 1) if row and number > start + 1]
    if not rows:
        raise InvalidTable("This file has headings and no rows.")
    if len(rows) > MOST_ROWS:
        raise InvalidTable(
            f"This file has {len(rows):,} rows; at most {MOST_ROWS:,} are read at once. Split it in two."
        )
    refused = [refusal for number, row in rows if (refusal := _fault(number, row, headings, columns))]
    refused += _repeated(rows, columns[JOB_ID], {each.row for each in refused})
    gone = {each.row for each in refused}
    proposals = [
        each for number, row in rows if number not in gone for each in _proposals(number, row, columns)
    ]
    return JobsTable(proposals, sorted(refused), ignored, len(rows))


def _columns(headings: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """The place of the id, the version and each field, and the headings of what is not read."""
    found: dict[str, int] = {}
    ignored: list[str] = []
    for place, heading in enumerate(headings):
        key = choice_key(heading)
        name = JOB_ID if key in _IDS else VERSION if key == choice_key(VERSION) else _NAMES.get(key)
        if name is None:
            ignored += [heading] if heading else []
        elif name in found:
            raise InvalidTable(f"Two columns are named “{heading}”. Remove one of them.")
        else:
            found[name] = place
    if JOB_ID not in found:
        raise InvalidTable(
            f"No column is named “{JOB_ID}”, which tells what job a row is. Begin with an exported file."
        )
    if not found.keys() - {JOB_ID, VERSION}:
        raise InvalidTable("No column bears the name of a field that can be changed here.")
    return found, ignored


def _fault(
    number: int, row: Sequence[str], headings: Sequence[str], columns: Mapping[str, int]
) -> Refusal | None:
    """What makes a row as a whole unreadable."""
    said = _cell(row, columns[JOB_ID]) or ""
    if len(row) > len(headings) and any(cell.strip() for cell in row[len(headings) :]):
        reason = (
            "This row has more cells than there are headings. A cell with a separator in it needs quotes."
        )
    elif not said:
        reason = "No job ID stands in this row. A new job is added with “Add a job”."
    elif not (said.isascii() and said.isdigit() and len(said) <= _LONGEST_ID):
        reason = f"“{shortened(said)}” is no job ID."
    else:
        return None
    return Refusal(number, shortened(said), "", "", reason)


def _repeated(rows: Sequence[tuple[int, Sequence[str]]], place: int, faulty: set[int]) -> list[Refusal]:
    """A refusal of every row whose job stands in another row as well."""
    numbers: dict[int, list[int]] = {}
    for number, row in rows:
        if number not in faulty:
            numbers.setdefault(int(_cell(row, place) or 0), []).append(number)
    return [
        Refusal(
            number, str(job_id), "", "", f"Job {job_id} stands in row {other} as well. Leave one of them."
        )
        for job_id, found in numbers.items()
        if len(found) > 1
        for number, other in zip(found, [*found[1:], found[0]], strict=True)
    ]


def _proposals(number: int, row: Sequence[str], columns: Mapping[str, int]) -> Iterable[Proposal]:
    """The cells of a row; one that the row is too short for proposes nothing."""
    job_id = int(_cell(row, columns[JOB_ID]) or 0)
    marks = marks_of(_cell(row, columns[VERSION]) or "") if VERSION in columns else {}
    for name, place in columns.items():
        text = _cell(row, place) if name in TABLE_FIELDS else None
        if text is not None:
            yield Proposal(number, job_id, name, text, marks.get(name))


def _cell(row: Sequence[str], place: int) -> str | None:
    return as_typed(row[place]) if place < len(row) else None


class Block(NamedTuple):
    """What a pasted block proposes; cells of columns that are not edited, and cells beyond the list."""

    proposals: list[Proposal]
    skipped: int
    outside: int


def read_block(
    rows: Sequence[Sequence[str]], job_ids: Sequence[int], fields: Sequence[str], *, fill: bool
) -> Block:
    """Lay a block over jobs and fields in the order in which the list shows them, from their first on.

    A row that is shorter than others ends in empty cells. With ``fill`` the block is repeated until it covers
    all jobs and fields.
    """
    height, width = len(rows), max(map(len, rows), default=0)
    if not width:
        return Block([], 0, 0)
    down = len(job_ids) if fill else min(height, len(job_ids))
    across = len(fields) if fill else min(width, len(fields))
    named = [(column, name) for column, name in enumerate(fields[:across]) if name in TABLE_FIELDS]
    proposals = [
        Proposal(place + 1, job_id, name, _cell(rows[place % height], column % width) or "")
        for place, job_id in enumerate(job_ids[:down])
        for column, name in named
    ]
    outside = 0 if fill else height * width - down * across
    return Block(proposals, down * (across - len(named)), outside)


def plan_table(
    proposals: Iterable[Proposal],
    jobs: Mapping[int, Mapping[str, Any]],
    currency: str | None,
    *,
    encoding: str = "utf-8",
) -> TablePlan:
    """Judge each cell against its job, given by id with ``TABLE_COLUMNS``.

    ``currency`` is meant in salaries that name none, of jobs that have none. A question mark in the place of
    a letter that ``encoding`` could not hold is no change.
    """
    plan = TablePlan()
    for proposal in proposals:
        job = jobs.get(proposal.job_id)
        try:
            if job is None:
                raise InvalidValue(f"There is no job {proposal.job_id} here.")
            step = _step(proposal, job, currency, encoding)
        except InvalidValue as error:
            plan.refused.append(_refusal(proposal, str(error), is_row=job is None))
            continue
        if step is None:
            plan.same += 1
            continue
        known = mark(*proposal[1:3], cell_text(TABLE_FIELDS[proposal.field], step.before))
        change = Change(proposal._replace(seen=proposal.seen or known), step)
        (plan.changes if change.proposal.seen == known else plan.conflicts).append(change)
    plan.refused = list(dict.fromkeys(plan.refused))  # a job that is not here, once
    return plan


def _refusal(proposal: Proposal, reason: str, *, is_row: bool) -> Refusal:
    column, text = ("", "") if is_row else (TABLE_FIELDS[proposal.field].label, shortened(proposal.text))
    return Refusal(proposal.row, str(proposal.job_id), column, text, reason)


def _step(proposal: Proposal, job: Mapping[str, Any], currency: str | None, encoding: str) -> Step | None:
    """What becomes of a job; ``None`` where it has the value, or where nobody touched the cell."""
    asked, text, seen = TABLE_FIELDS[proposal.field], proposal.text, proposal.seen
    held, meant = plain(cell_text(asked, job)), readings(asked, text)
    if any(_is_same(each, held, encoding) or mark(*proposal[1:3], each) == seen for each in meant):
        return None
    if asked.name in GREENHOUSE_FIELDS and job["source"] != Source.OWN:
        raise InvalidValue(edited_in_greenhouse(asked.name))
    before = {name: job[name] for name in asked.columns}
    after = parse_cell(asked, text, job, currency)
    if after == before or mark(*proposal[1:3], cell_text(asked, after)) == seen:
        return None
    return Step(proposal.job_id, before, after, is_following(job["follows"], asked.name))


def _is_same(text: str, before: str, encoding: str) -> bool:
    if text == before or encoding != FALLBACK:
        return text == before
    return text.encode(encoding, "replace") == before.encode(encoding, "replace")


def shortened(text: str) -> str:
    """Return as much of a text as a page shows of it."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
