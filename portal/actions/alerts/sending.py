"""Write the mails of the alerts that are due: the jobs that are new since the last one, each told once.

The jobs that are public for the first time are numbered by editions. An alert knows the latest edition that
it was compared with, which is written along with its mail: killed anywhere, nothing is told twice or never.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from portal.actions.alerts.links import links_of
from portal.actions.mails import mail_text
from portal.config import current_settings
from portal.db import end_read, session, write
from portal.domain.alerts import letters
from portal.domain.alerts.schedule import Cadence, is_fit_hour, next_sending
from portal.domain.alerts.searches import parse_stored
from portal.domain.jobs.public_list import matches
from portal.domain.jobs.public_words import days_ago, job_facts, salary_label, search_words
from portal.domain.mails import Entry
from portal.domain.zones import date_in, zone_of
from portal.models import Alert, AlertMail, Mail, Organisation
from portal.queues import enqueue_alerts
from portal.store.people import lock_organisation
from portal.store.public import alerts

BATCH: Final = 50
"""Of alerts in a transaction: on SQLite nobody else writes meanwhile."""
MOST_WAITING: Final = 500
"""Of mails: while so many wait, no more are written. Others, such as new passwords, wait behind them."""
MOST_ORGANISATIONS: Final = 1_000


def enqueue_due(now: datetime, minute: int) -> None:
    """Enqueue the alerts that are due; ticks that do so at once enqueue one task."""
    due = alerts.due_organisations(now, MOST_ORGANISATIONS)
    end_read()
    if due:
        enqueue_alerts(due, minute)


def send_alerts(organisation_id: int, now: datetime) -> int:
    """Write the mails of an organisation's alerts that are due; return how many.

    Any number of processes may do it at once.
    """
    organisation = alerts.organisation_by_id(organisation_id)
    told = alerts.earliest_told(organisation_id, now)
    end_read()
    if organisation is None or told is None:
        return 0
    zone = zone_of(organisation.time_zone)
    if not is_fit_hour(now, zone):
        with write():
            alerts.postpone_due(organisation_id, now, next_sending(now, zone, Cadence.DAILY))
        return 0
    today = now.astimezone(zone).date()
    with write():
        lock_organisation(organisation_id)
        edition = alerts.note_published(organisation_id, today)
    run = _Run(organisation, told, edition, alerts.new_jobs(organisation_id, today, told), today)
    end_read()
    total = 0
    while (sent := _send_batch(run, now)) is not None:
        total += sent
    return total


class _Run:
    """The jobs of the editions after ``told`` up to ``edition``, and what each search finds of them."""

    def __init__(
        self, organisation: Organisation, told: int, edition: int, jobs: Sequence[Any], today: date
    ) -> None:
        self.organisation, self.today = organisation, today
        self.told, self.edition, self.jobs = told, edition, jobs
        self._found: dict[str, Sequence[Any]] = {}
        self.entry: Callable[[Any, str | None], Entry] = cache(self._entry)

    def new_to(self, alert: Alert) -> list[Any]:
        """Return the jobs that an alert's reader is to hear of; many alerts have the same search."""
        if alert.search_key not in self._found:
            is_wanted = matches(parse_stored(alert.wanted))
            self._found[alert.search_key] = [job for job in self.jobs if is_wanted(job)]
        return [job for job in self._found[alert.search_key] if job.edition > alert.told]

    def _entry(self, job: Any, source: str | None) -> Entry:
        opened_on = date_in(self.organisation.time_zone, job.opened_at)
        posted = f"posted {days_ago(opened_on, self.today)}"
        lines = (
            " · ".join(text for text, _ in job_facts(job)),
            " · ".join(filter(None, (salary_label(job), posted))),
        )
        return Entry(job.title, _job_url(self.organisation.slug, job.id, source), tuple(filter(None, lines)))


def _job_url(slug: str, job_id: int, source: str | None) -> str:
    address = f"{current_settings().address}/orgs/{slug}/jobs/{job_id}"
    return f"{address}?{urlencode({'gh_src': source})}" if source else address


def _send_batch(run: _Run, now: datetime) -> int | None:
    """Write a batch of mails, and with each what its alert now knows; ``None``: nothing is left to do."""
    zone = zone_of(run.organisation.time_zone)
    with write():
        if alerts.count_waiting_mails() >= MOST_WAITING:
            return None
        due = alerts.claim_due(run.organisation.id, run.told, now, BATCH)
        if not due:
            return None
        mails = []
        for alert in due:
            jobs = run.new_to(alert)
            if jobs:
                about = AlertMail(
                    reader_id=alert.reader_id,
                    alert_id=alert.id,
                    job_ids=[job.id for job in jobs[: letters.MOST_ENTRIES]],
                    told_before=alert.told,
                )
                mails.append((_mail(run, alert, jobs, now), about))
            alert.told = max(alert.told, run.edition)
            alert.next_at = next_sending(now, zone, alert.cadence)
        session().add_all(mail for mail, _ in mails)
        session().flush()
        for mail, about in mails:
            about.mail_id = mail.id
        session().add_all(about for _, about in mails)
    return len(mails)


def _mail(run: _Run, alert: Alert, jobs: Sequence[Any], now: datetime) -> Mail:
    links = links_of(run.organisation.slug, alert)
    since = date_in(run.organisation.time_zone, alert.confirmed_at or now)
    letter = letters.new_jobs(
        run.organisation.name,
        search_words(parse_stored(alert.wanted)),
        [run.entry(job, alert.source) for job in jobs],
        links,
        cadence=alert.cadence,
        address=alert.reader.address,
        since=since,
    )
    text = mail_text(letter)
    return Mail(
        organisation_id=run.organisation.id,
        address=alert.reader.address,
        subject=text.subject,
        body=text.body,
        html=text.html,
        unsubscribe_url=links.stop,
        not_before=now,
        created_at=now,
    )
