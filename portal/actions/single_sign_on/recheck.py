"""Check once a day whether DNS still proves the mail domains, and withdraw the proof of those it does not.

Only what DNS answers counts: a domain is lost after a week of answers that there is no such record, one a
day. Its admins are mailed at the first and at the last of them.
"""

from datetime import datetime
from typing import Final

import structlog

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.audit import BY_ITSELF, record
from portal.actions.single_sign_on import domains
from portal.boards.dns_records import DnsSilent, txt_records
from portal.config import current_settings
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.accounts.mail_domains import MOST_MISSES, record_name, record_value
from portal.domain.audit import Action
from portal.domain.mails import Letter
from portal.live.publish import announce_sign_outs
from portal.models import MailDomain, Organisation
from portal.models.base import has_passed
from portal.store.accounts import single_sign_on as store
from portal.store.people import admins_of, lock_organisation

MOST_AT_ONCE: Final = 100
"""Each may take the five seconds that DNS has, and the task has fifteen minutes."""

log = structlog.get_logger()


def recheck_domains(now: datetime) -> int:
    """Look for the records of the domains that are due; return how many were lost."""
    due = [(row.organisation_id, row.id, row.domain, row.proof) for row in _due(now)]
    end_read()  # nothing is held while DNS is asked
    lost = 0
    for organisation_id, domain_id, domain, proof in due:
        try:
            is_there = record_value(proof) in txt_records(record_name(domain), current_settings().dns_server)
        except DnsSilent:
            is_there = None
        lost += _note(organisation_id, domain_id, proof, is_there, now)
    if lost:
        announce_sign_outs()
    return lost


def _due(now: datetime) -> list[MailDomain]:
    return store.domains_to_recheck(now, domains.RECHECK_EVERY, MOST_AT_ONCE)


def _note(organisation_id: int, domain_id: int, proof: str, is_there: bool | None, now: datetime) -> bool:
    """Note an answer, unless the domain was changed or looked for meanwhile; return whether it was lost."""
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.domain_by_id(organisation_id, domain_id)
        if held is None or held.proof != proof or not _is_due(held, now):
            return False
        held.recheck_at = now + domains.RECHECK_EVERY
        if is_there is None:
            return False
        held.missed = 0 if is_there else held.missed + 1
        if is_there:
            return False
        log.warning("domain_record_missing", organisation_id=organisation_id, missed=held.missed)
        organisation = session().get_one(Organisation, organisation_id)
        page = address_of(f"/orgs/{organisation.slug}/single-sign-on")
        said = (organisation.name, held.domain, record_name(held.domain), record_value(proof), page, now)
        if held.missed == 1:
            _tell(letters.domain_missing(*said), organisation, now)
        if held.missed < MOST_MISSES:
            return False
        _tell(letters.domain_lost(*said), organisation, now)
        domains.withdraw_proof(held)
        record(organisation_id, Action.DOMAIN_LOST, held.domain, origin=BY_ITSELF)
        return True


def _is_due(held: MailDomain, now: datetime) -> bool:
    if held.proved_at is None or held.by_operator:
        return False
    return held.recheck_at is None or has_passed(held.recheck_at, now, domains.RECHECK_EVERY)


def _tell(letter: Letter, organisation: Organisation, now: datetime) -> None:
    for admin in admins_of(organisation.id):
        add_letter(letter, admin.email, now, organisation.id)
