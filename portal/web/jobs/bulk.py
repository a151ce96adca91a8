"""Change one field of many jobs: the form, its confirmation, and what it did."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final, NamedTuple

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.bulk_edit import (
    BulkResult,
    EditedOneByOne,
    OthersFound,
    Selection,
    bulk_edit,
    checked_change,
    preview_bulk,
)
from portal.domain.jobs.bulk import BulkChange, BulkPlan, How
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS, known_as
from portal.domain.jobs.values import EditorKind
from portal.domain.sync.following import FOLLOWABLE
from portal.domain.texts import InvalidValue
from portal.live.publish import BulkProgress
from portal.models import Connection, Organisation
from portal.store.job_counts import still_listed
from portal.store.job_lists import EXACT_FILTERS
from portal.web.blueprints import jobs as bp
from portal.web.jobs.editor import bulk_input
from portal.web.jobs.lists import WITHOUT, any_salary_shown, read_query
from portal.web.requests import parse_number, posted_ids, return_address, wants_partial
from portal.web.responses import answer_done, toast_of
from portal.web.templating import today_in

SETTABLE: Final = tuple((name, field.label) for name, field in FIELDS.items() if name != "featured")
"""Name and label of each field that many jobs can be given a value in, in their order."""

FED_BY_CHOICE: Final = frozenset({"tags", "hiring_manager"})
"""The fields that follow Greenhouse only where somebody chose a custom field for them."""


def said_fields(connection: Connection | None) -> tuple[tuple[str, str], ...]:
    """Return the fields that may follow Greenhouse again; some do only where a custom field feeds them."""
    if connection is None:
        return ()
    fed = connection.field_choices.values()
    said = [name for name in FOLLOWABLE if name not in FED_BY_CHOICE or name in fed]
    return tuple((name, FIELDS[name].label) for name in said)


_SWITCHES = {
    ("visibility", "shown"): ("Show", "shown"),
    ("visibility", "hidden"): ("Hide", "hidden"),
    ("featured", True): ("Feature", "featured"),
    ("featured", False): ("Stop featuring", "no longer featured"),
}


class Wording(NamedTuple):
    """What a change is called, each before "12 jobs": the question, the button, what was done.

    Of a switch the last is what the jobs are then, and stands behind them.
    """

    question: str
    button: str
    done: str
    is_state: bool = False


def wording(change: BulkChange) -> Wording:
    """Return what the change is called."""
    label, shown = change.field.noun, _shown(change)
    lower = label.lower()
    match change.how:
        case How.TAKE:
            again = f"Follow Greenhouse’s {lower} again on"
            return Wording(again, "Follow on", f"{label} follows Greenhouse again on")
        case How.ADD:
            return Wording(f"Add {_tags(change)} to", "Add to", f"Added {_tags(change)} to")
        case How.REMOVE:
            return Wording(f"Remove {_tags(change)} from", "Remove from", f"Removed {_tags(change)} from")
    value = change.values[change.field.columns[0]]
    if isinstance(value, str | bool) and (words := _SWITCHES.get((change.field.name, value))):
        return Wording(words[0], words[0], words[1], is_state=True)
    if not shown:
        return Wording(f"Empty the {lower} of", "Empty on", f"{label} emptied on")
    return Wording(f"Set {lower} to {shown} on", "Set on", f"{label} set to {shown} on")


def asking(name: str, how: How) -> str:
    """Return what the value is asked for with."""
    label = FIELDS[name].noun.lower()
    return {How.ADD: "Add tags", How.REMOVE: "Remove tags"}.get(how, f"Set {label}")


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


def done_words(change: BulkChange, done: BulkResult) -> str:
    """Return what was done, as the toast says it."""
    if not done.changed:
        return f"Nothing changed. {_unfit(change, done.unfit) if done.unfit else _same(change, done.same)}"
    jobs, said = _jobs(done.changed), wording(change)
    if said.is_state:
        return f"{jobs} {'is' if done.changed == 1 else 'are'} {said.done}."
    return f"{said.done} {jobs}."


def _jobs(number: int) -> str:
    return f"{number:,} {'job' if number == 1 else 'jobs'}"


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


NOTHING_SELECTED: Final = "Select at least one job."
GONE: Final = "None of these jobs is there any more. Reload the page and select anew."
OTHERS: Final = "Other jobs match by now. Nothing was changed: cancel, and look at the list once more."
LONGEST_TOKEN: Final = 40
KEPT: Final = ("all", "q", "status", *EXACT_FILTERS, WITHOUT, "return")
"""What the steps hand on beside the ids."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done: with which field, how, and the value, which may not have been asked for yet."""

    name: str
    how: How
    text: str | None


@bp.post("/bulk/confirm", endpoint="confirm_bulk")
def confirm(org: Organisation) -> ResponseReturnValue:
    """Ask for the value where one is needed, or show what the change would do; nothing is changed yet."""
    wish, selection = _asked(), _selection(org)
    if wish.text is None and wish.how is not How.TAKE:
        return _ask(org, wish) if "change" in request.form else _ask_again(org, wish)
    try:
        change = checked_change(org.id, wish.name, wish.how, wish.text or "")
    except InvalidValue as error:
        return _ask(org, wish, error=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    plan = preview_bulk(org.id, selection, change)
    if not plan.total:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return _page(
        org,
        step="confirm",
        wish=replace(wish, text=_agreed(wish, change)),
        title=f"{wording(change).question} {_jobs(plan.total)}?",
        remarks=remarks(change, plan),
        verb=f"{wording(change).button} {_jobs(len(plan.steps))}" if plan.steps else "",
        told=plan.total if _means_all() else None,
        progress=token_urlsafe(12),
    )


@bp.post("/bulk", endpoint="bulk")
def apply(org: Organisation) -> ResponseReturnValue:
    """Make the change in all jobs selected at once."""
    wish, selection = _asked(), _selection(org)
    if wish.text is None and wish.how is not How.TAKE:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Say which value the jobs are to have.")
    try:
        change = checked_change(org.id, wish.name, wish.how, wish.text or "")
    except InvalidValue as error:
        return _ask(org, wish, error=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    progress = BulkProgress(org.id, current_user.id, request.form.get("progress", "")[:LONGEST_TOKEN])
    try:
        done = bulk_edit(org.id, selection, change, current_user.user_id, progress)
    except OthersFound:
        abort(HTTPStatus.CONFLICT, OTHERS)
    if not done.total:
        abort(HTTPStatus.NOT_FOUND, GONE)
    toast = toast_of(done_words(change, done), org.slug, done.edit_id)
    return answer_done(toast, return_address(org), org.id)


def _asked() -> Asked:
    """Read what is to be done; a button of the bar says all of it in one: "set visibility hidden"."""
    form = request.form
    said = form.get("change", "").split(" ", 2)
    texts = form.getlist("value")
    how, name, text = form.get("how", How.SET), form.get("field", ""), texts[-1] if texts else None
    if len(said) > 1:
        how, name, text = said[0], said[1], said[2] if len(said) > 2 else None
    name = known_as(name)
    if name in OWN_FIELDS:
        abort(HTTPStatus.FORBIDDEN, str(EditedOneByOne(OWN_FIELDS[name].label)))
    if how not in list(How):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Fields are set, tags are added and removed.")
    if name not in FIELDS:
        abort(HTTPStatus.NOT_FOUND)
    if how in (How.ADD, How.REMOVE) and FIELDS[name].kind is not EditorKind.TAGS:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Only tags are added and removed.")
    return Asked(name, How(how), text)


def _agreed(wish: Asked, change: BulkChange) -> str | None:
    """The value as it will be confirmed: a salary says its currency, whichever is usual by then."""
    is_salary = change.how is How.SET and change.field.kind is EditorKind.SALARY
    return change.field.read(change.values) if is_salary else wish.text


def _selection(org: Organisation) -> Selection:
    """Read which jobs are meant: those ticked, or all that the filter of the list finds."""
    if _means_all():
        wanted = read_query(org.slug, request.values).wanted
        told = parse_number(request.values.get("told", ""))
        return Selection(wanted=wanted, today=today_in(org.time_zone), told=told)
    ids, elsewhere = posted_ids("job_id"), posted_ids("elsewhere_id")
    if not ids and not elsewhere:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, NOTHING_SELECTED)
    return Selection(job_ids=(*ids, *_still_listed(org, elsewhere)))


def _means_all() -> bool:
    return request.values.get("all") == "1"


def _still_listed(org: Organisation, ids: tuple[int, ...]) -> list[int]:
    """Of jobs selected on other pages, which nobody sees now, those that the list still holds."""
    if not ids:
        return []
    wanted, today = read_query(org.slug, request.values).wanted, today_in(org.time_zone)
    return still_listed(org.id, ids, wanted, today, any_salary_shown=any_salary_shown(org))


def _ask(org: Organisation, wish: Asked, error: str = "") -> str:
    """Ask for the value, in the editor that fits the field."""
    editor = bulk_input(org, wish.name, text=wish.text or "", error=error)
    return _page(org, wish=wish, title=asking(wish.name, wish.how), editor=editor)


def _ask_again(org: Organisation, wish: Asked) -> ResponseReturnValue:
    """A choice that nobody made is sent as no value at all."""
    return _ask(org, wish, error="Choose one first."), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(org: Organisation, **shown: object) -> str:
    page = "partials/jobs/bulk/_bulk.html" if wants_partial() else "pages/jobs/bulk.html"
    kept = [(name, value) for name, value in request.values.items(multi=True) if name in KEPT]
    ids = () if _means_all() else _selection(org).job_ids
    return render_template(page, organisation=org, kept=kept, job_ids=ids, back=return_address(org), **shown)
