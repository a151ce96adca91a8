"""What a bulk edit is called: before it is made, and after."""

from portal.actions.bulk_edit import BulkDone
from portal.domain.bulk_changes import BulkChange, BulkPlan, How
from portal.domain.job_fields import FIELDS

_SWITCHES = {
    ("visibility", "shown"): ("Show", "shown"),
    ("visibility", "hidden"): ("Hide", "hidden"),
    ("featured", True): ("Feature", "featured"),
    ("featured", False): ("Stop featuring", "no longer featured"),
}


def asking(name: str, how: How) -> str:
    """Return what the value is asked for with."""
    label = FIELDS[name].label.lower()
    return {How.ADD: "Add tags", How.REMOVE: "Remove tags"}.get(how, f"Set {label}")


def heading(change: BulkChange, total: int) -> str:
    """Return the question before the change: "Set location to “Lisbon” on 812 jobs?"."""
    jobs, label = _jobs(total), change.field.label.lower()
    match change.how:
        case How.TAKE:
            return f"Use Greenhouse’s {label} on {jobs}?"
        case How.ADD:
            return f"Add {_tags(change)} to {jobs}?"
        case How.REMOVE:
            return f"Remove {_tags(change)} from {jobs}?"
    if words := _switch(change):
        return f"{words[0]} {jobs}?"
    shown = _shown(change)
    return f"Set {label} to {shown} on {jobs}?" if shown else f"Empty the {label} of {jobs}?"


def remarks(change: BulkChange, plan: BulkPlan) -> list[str]:
    """Return what else is to be known before: how many stay as they are, and why."""
    said = [] if plan.steps else ["Nothing would change."]
    if plan.same:
        said.append(_same(change, plan.same))
    if plan.unfit:
        said.append(_unfit(change, plan.unfit))
    if plan.steps and len(plan.steps) < plan.total:
        said.append(f"{_jobs(len(plan.steps))} will change.")
    if plan.steps:
        said.append("One undo takes all of it back.")
    return said


def verb(change: BulkChange, changing: int) -> str:
    """Return what the button says: "Set on 809 jobs"."""
    jobs = _jobs(changing)
    match change.how:
        case How.TAKE:
            return f"Use it on {jobs}"
        case How.ADD:
            return f"Add to {jobs}"
        case How.REMOVE:
            return f"Remove from {jobs}"
    if words := _switch(change):
        return f"{words[0]} {jobs}"
    return f"Set on {jobs}" if _shown(change) else f"Empty on {jobs}"


def done_words(change: BulkChange, done: BulkDone) -> str:
    """Return what was done, as the toast says it."""
    if not done.changed:
        return f"Nothing changed. {_unfit(change, done.unfit) if done.unfit else _same(change, done.same)}"
    jobs, label = _jobs(done.changed), change.field.label
    match change.how:
        case How.TAKE:
            return f"Greenhouse’s {label.lower()} is used on {jobs}."
        case How.ADD:
            return f"Added {_tags(change)} to {jobs}."
        case How.REMOVE:
            return f"Removed {_tags(change)} from {jobs}."
    if words := _switch(change):
        return f"{jobs} {'is' if done.changed == 1 else 'are'} {words[1]}."
    shown = _shown(change)
    return f"{label} set to {shown} on {jobs}." if shown else f"{label} emptied on {jobs}."


def _jobs(number: int) -> str:
    return f"{number:,} {'job' if number == 1 else 'jobs'}"


def _switch(change: BulkChange) -> tuple[str, str] | None:
    value = change.values[change.field.columns[0]]
    return _SWITCHES.get((change.field.name, value)) if isinstance(value, str | bool) else None


def _shown(change: BulkChange) -> str:
    shown = change.field.display(change.values)
    return f"“{shown if len(shown) <= 80 else shown[:79] + '…'}”" if shown else ""


def _tags(change: BulkChange) -> str:
    tags = change.values[change.field.columns[0]]
    named = [f"“{tag}”" for tag in tags] if isinstance(tags, list) else []
    return f"the {'tag' if len(named) == 1 else 'tags'} {', '.join(named)}"


def _same(change: BulkChange, number: int) -> str:
    if change.how is How.REMOVE:
        return f"{number:,} {'does' if number == 1 else 'do'} not have it."
    return f"{number:,} already {'has' if number == 1 else 'have'} it."


def _unfit(change: BulkChange, number: int) -> str:
    have = "has" if number == 1 else "have"
    if change.how is How.TAKE:
        return f"Greenhouse says nothing of it for {number:,}."
    return f"{number:,} {have} as many tags as a job can have."
