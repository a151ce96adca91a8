"""Make the columns of a job from a post, by the field mapping and the switches of its connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal.domain.descriptions.clean import clean_description
from portal.domain.jobs.fields import Source, Visibility
from portal.domain.jobs.values import Values
from portal.domain.languages import language_tag
from portal.domain.sync.custom_fields import FieldMapping, completed_before
from portal.domain.sync.following import ALL_FOLLOW, followed_values, reread_values
from portal.domain.sync.posts import JobPost, ListedPost
from portal.domain.sync.prefill import SourceValues, ai_notice, office_places, prefill, source_values
from portal.domain.texts import cut_line

Row = dict[str, Any]

MAX_REQUISITION_LENGTH: Final = 200

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
    "hiring_manager": None,
    "closes_on": None,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a run reads the posts of a board. ``stamp`` names all that a 304 may only stand for: the version of
    the pipeline first, the mapping last. ``before`` is that of the last time, if there was one.

    Only what ``prefills`` writes an organisation's columns.
    """

    mapping: FieldMapping = field(default_factory=FieldMapping)
    prefills: bool = True
    stamp: str = ""
    before: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether posts were read in another way the last time: by another pipeline, or another mapping."""
        if self.before is None:
            return False
        now, then = self.stamp.split(":"), self.before.split(":")
        return (now[0], now[-1]) != (then[0], then[-1])

    @property
    def key(self) -> str:
        """What sets the rows that are made of posts apart from those made by default; empty: nothing does."""
        said = ("" if self.prefills else "no prefill", self.mapping.stamp if self.mapping.is_set else "")
        return " ".join(filter(None, said))

    def values(self, post: JobPost) -> SourceValues:
        """What a post says of the organisation's columns."""
        return source_values(post, self.mapping.choices)

    def taken(self, stored: Mapping[str, Any], values: SourceValues) -> dict[str, Values]:
        """The columns to write of a stored job of which Greenhouse says this, by the following field."""
        if not self.prefills:
            return {}
        said = self.mapping.complete(values)
        if not self.is_new:
            return followed_values(stored["follows"], stored, said)
        return reread_values(stored["follows"], stored, self.said_before(stored["source_values"] or {}), said)

    def said_before(self, values: SourceValues) -> SourceValues:
        """What was said of a job of which Greenhouse said this, by the mapping of the last time."""
        return values if self.before is None else completed_before(values, self.before.rpartition(":")[2])


def imported_columns(listed: ListedPost, reading: Reading) -> Row:
    """Return Greenhouse's columns of a job; besides these a sync writes only what follows Greenhouse."""
    post = listed.post
    return {
        "source": Source.GREENHOUSE,
        "title": post.title,
        "description_html": clean_description(post.content, post.absolute_url),
        "apply_url": post.absolute_url,
        "internal_job_id": post.internal_job_id,
        "requisition_id": cut_line(post.requisition_id, MAX_REQUISITION_LENGTH)
        if post.requisition_id
        else None,
        "language": language_tag(post.language),
        "source_updated_at": post.updated_at,
        "source_hash": listed.fingerprint,
        "source_values": reading.values(post) | ai_notice(post),
        "office_places": office_places(post),
        "listed": True,
        "closed_at": None,
        "deleted_at": None,
    }


def new_visibility(hides_new: bool) -> Visibility:
    """Return who sees a job that a sync creates."""
    return Visibility.NEW if hides_new else Visibility.SHOWN


def new_job_columns(listed: ListedPost, reading: Reading, now: datetime, *, hides_new: bool = False) -> Row:
    """Return every column of a job first imported, the organisation's prefilled if it wants that.

    ``hides_new`` hides it until somebody decides.

    All of them follow Greenhouse, also where the connection does not prefill now: it may begin to.
    """
    imported = imported_columns(listed, reading)
    filled = prefill(reading.mapping.complete(imported["source_values"])) if reading.prefills else {}
    return (
        EMPTY_COLUMNS
        | imported
        | filled
        | {
            "external_id": listed.post.id,
            "follows": ALL_FOLLOW,
            "visibility": new_visibility(hides_new).value,
            "opened_at": listed.post.first_published or now,
            "created_at": now,
        }
    )
