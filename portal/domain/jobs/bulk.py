"""One change of many jobs: what it makes of each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.domain.jobs.values import MOST_TAGS, EditorKind, Field, Row, Values
from portal.domain.sync.following import columns_to_follow, is_following
from portal.domain.texts import InvalidValue, each_once, name_key


class How(StrEnum):
    """What is done with the field: set to a value, tags added or removed, Greenhouse followed again."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class BulkChange:
    """A change, checked: ``values`` are the columns to set, or the tags to add or remove.

    It makes the field the organisation's own, unless it takes what Greenhouse says.
    """

    field: Field
    how: How
    values: Values

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of a job that tell what becomes of it."""
        said = ("source", "source_values") if self.how is How.TAKE else ()
        return (*self.field.columns, "follows", *said)


@dataclass(frozen=True, slots=True)
class Step:
    """One job that changes, and whether the field followed Greenhouse before and does so afterwards."""

    job_id: int
    before: Values
    after: Values
    followed: bool = False
    follows: bool = False


@dataclass(slots=True)
class BulkPlan:
    """What a change comes to: the jobs that change, those that have it already, the others."""

    steps: list[Step] = field(default_factory=list)
    same: int = 0
    unfit: int = 0
    """It cannot be done to these: too many tags, or nothing said by Greenhouse."""

    @property
    def total(self) -> int:
        """How many jobs were looked at."""
        return len(self.steps) + self.same + self.unfit


def bulk_change(field: Field, how: How, text: str, row: Row | None = None) -> BulkChange:
    """Check what was typed once for all jobs; raises ``InvalidValue``, a sentence for the field.

    ``row`` holds the currency that is meant where none is typed.
    """
    if how in (How.ADD, How.REMOVE) and field.kind is not EditorKind.TAGS:
        raise InvalidValue("Only tags are added and removed.")
    if how is How.TAKE:
        return BulkChange(field, how, {})
    values = field.parse(text, row)
    if how is not How.SET and not values[field.columns[0]]:
        raise InvalidValue("Type one tag or more.")
    return BulkChange(field, how, values)


def plan_bulk(change: BulkChange, jobs: Iterable[tuple[int, Mapping[str, Any]]]) -> BulkPlan:
    """Tell what becomes of each job, given by its id and the columns that the change needs."""
    plan, takes = BulkPlan(), change.how is How.TAKE
    for job_id, row in jobs:
        before = {name: row[name] for name in change.field.columns}
        followed = is_following(row["follows"], change.field.name)
        after = _after(change, row)
        if after is None:
            plan.unfit += 1
        elif after == before and (followed or not takes):
            plan.same += 1
        else:
            plan.steps.append(Step(job_id, before, after, followed, takes))
    return plan


def _after(change: BulkChange, row: Mapping[str, Any]) -> Values | None:
    if change.how is How.SET:
        return change.values
    if change.how is How.TAKE:
        imported = row["source"] == "greenhouse"
        return columns_to_follow(change.field, row["source_values"]) if imported else None
    return _tagged(change, row)


def _tagged(change: BulkChange, row: Mapping[str, Any]) -> Values | None:
    [column] = change.field.columns
    tags, typed = list(row[column] or ()), change.values[column]
    assert isinstance(typed, list)  # noqa: S101 - bulk_change lets only tags through
    if change.how is How.ADD:
        added = each_once([*tags, *typed])
        return {column: added} if len(added) <= MOST_TAGS else None
    gone = {name_key(tag) for tag in typed}
    return {column: [tag for tag in tags if name_key(tag) not in gone]}


def is_current(version: int, later: Mapping[int, int | None]) -> bool:
    """Whether every edit after ``version`` was taken back again.

    ``later`` gives each later version the version that it took back, or ``None`` for an edit that
    took none back. Taking back ``n`` leaves the field as ``n - 1`` made it.
    """
    current = max(later, default=version)
    while current > version:
        undone = later[current]
        if undone is None:
            return False
        current = undone - 1
    return current == version
