"""The tasks that the queue calls; each hands its ids to an action within the application."""

import structlog

from portal.actions.alerts import sending
from portal.actions.applications.deliver import deliver
from portal.actions.single_sign_on.recheck import recheck_domains
from portal.actions.sync import run as sync
from portal.actions.sync import tidy_up as tidying
from portal.actions.sync.connection import recheck_keys
from portal.models.base import utc_now
from portal.worker.application import application

log = structlog.get_logger()


def run_sync(run_id: int, generation: int) -> None:
    """Carry out one sync run."""
    with application().app_context():
        sync.run_sync(run_id, generation)


def send_alerts(organisation_id: int, _minute: int) -> None:
    """Write the mails of an organisation's e-mail alerts that are due."""
    with application().app_context():
        mails = sending.send_alerts(organisation_id, utc_now())
        log.info("alerts_sent", organisation_id=organisation_id, mails=mails)


def deliver_application(application_id: int, generation: int) -> None:
    """Send an application to Greenhouse."""
    with application().app_context():
        deliver(application_id, generation)


def tidy_up(_hour: int) -> None:
    """Delete what is over; ask about keys, and DNS about domains, that were not asked about for a day."""
    with application().app_context():
        log.info("tidied_up", rows=tidying.tidy_up(tidying.bounded(utc_now())))
        log.info("keys_asked_about", count=recheck_keys(utc_now()))
        log.info("domains_rechecked", lost=recheck_domains(utc_now()))
