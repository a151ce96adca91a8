"""Ask for an alert by an address alone, confirm it by the link that was mailed there, change it, stop it."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.sign_in import hash_token
from portal.actions.alerts.links import confirm_url, manage_url
from portal.actions.mails import mail_text
from portal.db import end_read, session, write
from portal.domain.alerts import letters
from portal.domain.alerts.schedule import Cadence, next_sending
from portal.domain.alerts.searches import harmless_words, search_key, stored
from portal.domain.jobs.public_list import EVERY_JOB, PublicFilter, tally
from portal.domain.mails import Letter
from portal.domain.zones import date_in, zone_of
from portal.models import Alert, AlertMail, AlertReader, Mail, Organisation
from portal.store.people import lock_organisation
from portal.store.public import alerts
from portal.store.public.jobs import count_groups

MOST_OF_ONE: Final = 10
MOST_UNCONFIRMED_OF_ONE: Final = 5
MOST_UNCONFIRMED: Final = 1_000
MOST: Final = 50_000
"""Alerts of an address; of it unconfirmed, at all organisations; of an organisation: unconfirmed, and on."""
BETWEEN_QUESTIONS: Final = timedelta(hours=1)
GOOD_FOR: Final = timedelta(days=3)
UNCONFIRMED_LIFE: Final = timedelta(days=4)
JUST_NOW: Final = timedelta(minutes=10)
TOKEN_BYTES: Final = 24
KEY_BYTES: Final = 16


class TooManyAlerts(Exception):
    """The organisation has as many alerts, or as many unconfirmed ones, as there may be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for an alert; whether the address belongs to who asks is not known yet."""

    address: str
    wanted: PublicFilter
    cadence: Cadence = Cadence.DAILY
    source: str | None = None


def ask_for_alert(organisation: Organisation, asked: Asked, now: datetime) -> None:
    """Store what is asked for, and mail the address a link to confirm it, once in an hour at most.

    The link confirms all that waits by then. Whoever asked learns nothing of the address. Raises
    ``TooManyAlerts``.
    """
    today = date_in(organisation.time_zone, now)
    choices = tally(count_groups(organisation.id, today), EVERY_JOB).choices if asked.wanted.chosen else {}
    end_read()
    words = harmless_words(asked.wanted, choices)
    try:
        _ask(organisation, asked, words, now)
    except IntegrityError:  # the address was stored by another request a moment ago
        _ask(organisation, asked, words, now)


def _ask(organisation: Organisation, asked: Asked, words: list[str], now: datetime) -> None:
    with write():
        reader = alerts.reader_of(organisation.id, asked.address)
        may_have_more = alerts.count_unconfirmed_of(asked.address) < MOST_UNCONFIRMED_OF_ONE
        if reader is None:
            if not may_have_more:
                return  # an address without an alert is not kept
            reader = _new_reader(organisation, asked, now)
        theirs = {alert.search_key: alert for alert in alerts.alerts_of(reader.id)}
        present = theirs.get(search_key(asked.wanted))
        if present is not None and present.confirmed_at is not None:
            _mail(reader, letters.known(organisation.name, manage_url(reader)), now)
        elif present is not None:
            present.cadence, present.source = asked.cadence, asked.source
            _ask_to_confirm(organisation, reader, words, now)
        elif len(theirs) >= MOST_OF_ONE:
            _mail(reader, letters.known(organisation.name, manage_url(reader), MOST_OF_ONE), now)
        elif may_have_more:
            _check_room(organisation.id)
            alert = _new_alert(organisation, reader, asked, now)
            alert.told = _edition(organisation, now) if lock_organisation(organisation.id, wait=False) else -1
            session().add(alert)
            _ask_to_confirm(organisation, reader, words, now)


def _edition(organisation: Organisation, now: datetime) -> int:
    """Return the edition that holds all that is public now: what comes later is new."""
    return alerts.note_published(organisation.id, date_in(organisation.time_zone, now))


def _check_room(organisation_id: int) -> None:
    waiting = alerts.count_alerts(organisation_id, confirmed=False)
    if waiting >= MOST_UNCONFIRMED or alerts.count_alerts(organisation_id, confirmed=True) >= MOST:
        raise TooManyAlerts


def _new_reader(organisation: Organisation, asked: Asked, now: datetime) -> AlertReader:
    key = secrets.token_urlsafe(KEY_BYTES)
    reader = AlertReader(organisation_id=organisation.id, address=asked.address, key=key, created_at=now)
    session().add(reader)
    session().flush()
    return reader


def _new_alert(organisation: Organisation, reader: AlertReader, asked: Asked, now: datetime) -> Alert:
    return Alert(
        organisation_id=organisation.id,
        reader_id=reader.id,
        wanted=stored(asked.wanted),
        search_key=search_key(asked.wanted),
        source=asked.source,
        cadence=asked.cadence,
        created_at=now,
    )


def _ask_to_confirm(organisation: Organisation, reader: AlertReader, words: list[str], now: datetime) -> None:
    """Mail a link, unless one that is good still was mailed within the hour: it confirms this as well."""
    if _has_link(reader, now) and _is_recent(reader.asked_at, now):
        return
    token = secrets.token_urlsafe(TOKEN_BYTES)
    at = _not_before(reader.address, now)
    reader.confirm_hash, reader.confirmed_at = hash_token(token), None
    reader.confirm_until = at + GOOD_FOR
    until = date_in(organisation.time_zone, reader.confirm_until)
    _leave(reader, letters.question(organisation.name, words, confirm_url(token), until), at)


def _has_link(reader: AlertReader, now: datetime) -> bool:
    """Whether a link was mailed, or waits to be, that can still be used to confirm."""
    return reader.confirmed_at is None and reader.confirm_until is not None and reader.confirm_until > now


def _mail(reader: AlertReader, letter: Letter, now: datetime) -> None:
    """Mail something else, unless a mail went out within the hour, or waits and asks to confirm."""
    if not _has_link(reader, now) and not _is_recent(reader.asked_at, now):
        _leave(reader, letter, _not_before(reader.address, now))


def _is_recent(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a mail went out within the hour, or waits for its time; a clock may have been wrong."""
    return asked_at is not None and now - BETWEEN_QUESTIONS < asked_at < now + GOOD_FOR


def _not_before(address: str, now: datetime) -> datetime:
    """Return when the next such mail may go to an address that any organisation may have asked."""
    last = alerts.last_asked(address)
    return max(now, last + BETWEEN_QUESTIONS) if last is not None and _is_recent(last, now) else now


def _leave(reader: AlertReader, letter: Letter, at: datetime) -> None:
    """Leave the mail, in the place of one that waits."""
    alerts.delete_questions(reader.id)
    reader.asked_at = at
    text = mail_text(letter)
    mail = Mail(
        organisation_id=reader.organisation_id,
        address=reader.address,
        subject=text.subject,
        body=text.body,
        html=text.html,
        not_before=at,
        created_at=at,
    )
    session().add(mail)
    session().flush()
    session().add(AlertMail(mail_id=mail.id, reader_id=reader.id))


def reader_to_confirm(token: str, now: datetime) -> AlertReader | None:
    """Return whom a link asks, while it is good; also just after it was used, since people click twice."""
    reader = alerts.reader_to_confirm(hash_token(token))
    if reader is None or reader.confirm_until is None or reader.confirm_until < now:
        return None
    is_used = reader.confirmed_at is not None and now - reader.confirmed_at > JUST_NOW
    return None if is_used else reader


def confirm(token: str, alert_ids: Collection[int], now: datetime) -> AlertReader | None:
    """Turn on those of the alerts that wait, and delete the others that do.

    ``None``: the link is not good. New is what came since they were asked for.
    """
    found = reader_to_confirm(token, now)
    if found is None:
        return None
    organisation = found.organisation
    with write():
        lock_organisation(organisation.id)
        reader = reader_to_confirm(token, now)
        if reader is None or reader.confirmed_at is not None:
            return reader
        reader.confirmed_at, reader.asked_at, reader.refusals = now, None, 0
        waiting = [alert for alert in alerts.alerts_of(reader.id) if alert.confirmed_at is None]
        zone = zone_of(organisation.time_zone)
        for alert in waiting:
            if alert.id in alert_ids:
                alert.confirmed_at, alert.next_at = now, next_sending(now, zone, alert.cadence)
                if alert.told < 0:  # somebody else had the organisation locked then
                    alert.told = _edition(organisation, now)
        session().flush()
        alerts.delete_alerts(reader.id, [alert.id for alert in waiting if alert.id not in alert_ids])
        return reader


def change_cadence(reader_id: int, alert_id: int, cadence: Cadence, now: datetime) -> bool:
    """Let an alert come as often as ``cadence`` says; return whether there is such an alert."""
    with write():
        reader = alerts.lock_reader(reader_id)
        for alert in alerts.alerts_of(reader_id) if reader else ():
            zone = zone_of(alert.reader.organisation.time_zone)
            if alert.id == alert_id and alert.confirmed_at is not None:
                alert.cadence, alert.next_at = cadence, next_sending(now, zone, cadence)
                return True
    return False


def stop(reader_id: int, alert_ids: Collection[int] | None = None) -> bool:
    """Delete these alerts of a reader, or all; with the last one goes all that is stored of the address.

    Return whether it did.
    """
    with write():
        return alerts.delete_alerts(reader_id, alert_ids)
