"""Notify search engines of jobs that opened and closed: compare, send, and store what they answer.

What is to be told follows from what is public and what was told last, so that no writer of jobs has to think
of it: a sync, an edit, and a last day that is over are all seen alike.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy.exc import IntegrityError

from portal.boards.search_engines import GoogleIndexing, parse_service_account, tell_indexnow
from portal.config import Settings, current_settings
from portal.db import end_read, write
from portal.domain.search_engines import Answer, Engine, Outcome
from portal.models.base import utc_now
from portal.store.public import search_notices as notices
from portal.store.public.search_notices import DueNotice
from portal.store.public.sitemap import Site, sites

MOST_COMPARED: Final = 1_000
MOST_SENT: Final = {Engine.INDEXNOW: 1_000, Engine.GOOGLE: 50}
"""In one round: IndexNow takes 10,000 pages in a request, Google one."""
MOST_ATTEMPTS: Final = 6
FIRST_PAUSE: Final = timedelta(minutes=1)
LEASE: Final = timedelta(minutes=30)
"""More than a round of 50 requests may take, of 20 seconds each."""
KILLED: Final = "not known: the process that told it was killed each time"

Compared = dict[int, tuple[int, date]]
"""At which revision and date an organisation was compared last, by its id."""


def engines_told(settings: Settings) -> list[Engine]:
    """Return whom to tell: those that the operator gave a key for, where the portal has a public address."""
    keys = {Engine.INDEXNOW: settings.indexnow_key, Engine.GOOGLE: settings.google_indexing_key}
    return [engine for engine, key in keys.items() if key and settings.public_url]


def compare_all(compared: Compared, today_in: Callable[[str], date]) -> None:
    """Leave notices of what opened or closed in organisations that changed since they were compared."""
    found = sites()
    end_read()
    for site in found:
        state = (site.revision, today_in(site.time_zone))
        if compared.get(site.id) != state and _compare(site, state[1]):
            compared[site.id] = state


def _compare(site: Site, today: date) -> bool:
    """Leave an organisation's notices; return whether that was all."""
    whole = True
    for engine in engines_told(current_settings()):
        opened, closed = notices.jobs_to_tell(site.id, engine, today, MOST_COMPARED)
        end_read()
        if not opened and not closed:
            continue
        try:
            with write():
                notices.put_notices(site.id, engine, opened, utc_now(), is_there=True)
                notices.put_notices(site.id, engine, closed, utc_now(), is_there=False)
        except IntegrityError:  # another process compared as well, or a job was deleted for good
            whole = False
        whole = whole and max(len(opened), len(closed)) < MOST_COMPARED
    return whole


def send_due(engine: Engine) -> bool:
    """Send what is due to one search engine; return whether it may be asked again at once.

    After one that did not answer, or is busy, the rest stays untried: it would meet the same.
    """
    with write():
        now = utc_now()
        claimed = notices.claim(notices.due_notices(engine, now, MOST_SENT[engine]), now + LEASE)
    lost = [notice for notice in claimed if notice.attempt >= MOST_ATTEMPTS]
    _note(lost, Answer(Outcome.REFUSED, KILLED))
    to_tell = [notice for notice in claimed if notice.attempt < MOST_ATTEMPTS]
    if engine is Engine.INDEXNOW:
        return not to_tell or _note(to_tell, _tell_indexnow(to_tell))
    for place, notice in enumerate(to_tell):
        if not _note([notice], _tell_google(notice)):
            _put_back(to_tell[place + 1 :])
            return False
    return True


def _tell_indexnow(told: list[DueNotice]) -> Answer:
    settings = current_settings()
    site = settings.public_url or ""
    pages = [_page(site, notice) for notice in told]
    return tell_indexnow(
        settings.indexnow_url, settings.indexnow_key or "", site, pages, settings.requests_ca_bundle
    )


def _tell_google(notice: DueNotice) -> Answer:
    settings = current_settings()
    google = _google(
        settings.google_indexing_url, settings.google_indexing_key or "", settings.requests_ca_bundle
    )
    return google.tell(_page(settings.public_url or "", notice), is_there=notice.is_there)


@cache
def _google(url: str, key: str, ca_bundle: str | None) -> GoogleIndexing:
    return GoogleIndexing(url, parse_service_account(key), ca_bundle)


def _page(site: str, notice: DueNotice) -> str:
    return f"{site}/orgs/{notice.slug}/jobs/{notice.job_id}"


def _note(told: list[DueNotice], answer: Answer) -> bool:
    """Note an answer; return whether the next one may be tried."""
    now = utc_now()
    with write():
        for notice in told:
            notices.note_answer(notice, notice.attempt + 1, _again_at(notice, answer, now), answer.words, now)
    return answer.outcome is not Outcome.LATER


def _again_at(notice: DueNotice, answer: Answer, now: datetime) -> datetime | None:
    if answer.outcome is not Outcome.LATER or notice.attempt + 1 >= MOST_ATTEMPTS:
        return None
    pause: timedelta = FIRST_PAUSE * 4**notice.attempt
    return now + max(pause, timedelta(seconds=answer.retry_after))


def _put_back(untried: list[DueNotice]) -> None:
    with write():
        for notice in untried:
            notices.note_answer(notice, notice.attempt, notice.not_before, None, notice.not_before)
