"""Northwind has an OpenID provider of its own, and has proved the domain of its addresses."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal.actions.single_sign_on import domains
from portal.actions.single_sign_on import settings as provider_settings
from portal.config import Settings
from portal.domain.people import Role
from tests.support.app import Cast, PortalClient
from tests.support.dns_server import DnsServer
from tests.support.openid import CLIENT, SECRET, OpenIdProvider


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    """The DNS server that the portal asks."""
    with DnsServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, dns: DnsServer) -> Settings:
    """Providers of the tests are on this machine."""
    return replace(settings, providers_at_private_addresses=True, dns_server=dns.address)


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider, at which Noor is signed in."""
    with OpenIdProvider() as server:
        server.be("noor@example.com")
        yield server


@pytest.fixture
def northwind(app: Flask, cast: Cast, provider: OpenIdProvider) -> Cast:
    """The cast, once Northwind's people sign in through the provider."""
    with app.app_context():
        provider_settings.save(cast.northwind.id, provider.issuer, CLIENT, SECRET)
        domains.set_by_operator("northwind", "example.com")
        access = provider_settings.Access(
            is_on=True, creates_members=False, role=Role.MEMBER, is_required=False
        )
        provider_settings.change_access(cast.northwind.id, access, cast.mara.id)
    return cast


@pytest.fixture
def browser(client: PortalClient, northwind: Cast) -> PortalClient:
    """A browser that nobody is signed in with, at Northwind's sign-in."""
    return client.with_csrf_token()
