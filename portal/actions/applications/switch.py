"""Switch applying on the portal's own pages on and off; off also when Greenhouse rejects the key."""

from datetime import datetime, timedelta
from typing import Any

from portal.actions.audit import record
from portal.actions.changing import Change, changing
from portal.actions.mails import mail_text
from portal.actions.sync.credentials import Use, is_readable
from portal.config import current_settings
from portal.db import session
from portal.domain.applications import mails
from portal.domain.applications.mails import About
from portal.domain.audit import Action
from portal.domain.jobs.fields import Source
from portal.domain.mails import Letter
from portal.models import Connection, Organisation
from portal.store.applications.steps import count_undelivered
from portal.store.connections import connection_of, locked_connection
from portal.store.job_columns import stamp_board
from portal.store.mails import add_mails
from portal.store.people import admins_of

MAIL_PAUSE = timedelta(days=1)


class KeyUnusable(Exception):
    """The connection has no API key that applications can be sent with."""

    def __init__(self) -> None:
        super().__init__("Replace the API key first: Greenhouse rejects it, or the portal cannot read it.")


def is_key_usable(connection: Connection) -> bool:
    """Whether the key can be read, and Greenhouse has not rejected it."""
    return connection.key_rejected_at is None and is_readable(connection, Use.API_KEY)


def applied_board(connection: Connection | None) -> str:
    """Return the board for whose jobs people apply here; empty where the switch is off."""
    is_on = connection is not None and connection.apply_here and connection.key_rejected_at is None
    return connection.board_token if connection is not None and is_on else ""


def applies_here(board: str, job: Any) -> bool:
    """Whether people apply for a job, or a row of jobs, here; ``board`` is what ``applied_board`` says."""
    is_imported = job.source == Source.GREENHOUSE and job.external_id is not None
    return bool(board) and is_imported and job.board_token == board


def switch_apply_here(connection: Connection, *, on: bool) -> None:
    """Turn it on or off; raises ``KeyUnusable``, and ``NoResultFound`` when the connection has ended."""
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        if on and not is_key_usable(held):
            raise KeyUnusable
        held.apply_here = on
        if change.session.is_modified(held):
            record(organisation_id, Action.CONNECTION_CHANGED, f"applying here {'on' if on else 'off'}")
            stamp_board(organisation_id, held.board_token, change.revision)


def note_rejected_key(held: Connection, change: Change) -> None:
    """Note that Greenhouse rejects the key, turn the switch off, and tell the admins if it was on."""
    now = change.now
    held.key_checked_at, held.key_rejected_at = now, held.key_rejected_at or now
    change.raise_revision()
    if held.apply_here:
        stamp_board(held.organisation_id, held.board_token, change.revision)
        held.apply_here, held.undelivered_told_at = False, now  # this mail tells of both
        _tell(held.organisation_id, mails.switched_off(_about(held.organisation_id)), now)


def tell_of_undelivered(organisation_id: int, now: datetime) -> None:
    """Mail the admins that applications wait for their decision, at most once a day; as above."""
    held, waiting = connection_of(organisation_id), count_undelivered(organisation_id)
    if held is None and waiting > 1:  # disconnected meanwhile: the first was told of
        return
    if held is not None:
        told_at = held.undelivered_told_at
        if told_at is not None and abs(now - told_at) < MAIL_PAUSE:
            return
        held.undelivered_told_at = now
    _tell(organisation_id, mails.undelivered(_about(organisation_id), waiting), now)


def _tell(organisation_id: int, letter: Letter, now: datetime) -> None:
    add_mails(organisation_id, admins_of(organisation_id), mail_text(letter), now, of_connection=True)


def _about(organisation_id: int) -> About:
    organisation = session().get_one(Organisation, organisation_id)
    base = f"{current_settings().address}/orgs/{organisation.slug}"
    return About(organisation.name, f"{base}/applications", f"{base}/greenhouse")
