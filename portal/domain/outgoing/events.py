"""The events of webhooks: public jobs that opened, changed or closed since receivers were told last."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from portal.domain.feeds.jobs import timestamp

MOST_EVENTS: Final = 100
"""How many events of one comparison are sent one by one: of more, one event says that the list changed."""
_NO_NEWS: Final = frozenset({"url", "updated_at"})
"""These change without the job: when the portal moves, or when something changed that is not public."""


class EventType(StrEnum):
    """What a message says, by the name that stands in it."""

    OPENED = "job.opened"
    CHANGED = "job.changed"
    CLOSED = "job.closed"
    MANY = "jobs.changed"
    TEST = "webhook.test"

    @property
    def label(self) -> str:
        """The type in people's words."""
        return _LABELS[self]


_LABELS: Final = {
    EventType.OPENED: "Job opened",
    EventType.CHANGED: "Job changed",
    EventType.CLOSED: "Job closed",
    EventType.MANY: "Many jobs changed",
    EventType.TEST: "Test",
}
CHOICES: Final = (EventType.OPENED, EventType.CHANGED, EventType.CLOSED)


class Format(StrEnum):
    """What a receiver understands."""

    WEBHOOK = "webhook"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class ToldJob:
    """A job as receivers know it: ``digest`` is a hash of its whole JSON."""

    digest: str
    title: str


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that became of a public job. ``data`` is what the API says of it."""

    type: EventType
    job_id: int
    title: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Changes:
    """What became of an organisation's public jobs; of each type the first events, and how many in all."""

    events: dict[EventType, list[JobEvent]] = field(default_factory=lambda: {each: [] for each in CHOICES})
    counts: dict[EventType, int] = field(default_factory=lambda: dict.fromkeys(CHOICES, 0))
    told: dict[int, ToldJob] = field(default_factory=dict)
    closed_ids: list[int] = field(default_factory=list)

    def compare(self, said: Mapping[str, Any], before: ToldJob | None) -> None:
        """Add what became of a job of which this is said now."""
        now = ToldJob(digest_of(said), str(said["title"]))
        if before is not None and before.digest == now.digest:
            return
        self.told[said["id"]] = now
        kind = EventType.OPENED if before is None else EventType.CHANGED
        self._add(JobEvent(kind, said["id"], now.title, said))

    def close(self, job_id: int, before: ToldJob, url: str) -> None:
        """Add that a job is not public any more; nothing is said of it but what was told before."""
        self.closed_ids.append(job_id)
        data = {"id": job_id, "url": url, "title": before.title}
        self._add(JobEvent(EventType.CLOSED, job_id, before.title, data))

    def of(self, types: Iterable[str]) -> tuple[list[JobEvent], int]:
        """Return the events of these types, and how many there are: more than are returned, perhaps."""
        wanted = [each for each in CHOICES if each in set(types)]
        events = [event for each in wanted for event in self.events[each]]
        return events, sum(self.counts[each] for each in wanted)

    def _add(self, event: JobEvent) -> None:
        self.counts[event.type] += 1
        if len(self.events[event.type]) <= MOST_EVENTS:
            self.events[event.type].append(event)


def digest_of(said: Mapping[str, Any]) -> str:
    """Return what stands for all that is said of a job."""
    kept = {name: value for name, value in said.items() if name not in _NO_NEWS}
    return blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose jobs are told of. ``jobs_page`` is where people find them, ``jobs_api`` where programs do."""

    slug: str
    name: str
    jobs_page: str
    jobs_api: str

    def said(self) -> dict[str, str]:
        """What every message says of the organisation."""
        return {"slug": self.slug, "name": self.name}

    def job_page(self, job_id: int) -> str:
        """The address of a job's page."""
        return f"{self.jobs_page}/{job_id}"


def job_body(sender: Sender, event: JobEvent, now: datetime) -> str:
    """Return the message of one job."""
    return _body(event.type, {"organisation": sender.said(), "job": event.data}, now)


def many_body(sender: Sender, now: datetime) -> str:
    """Return the message that more changed than is told one by one: the API has all of it."""
    return _body(EventType.MANY, {"organisation": sender.said(), "jobs_url": sender.jobs_api}, now)


def trial_body(sender: Sender, now: datetime) -> str:
    """Return a message that says nothing, to try a receiver with."""
    return _body(EventType.TEST, {"organisation": sender.said(), "jobs_url": sender.jobs_api}, now)


def _body(kind: EventType, data: Mapping[str, Any], now: datetime) -> str:
    message = {"type": kind.value, "timestamp": timestamp(now), "data": data}
    return json.dumps(message, ensure_ascii=False)
