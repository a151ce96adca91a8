"""The mail domains of an organisation: claimed, proved by a record in DNS, or set by the operator."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.people import PeopleError
from portal.actions.audit import record
from portal.actions.single_sign_on.provider import ProviderError
from portal.actions.single_sign_on.waiting import waiting
from portal.boards.dns_records import DnsSilent, txt_records
from portal.config import current_settings
from portal.db import end_read, session, write
from portal.domain.accounts.mail_domains import parse_domain, record_name, record_value
from portal.domain.audit import Action
from portal.domain.texts import InvalidValue
from portal.live.publish import announce_sign_outs
from portal.models import MailDomain, Organisation
from portal.models.base import utc_now
from portal.store.accounts import single_sign_on as store
from portal.store.people import lock_organisation, organisation_by_slug

MOST_DOMAINS: Final = 20
PROOF_BYTES: Final = 24
RECHECK_EVERY: Final = timedelta(days=1)


class DomainError(PeopleError):
    """A domain that cannot be claimed, or is not proved: ``str()`` says why, fit for an admin."""


class DomainGone(DomainError):
    """A domain that is not the organisation's, or not any more."""

    def __init__(self) -> None:
        super().__init__("This domain was removed meanwhile.")


def add(organisation_id: int, typed: str) -> MailDomain:
    """Claim a domain, which counts once it is proved. Raises ``DomainError``."""
    domain = _parsed(typed)
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        claimed = store.domains_of(organisation_id)
        if any(each.domain == domain for each in claimed):
            raise DomainError(f"{domain} is in the list already.")
        if len(claimed) >= MOST_DOMAINS:
            raise DomainError(f"An organisation has at most {MOST_DOMAINS} domains. Remove one first.")
        record(organisation_id, Action.DOMAIN_ADDED, domain)
        return store.add_domain(organisation_id, domain, secrets.token_urlsafe(PROOF_BYTES))


def check(organisation_id: int, domain_id: int) -> str:
    """Look for the record that proves a domain; return the domain.

    Raises ``DomainError``, which says why not. The proof is of this organisation alone, so that the record of
    one proves nothing for another.
    """
    claimed = store.domain_by_id(organisation_id, domain_id)
    if claimed is None:
        raise DomainGone
    domain, proof = claimed.domain, claimed.proof
    if claimed.proved_at and not claimed.missed:
        return domain
    end_read()  # nothing is held while DNS is asked
    try:
        with waiting(organisation_id):
            _look_for(domain, proof)
    except ProviderError as error:
        raise DomainError(str(error)) from None
    try:
        with write(owner=organisation_id):
            lock_organisation(organisation_id)
            held = store.domain_by_id(organisation_id, domain_id)
            if held is None or held.proof != proof:
                raise DomainGone
            _prove(held, utc_now())
    except IntegrityError:
        raise _taken(domain) from None
    return domain


def _look_for(domain: str, proof: str) -> None:
    name, wanted = record_name(domain), record_value(proof)
    try:
        found = txt_records(name, current_settings().dns_server)
    except DnsSilent as error:
        raise DomainError(str(error)) from None
    if wanted in found:
        return
    if found:
        raise DomainError(
            f"The TXT record {name} says something else: “{found[0][:100]}”. It must say “{wanted}”."
        )
    raise DomainError(
        f"DNS has no TXT record {name} yet. A new record may take an hour until it is seen everywhere."
    )


def _prove(held: MailDomain, now: datetime) -> None:
    held.missed, held.recheck_at = 0, now + RECHECK_EVERY
    if held.proved_at is None:
        held.proved_at = now
        session().flush()
        record(held.organisation_id, Action.DOMAIN_PROVED, held.domain)


def _taken(domain: str) -> DomainError:
    """Say so without telling whose it is: other organisations' settings are nobody's business."""
    support = current_settings().support_email
    return DomainError(
        f"Another organisation has proved {domain} already. If it is yours, write to {support}."
    )


def remove(organisation_id: int, domain_id: int) -> str:
    """Remove a domain, and return it; sign-ins through the provider end, whosever they are.

    Raises ``DomainError``.
    """
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.domain_by_id(organisation_id, domain_id)
        if held is None:
            raise DomainGone
        domain = _remove(held)
    announce_sign_outs()
    return domain


def _remove(held: MailDomain) -> str:
    """Remove a domain. With the last one nobody gets in by single sign-on: then it is required no longer."""
    domain = held.domain
    withdraw_proof(held)
    record(held.organisation_id, Action.DOMAIN_REMOVED, domain)
    session().delete(held)
    return domain


def withdraw_proof(held: MailDomain) -> None:
    """Let a domain count no more, within the caller's transaction, which has locked the organisation."""
    organisation_id = held.organisation_id
    if held.proved_at:
        store.end_sign_ins_through(organisation_id)
    held.proved_at, held.by_operator, held.missed, held.recheck_at = None, False, 0, None
    session().flush()
    if not any(each.proved_at for each in store.domains_of(organisation_id)):
        session().get_one(Organisation, organisation_id).requires_single_sign_on = False


def set_by_operator(slug: str, typed: str) -> str:
    """Prove a domain by the operator's word, and return it. Raises ``DomainError``."""
    domain, organisation = _parsed(typed), _organisation(slug)
    try:
        with write(owner=organisation.id):
            lock_organisation(organisation.id)
            held = _held(organisation, domain) or store.add_domain(
                organisation.id, domain, secrets.token_urlsafe(PROOF_BYTES)
            )
            held.by_operator = held.by_operator or held.proved_at is None or held.missed > 0
            _prove(held, utc_now())
    except IntegrityError:
        owner = store.owner_of(domain)
        raise DomainError(
            f"{domain} is of “{owner.slug if owner else '?'}”. Remove it there first."
        ) from None
    return domain


def remove_by_operator(slug: str, typed: str) -> str:
    """Remove a domain of an organisation, and return it. Raises ``DomainError``."""
    domain, organisation = _parsed(typed), _organisation(slug)
    with write(owner=organisation.id):
        lock_organisation(organisation.id)
        held = _held(organisation, domain)
        if held is None:
            raise DomainError(f"“{slug}” has no domain {domain}.")
        _remove(held)
    announce_sign_outs()
    return domain


def _held(organisation: Organisation, domain: str) -> MailDomain | None:
    return next((each for each in store.domains_of(organisation.id) if each.domain == domain), None)


def _organisation(slug: str) -> Organisation:
    found = organisation_by_slug(slug)
    if found is None:
        raise DomainError(f"There is no organisation at “{slug}”.")
    return found


def _parsed(typed: str) -> str:
    try:
        return parse_domain(typed)
    except InvalidValue as error:
        raise DomainError(str(error)) from None
