"""A domain whose record leaves DNS is told of, and counts no more once it was missed for a week."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.single_sign_on import domains
from portal.actions.single_sign_on.recheck import recheck_domains
from portal.config import Settings
from portal.db import end_read, session, write
from portal.domain.accounts.mail_domains import MOST_MISSES
from portal.models import AuditEntry, LoginSession, MailDomain, Membership, Organisation
from portal.models.base import utc_now
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.dns_server import DnsServer
from tests.support.letters import waiting

NAME = "_jobs-portal.example.com"


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, dns: DnsServer) -> Settings:
    return replace(settings, dns_server=dns.address)


@pytest.fixture
def proved(app: Flask, cast: Cast, dns: DnsServer) -> Iterator[int]:
    """Northwind's domain, proved by its record; it requires single sign-on, and Noor came in by it."""
    with app.app_context():
        claimed = domains.add(cast.northwind.id, "example.com")
        dns.records[NAME] = [f"jobs-portal-domain={claimed.proof}"]
        domains.check(cast.northwind.id, claimed.id)
        with write() as rows:
            rows.get_one(Organisation, cast.northwind.id).requires_single_sign_on = True
            place = rows.scalars(select(Membership.id).where(Membership.user_id == cast.noor.id)).one()
            until = datetime.now(UTC) + timedelta(days=90)
            rows.add(
                LoginSession(token_hash="x", user_id=cast.noor.id, expires_at=until, membership_id=place)
            )
        yield claimed.id
        end_read()


def held(domain_id: int) -> MailDomain:
    end_read()
    found = session().get_one(MailDomain, domain_id, populate_existing=True)
    end_read()
    return found


def look(day: float) -> int:
    return recheck_domains(utc_now() + timedelta(days=day))


def test_a_record_that_is_gone_for_a_week_takes_the_domain_away(
    proved: int, cast: Cast, dns: DnsServer
) -> None:
    record = dns.records.pop(NAME)
    assert look(0.5) == 0
    assert held(proved).missed == 0
    for day in range(1, MOST_MISSES):
        assert look(day + day / 100) == look(day + day / 100) == 0
        assert held(proved).missed == day
    [told] = waiting("mara@example.com")
    assert told.subject == "The DNS record of example.com is missing"
    assert record[0] in told.text
    assert look(MOST_MISSES + 0.5) == 1
    assert held(proved).proved_at is None
    assert waiting("mara@example.com")[-1].subject == "example.com no longer counts for single sign-on"
    assert waiting("noor@example.com") == []
    assert session().scalars(select(LoginSession)).all() == []
    assert session().get_one(Organisation, cast.northwind.id).requires_single_sign_on is False
    entry = session().scalars(select(AuditEntry).where(AuditEntry.action == "domain-lost")).one()
    assert (entry.user_id, entry.about, entry.browser) == (None, "example.com", "By itself")
    end_read()
    assert look(20) == 0
    dns.records[NAME] = record
    domains.check(cast.northwind.id, proved)
    assert held(proved).proved_at is not None


@on_sqlite
def test_what_dns_does_not_answer_counts_for_nothing_and_a_record_that_is_back_for_all(
    proved: int, cast: Cast, dns: DnsServer
) -> None:
    dns.broken.add(NAME)
    for day in range(1, 20):
        assert look(day + day / 100) == 0
    assert held(proved).missed == 0
    dns.broken.clear()
    record, dns.records[NAME] = dns.records[NAME], ["v=spf1 -all"]
    for day in range(21, 21 + MOST_MISSES - 1):
        look(day + day / 100)
    assert held(proved).missed == MOST_MISSES - 1
    dns.records[NAME] = record
    domains.check(cast.northwind.id, proved)
    assert (held(proved).missed, held(proved).proved_at is not None) == (0, True)


def test_what_the_operator_set_is_never_looked_for(app: Flask, cast: Cast, dns: DnsServer) -> None:
    with app.app_context():
        domains.set_by_operator("northwind", "example.com")
        for day in range(1, 20):
            assert look(day + day / 100) == 0
        claimed = session().scalars(select(MailDomain)).one()
        assert (claimed.missed, claimed.proved_at is not None) == (0, True)
        end_read()
