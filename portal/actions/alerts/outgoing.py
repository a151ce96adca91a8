"""Check mails of alerts before they are sent, and delete readers whose address does not exist."""

import re
from datetime import datetime
from typing import Final

from portal.domain.zones import date_in
from portal.models import Mail
from portal.store.public import alerts

MOST_REFUSALS: Final = 3
NO_SUCH_ADDRESS: Final = re.compile(r"RCPT answered 55[0-4](?: 5\.[12]\.\d+)?")
"""How a mail server refuses an address; what it refuses for the sender's sake (5.7) says nothing of it."""


def may_go(mail: Mail, now: datetime) -> bool:
    """Whether a mail that is claimed may be sent.

    One that tells of a job that is not public any more may not: its alert is due again, without that job.
    """
    owner = alerts.mail_owner(mail.id)
    if owner is None:
        return True
    about, reader = owner
    organisation = alerts.organisation_by_id(reader.organisation_id)
    if about.alert_id is None or organisation is None:
        return True
    today = date_in(organisation.time_zone, now)
    if alerts.are_public(organisation.id, today, about.job_ids):
        return True
    alerts.reset_told(about.alert_id, about.told_before, now)
    return False


def note_accepted(mail_id: int) -> None:
    """Note that the mail server took a mail: the address is in use."""
    owner = alerts.mail_owner(mail_id)
    if owner is not None and owner[1].refusals:
        owner[1].refusals = 0


def note_refused(mail_id: int, cause: str) -> None:
    """Note that a mail was refused for good.

    After several in a row all is deleted that is stored of the address; who never confirmed goes at once.
    """
    owner = alerts.mail_owner(mail_id)
    if owner is None or not NO_SUCH_ADDRESS.fullmatch(cause):
        return
    reader = alerts.lock_reader(owner[1].id)
    if reader is None:
        return
    reader.refusals += 1
    theirs = alerts.alerts_of(reader.id)
    if reader.refusals >= MOST_REFUSALS or all(alert.confirmed_at is None for alert in theirs):
        alerts.delete_alerts(reader.id)
