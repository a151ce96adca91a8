"""The description of the JSON API, as OpenAPI 3.1."""

from collections.abc import Iterable
from typing import Any, Final

from portal.config import VERSION
from portal.domain.jobs.fields import EmploymentType, WorkplaceType
from portal.domain.jobs.public_list import FILTERS
from portal.domain.people import SLUG
from portal.web.requests import GREATEST_ID
from portal.web.tokens.description import BY_ANYBODY, CHANGE_JOB, RESPONSES, SCHEMAS, SECURITY, SYNC

USUAL_JOBS: Final = 50
MOST_JOBS: Final = 200
LARGEST_PAGE: Final = 100_000
SORTS: Final = ("newest", "department")
SWITCH: Final = ("false", "true")

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_ADDRESS: Final[Schema] = {"type": "string", "format": "uri"}
_MAYBE_ADDRESS: Final[Schema] = {"type": ["string", "null"], "format": "uri"}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}


def document(site_name: str, site: str) -> Schema:
    """Return the description of the API at ``site``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Jobs of {site_name}",
            "version": VERSION,
            "description": "An organisation's public jobs, for everybody: answers may be kept for a minute. "
            "A member's API token is told of members-only jobs too, and changes jobs where it may.",
        },
        "servers": [{"url": site}],
        "paths": {
            "/api/v1/orgs/{org}/jobs": {"parameters": [_ORG], "get": _JOBS},
            "/api/v1/orgs/{org}/jobs/{job_id}": {
                "parameters": [_ORG, _JOB_ID],
                "get": _JOB,
                "patch": CHANGE_JOB,
            },
            "/api/v1/orgs/{org}/sync": {"parameters": [_ORG], "post": SYNC},
        },
        "components": {
            "schemas": _SCHEMAS | SCHEMAS,
            "responses": _RESPONSES | RESPONSES,
            "securitySchemes": SECURITY,
        },
    }


def _query(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _several(name: str, description: str, values: Iterable[str] = ()) -> Schema:
    one = {"type": "string", "enum": list(values)} if values else _TEXT
    return _query(name, {"type": "array", "items": one}, f"{description} Several widen the list.")


def _path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _number(most: int, usual: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": usual}


def _object(**properties: Schema) -> Schema:
    """An object that has all of these properties; others may come with a later version."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _json(schema: Schema, description: str, media_type: str = "application/json") -> Schema:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _problem(description: str) -> Schema:
    return _json(_ref("schemas", "Problem"), description, "application/problem+json")


def _answers(answer: Schema, *others: int) -> Schema:
    refused = {str(status): _ref("responses", f"Status{status}") for status in others}
    return {"200": answer, "304": {"description": "The copy that was asked about is good."}, **refused}


_SOURCE: Final = _query(
    "gh_src", _TEXT, "A source, kept in all addresses as `utm_…` is; 200 characters at most."
)
_ORG: Final = _path("org", {"type": "string", "pattern": f"^{SLUG.pattern}$"})
_JOB_ID: Final = _path("job_id", {"type": "integer", "minimum": 1, "maximum": GREATEST_ID})

_TOLD: Final[Schema] = {"anyOf": [_ref("schemas", "JobWithDescription"), _ref("schemas", "EditableJob")]}
_JOBS: Final[Schema] = {
    "operationId": "listJobs",
    "summary": "The open jobs that match, the newest first or by department",
    "security": BY_ANYBODY,
    "parameters": [
        _query("q", _TEXT, "Words that all are in a job, or phrases in double quotes."),
        _several("department", "The department."),
        _several("location", "A town, region, country or part of the world, with all that lies in it."),
        _several("workplace_type", "Where the work is done.", WorkplaceType),
        _several("employment_type", "The kind of employment.", EmploymentType),
        _several("language", "The language of the post (BCP 47)."),
        _query("page", _number(LARGEST_PAGE, 1), "Which page."),
        _query("limit", _number(MOST_JOBS, USUAL_JOBS), "How many jobs a page has."),
        _query(
            "sort",
            {"type": "string", "enum": list(SORTS), "default": SORTS[0]},
            "The newest first; or featured ones first, then by department.",
        ),
        _query("filters", {"type": "boolean", "default": False}, "Whether to say what to filter by."),
        _SOURCE,
    ],
    "responses": _answers(_json(_ref("schemas", "JobList"), "A page of jobs."), 400, 401, 403, 404, 503),
}
_JOB: Final[Schema] = {
    "operationId": "getJob",
    "summary": "One job with its description",
    "security": BY_ANYBODY,
    "parameters": [_SOURCE],
    "responses": {
        **_answers(_json(_TOLD, "The job; to a member's token, an `EditableJob`."), 401, 403, 404, 410, 503),
        "301": {"description": "The job became part of another one, which this leads to."},
    },
}

_FILTERS: Final[Schema] = {
    "description": "With `filters=true`: the filters that have a choice, or are set.",
    "type": "array",
    "items": _object(
        name={"enum": list(FILTERS)},
        label=_TEXT,
        choices={
            "type": "array",
            "items": _object(value=_TEXT, label=_TEXT, count={"type": "integer", "minimum": 0}),
        },
    ),
}


def _job_list(**properties: Schema) -> Schema:
    schema = _object(**properties)
    return schema | {"properties": {**schema["properties"], "filters": _FILTERS}}


_SCHEMAS: Final[Schema] = {
    "JobList": _job_list(
        total={"type": "integer", "minimum": 0},
        page=_number(LARGEST_PAGE, 1),
        limit=_number(MOST_JOBS, USUAL_JOBS),
        next=_MAYBE_ADDRESS,
        previous=_MAYBE_ADDRESS,
        jobs={"type": "array", "items": _ref("schemas", "Job")},
    ),
    "Job": _object(
        id={"type": "integer"},
        url=_ADDRESS,
        apply_url=_MAYBE_ADDRESS,
        title=_TEXT,
        summary=_MAYBE_TEXT,
        language=_MAYBE_TEXT,
        department=_MAYBE_TEXT,
        seniority=_MAYBE_TEXT,
        location=_MAYBE_TEXT,
        places={"type": "array", "items": _ref("schemas", "Place")},
        workplace_type={"enum": [*WorkplaceType, None]},
        employment_type={"enum": [*EmploymentType, None]},
        salary={"oneOf": [_ref("schemas", "Salary"), {"type": "null"}]},
        tags={"type": "array", "items": _TEXT},
        featured={"type": "boolean"},
        reference=_MAYBE_TEXT,
        published_at=_MOMENT,
        updated_at=_MOMENT,
        closes_on={"type": ["string", "null"], "format": "date"},
    ),
    "JobWithDescription": {"allOf": [_ref("schemas", "Job"), _object(description_html=_TEXT)]},
    "Place": _object(
        town=_MAYBE_TEXT, region=_MAYBE_TEXT, country={"type": "string", "pattern": "^[A-Z]{2}$"}
    ),
    "Salary": _object(
        min={"type": ["number", "null"]}, max={"type": ["number", "null"]}, currency=_TEXT, period=_TEXT
    ),
    "Problem": _object(type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT),
}
_RESPONSES: Final[Schema] = {
    "Status400": _problem("A parameter cannot be meant; `detail` says which."),
    "Status404": _problem("There is no such organisation, or no such job that everybody sees."),
    "Status410": _problem("The job is closed."),
    "Status503": _problem("Try again after the seconds in `Retry-After`."),
}
