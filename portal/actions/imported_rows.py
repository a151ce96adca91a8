"""What a job post becomes in the table of jobs."""

from datetime import datetime
from typing import Any

from portal.domain.descriptions import clean_description
from portal.domain.job_posts import ListedPost
from portal.domain.prefill import prefill, source_values
from portal.domain.texts import cut_line
from portal.models import Connection, Source

Row = dict[str, Any]

MAX_REQUISITION_LENGTH = 200
MAX_LANGUAGE_LENGTH = 35

EMPTY_COLUMNS: Row = {
    "location": None,
    "workplace_type": None,
    "employment_type": None,
    "department": None,
    "seniority": None,
    "salary_min": None,
    "salary_max": None,
    "salary_currency": None,
    "salary_period": None,
    "closes_on": None,
}


def imported_columns(listed: ListedPost) -> Row:
    """Return Greenhouse's columns of a job: all that a sync ever writes of a stored one."""
    post = listed.post
    return {
        "source": Source.GREENHOUSE,
        "title": post.title,
        "description_html": clean_description(post.content),
        "apply_url": post.absolute_url,
        "internal_job_id": post.internal_job_id,
        "requisition_id": cut_line(post.requisition_id, MAX_REQUISITION_LENGTH)
        if post.requisition_id
        else None,
        "language": post.language if post.language and len(post.language) <= MAX_LANGUAGE_LENGTH else None,
        "source_updated_at": post.updated_at,
        "source_hash": listed.fingerprint,
        "source_values": source_values(post),
        "listed": True,
        "closed_at": None,
        "deleted_at": None,
    }


def new_job_columns(connection: Connection, listed: ListedPost, now: datetime) -> Row:
    """Return every column of a job first imported, the organisation's prefilled if it wants that."""
    imported = imported_columns(listed)
    filled = prefill(imported["source_values"]) if connection.prefill else {}
    return (
        EMPTY_COLUMNS
        | imported
        | filled
        | {
            "organisation_id": connection.organisation_id,
            "board_token": connection.board_token,
            "external_id": listed.post.id,
            "opened_at": listed.post.first_published or now,
            "created_at": now,
        }
    )
