"""The part of the OpenAPI description about tokens and what they change."""

from typing import Any, Final

from portal.domain.accounts.tokens import PREFIX
from portal.domain.jobs.fields import FIELDS, OWN_FIELDS, Visibility
from portal.domain.jobs.values import EditorKind, Field

Schema = dict[str, Any]
BY_TOKEN: Final[list[Schema]] = [{"token": []}]
BY_ANYBODY: Final[list[Schema]] = [{}, *BY_TOKEN]
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _refused(*statuses: int) -> Schema:
    return {str(status): _ref("responses", f"Status{status}") for status in statuses}


def _problem(description: str, **members: Schema) -> Schema:
    schema = _ref("schemas", "Problem")
    if members:
        more = {"type": "object", "required": list(members), "properties": members}
        schema = {"allOf": [schema, more]}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _answer(name: str, description: str) -> Schema:
    return {
        "description": description,
        "content": {"application/json": {"schema": _ref("schemas", name)}},
    }


def _list(**members: Schema) -> Schema:
    one = {"type": "object", "required": list(members), "properties": members}
    return {"type": "array", "items": one}


def _value(field: Field) -> Schema:
    """What a field takes."""
    description = f"{field.label}, as it is typed on Manage jobs"
    if field.kind is EditorKind.SWITCH:
        return {"type": ["boolean", "string"], "description": field.label}
    if field.kind is EditorKind.TAGS:
        return {"type": ["array", "string", "null"], "items": _TEXT, "description": field.label}
    if field.kind is EditorKind.CHOICE:
        values = [value for value, _ in field.choices]
        return {"enum": [*values, *([] if field.required else [None])], "description": field.label}
    if field.kind is EditorKind.MARKDOWN:
        description = f"{field.label}, in Markdown"
    return {"type": ["string", "null"], "description": description}


_EDITED: Final = {**FIELDS, **OWN_FIELDS}

CHANGE_JOB: Final[Schema] = {
    "operationId": "changeJob",
    "summary": "Change fields of a job, all that are sent or none",
    "description": "Only admins' tokens with the scope “Edit jobs” do. A field that is not sent stays as "
    "it is, and null clears one. Where a version is sent and the field has another by now, nothing is saved. "
    "Title, description and link of an imported job are edited where it comes from.",
    "security": BY_TOKEN,
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _ref("schemas", "Changes")}},
    },
    "responses": {
        "200": _answer("EditableJob", "The job as it is now."),
        **_refused(400, 401, 403, 404),
        "409": _problem(
            "Somebody, or a sync, changed a field meanwhile.",
            conflicts=_list(
                field=_TEXT,
                yours=_TEXT,
                theirs=_TEXT,
                version=_COUNT,
                by={"type": ["string", "null"]},
            ),
        ),
        "422": _problem("Some values cannot be saved; nothing was.", errors=_list(field=_TEXT, detail=_TEXT)),
        **_refused(429, 503),
    },
}
SYNC: Final[Schema] = {
    "operationId": "startSync",
    "summary": "Start a sync, or join the one that waits",
    "description": "Only admins' tokens with the scope “Sync” do.",
    "security": BY_TOKEN,
    "responses": {
        "202": _answer("SyncRun", "The sync is queued."),
        **_refused(401, 403, 404),
        "409": _problem("No job board is connected, or syncing is paused."),
        **_refused(429, 503),
    },
}
SCHEMAS: Final[Schema] = {
    "EditableJob": {
        "allOf": [
            _ref("schemas", "JobWithDescription"),
            {
                "type": "object",
                "required": ["visibility", "open", "fields"],
                "properties": {
                    "visibility": {"enum": list(Visibility)},
                    "open": {"type": "boolean"},
                    "fields": {
                        "description": "What can be edited, as editors show it, and how often it was.",
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["value", "version"],
                            "properties": {"value": _TEXT, "version": _COUNT},
                        },
                    },
                },
            },
        ]
    },
    "Changes": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{name: _value(field) for name, field in _EDITED.items()},
            "versions": {
                "description": "The versions that the changes start from, by the names of fields.",
                "type": "object",
                "additionalProperties": {"type": "integer"},
            },
            "seen": {
                "description": "The values that the changes start from, by the names of fields: a sync "
                "changes a value without a new version.",
                "type": "object",
                "additionalProperties": _TEXT,
            },
        },
    },
    "SyncRun": {
        "type": "object",
        "required": ["run_id", "url"],
        "properties": {"run_id": {"type": "integer"}, "url": {"type": "string", "format": "uri"}},
    },
}
RESPONSES: Final[Schema] = {
    "Status401": _problem("The token is missing, unknown, revoked, or ran out."),
    "Status403": _problem("The token lacks the scope, or its person is no admin."),
    "Status429": _problem("That was too often. Wait a moment."),
}
SECURITY: Final[Schema] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": f"An API token of one person for one organisation, made on their account's page. It "
        f"begins with `{PREFIX}`.",
    }
}
