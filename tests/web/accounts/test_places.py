"""Where somebody signed in is said as a place, where the operator has a database of networks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from flask import Flask
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from portal.actions import geoip
from portal.config import Settings, load_settings
from portal.environment import ConfigError
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.letters import waiting

CITIES: Final = {
    "203.0.113.0/24": {"city": {"names": {"en": "Leeds", "de": "Leeds"}}, "country": {"iso_code": "GB"}},
    "198.51.100.0/24": {"country": {"iso_code": "PT"}},
    "192.0.2.0/25": {"registered_country": {"iso_code": "CI"}},
    "192.0.2.128/25": {"city": "<b>", "country": ["GB"]},
    "2001:db8:85a3::/48": {"city": {"names": {"en": "Porto"}}, "country": {"iso_code": "PT"}},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """A database of a few networks."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City")
    for network, record in CITIES.items():
        writer.insert_network(IPSet([network]), record)
    path = str(tmp_path / "places.mmdb")
    writer.to_db_file(path)
    yield path
    if (reader := geoip._opened(path)) is not None:
        reader.close()
    geoip._opened.cache_clear()


@pytest.fixture
def settings(settings: Settings, database: str) -> Settings:
    """Settings with that database."""
    return replace(settings, geoip_database=database)


def sign_in(app: Flask, email: str, address: str) -> PortalClient:
    client = _client(app)
    client.environ_base["REMOTE_ADDR"] = address
    client.with_csrf_token()
    answer = client.post("/login", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303
    return client


def test_sessions_the_mail_of_a_new_browser_and_the_audit_say_the_place(app: Flask, cast: Cast) -> None:
    sign_in(app, cast.mara.email, "198.51.100.7")
    sign_in(app, cast.mara.email, "10.1.2.3")
    mara = sign_in(app, cast.mara.email, "203.0.113.7")
    account, audit = mara.get("/account").text, mara.get("/orgs/northwind/audit").text
    assert '<span title="203.0.113.7">Leeds, United Kingdom</span>' in account
    assert '<span title="198.51.100.7">Portugal</span>' in account
    assert '<span title="10.1.2.3">10.1.2.3</span>' in account
    assert '<span title="203.0.113.0/24">Leeds, United Kingdom</span>' in audit
    assert '<span title="10.1.2.0/24">10.1.2.0/24</span>' in audit
    with app.app_context():
        unknown, known = (each.text for each in waiting(cast.mara.email))
    assert "(from 10.1.2.3)" in unknown
    assert "(from Leeds, United Kingdom)" in known


@pytest.mark.parametrize(
    ("network", "place"),
    [
        ("203.0.113.0/24", "Leeds, United Kingdom"),
        ("192.0.2.9", "Côte d’Ivoire"),
        ("192.0.2.200", "192.0.2.200"),
        ("2001:db8:85a3:8d3::/64", "Porto, Portugal"),
        ("2001:db8:1::/64", "2001:db8:1::/64"),
        ("nowhere", "nowhere"),
        ("", ""),
    ],
)
def test_what_is_not_known_stays_the_network(app: Flask, network: str, place: str) -> None:
    with app.app_context():
        assert geoip.place_of(network) == place


def test_a_file_that_goes_or_breaks_while_the_portal_runs_takes_no_page_down(
    app: Flask, database: str, mara: PortalClient
) -> None:
    Path(database).unlink()
    assert mara.get("/account").status_code == 200
    with app.app_context():
        assert geoip.place_of("203.0.113.7") == "203.0.113.7"


def test_a_file_that_is_no_database_of_places_stops_the_start(database: str, tmp_path: Path) -> None:
    base = {"INSTANCE_DIR": str(tmp_path / "instance")}
    assert load_settings(base | {"GEOIP_DATABASE": database}).geoip_database == database
    networks = MMDBWriter(database_type="GeoLite2-ASN")
    networks.insert_network(IPSet(["203.0.113.0/24"]), {"autonomous_system_number": 1})
    networks.to_db_file(str(tmp_path / "asn.mmdb"))
    for path, said in (
        ("/nowhere/places.mmdb", "/nowhere/places.mmdb cannot be read: No such file"),
        (__file__, "must be a file in MaxMind's format"),
        (str(tmp_path), "must be a file in MaxMind's format"),
        (str(tmp_path / "asn.mmdb"), "of countries or cities"),
    ):
        with pytest.raises(ConfigError, match=said):
            load_settings(base | {"GEOIP_DATABASE": path})
