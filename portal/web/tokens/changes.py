"""The routes of the API that change something: edit fields of a job, start a sync."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.edit import Conflict, Conflicts, FieldsRefused, NoSuchField, Wanted, edit_fields
from portal.actions.sync.schedule import start_sync
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.domain.jobs.values import EditorKind
from portal.domain.sync.runs import Trigger
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.store.jobs import job_of
from portal.web.connection.connect import NOT_CONNECTED, PAUSED
from portal.web.errors import problem
from portal.web.extensions import limiter
from portal.web.public.api import answer_json, bp, editable_json
from portal.web.requests import site_address

VERSIONS: Final = "versions"
SEEN: Final = "seen"
GREATEST_VERSION: Final = 2**31 - 1
MOST_CHANGES: Final = "600 per minute"
MOST_SYNCS: Final = "60 per minute"
NOT_AN_OBJECT: Final = "Send a JSON object of fields and their values, as application/json."
TEXT: Final = "Send text, or null to clear it."
KINDS: Final = {
    EditorKind.SWITCH: "Send true or false.",
    EditorKind.TAGS: "Send a list of texts, or null to clear it.",
}


class NotThat(ValueError):
    """A value is of a kind that its field does not take; ``str`` says which it takes."""


def _asking() -> str:
    return f"person {current_user.user_id} organisation {g.org.id}"


@bp.patch("/orgs/<org>/jobs/<int:job_id>")
@limiter.limit(MOST_CHANGES, key_func=_asking)
def change_job(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Change the fields that are sent, all or none of them."""
    sent = _object()
    versions, seen = (_beside(sent, name) for name in (VERSIONS, SEEN))
    wanted, errors = {}, {}
    for name, value in sent.items():
        try:
            wanted[name] = Wanted(_text(name, value), _version(versions.get(name)), seen.get(name))
        except NotThat as error:
            errors[name] = str(error)
    try:
        if job_of(org.id, job_id) is None:
            raise NoSuchField
        if errors:
            raise FieldsRefused(errors)
        edit_fields(org.id, job_id, wanted, current_user.user_id)
    except NoSuchField:
        abort(HTTPStatus.NOT_FOUND)
    except FieldsRefused as refused:
        return _refused(refused.errors)
    except Conflicts as conflicts:
        return _conflicting(conflicts.found, wanted)
    job = job_of(org.id, job_id, whole=True)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    return answer_json(editable_json(org, job))


@bp.post("/orgs/<org>/sync")
@limiter.limit(MOST_SYNCS, key_func=_asking)
def sync(org: Organisation) -> ResponseReturnValue:
    """Queue a sync, or join the one that waits, as the arrow does."""
    connection = connection_of(org.id)
    if connection is not None and connection.paused_at is not None:
        abort(HTTPStatus.CONFLICT, PAUSED)
    run = start_sync(connection, Trigger.MANUAL, current_user.user_id) if connection is not None else None
    if run is None:
        abort(HTTPStatus.CONFLICT, NOT_CONNECTED)
    page = site_address() + url_for("sync_runs.show", org=org.slug, run_id=run.id)
    answer = answer_json({"run_id": run.id, "url": page})
    answer.status_code = HTTPStatus.ACCEPTED
    return answer


def _object() -> dict[str, Any]:
    """Return the object that was sent; anything else answers 400."""
    try:
        sent = json.loads(request.get_data()) if request.is_json else None
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        abort(HTTPStatus.BAD_REQUEST, NOT_AN_OBJECT)
    return sent


def _beside(sent: dict[str, Any], name: str) -> dict[str, Any]:
    """Take what was sent beside the values: of each field its version, or the text that was seen."""
    given = sent.pop(name, {})
    kind = str if name == SEEN else int
    if not isinstance(given, dict) or any(
        not isinstance(value, kind) or isinstance(value, bool) for value in given.values()
    ):
        abort(HTTPStatus.BAD_REQUEST, f"“{name}” is an object of fields, as the job told them.")
    return given


def _version(sent: int | None) -> int | None:
    return None if sent is None else max(-1, min(sent, GREATEST_VERSION))


def _text(name: str, value: Any) -> str:
    """Return a value as it would be typed; raises ``NotThat``."""
    field = FIELDS.get(name) or OWN_FIELDS.get(name)
    kind = field.kind if field else EditorKind.TEXT
    if _is_broken(value):
        raise NotThat("This text has letters that are cut in half.")
    if isinstance(value, bool) and kind is EditorKind.SWITCH:
        return "true" if value else "false"
    if isinstance(value, list) and kind is EditorKind.TAGS and all(isinstance(tag, str) for tag in value):
        return "\n".join(value)
    if isinstance(value, str):
        return value
    if value is None and kind is not EditorKind.SWITCH:
        return ""
    raise NotThat(KINDS.get(kind, TEXT))


def _is_broken(value: Any) -> bool:
    """Whether a text holds half a character, which JSON can write and no database keeps."""
    text = "".join(filter(_is_text, value)) if isinstance(value, list) else value
    return isinstance(text, str) and any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _refused(errors: Mapping[str, str]) -> Response:
    [(name, sentence), *others] = errors.items()
    detail = f"{name}: {sentence}" if not others else f"{len(errors)} fields were refused. Nothing was saved."
    listed = [{"field": name, "detail": sentence} for name, sentence in errors.items()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Some values cannot be saved", detail, errors=listed)


def _conflicting(conflicts: list[Conflict], wanted: dict[str, Wanted]) -> Response:
    """Say of each field what it says by now, beside what was sent."""
    listed = [
        {
            "field": each.field.name,
            "yours": wanted[each.field.name].text,
            "theirs": each.field.read(each.job),
            "version": each.version,
            "by": _whose(each),
        }
        for each in conflicts
    ]
    detail = (
        "Somebody changed this meanwhile. Nothing was saved: look at both values, then send the new version."
    )
    return problem(HTTPStatus.CONFLICT, "Changed meanwhile", detail, conflicts=listed)


def _whose(conflict: Conflict) -> str | None:
    if conflict.by_sync:
        return "Greenhouse"
    user = conflict.theirs.user if conflict.theirs else None
    return (user.name or user.email) if user else None
