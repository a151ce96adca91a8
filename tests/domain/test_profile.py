"""What may be typed into an organisation's profile, and how two people's changes are merged."""

import pytest

from portal.domain.profile import merge, organisation_website, value_mark, website_host
from portal.domain.texts import InvalidValue


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("  ", ""),
        ("https://northwind.example", "https://northwind.example"),
        ("northwind.example/", "https://northwind.example"),
        ("http://www.northwind.example/about us", "https://www.northwind.example/about%20us"),
        ("https://müller.example", "https://xn--mller-kva.example"),
    ],
)
def test_a_website_is_kept_as_an_https_address(typed: str, stored: str) -> None:
    assert organisation_website(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "ftp://northwind.example",
        "https://user@northwind.example",
        "https://northwind.example:8443",
        "https://127.0.0.1/",
        "https://localhost/",
        "northwind",
        "https://northwind.example/" + "a" * 500,
        "https://north\0wind.example",
    ],
)
def test_other_addresses_are_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        organisation_website(typed)


def test_a_website_is_called_by_its_host() -> None:
    assert website_host("https://www.northwind.example/en") == "northwind.example"


def test_what_was_not_touched_stays_and_what_others_changed_meanwhile_is_a_conflict() -> None:
    opened = {"name": "North", "summary": "Wind.", "website": ""}
    seen = {name: value_mark(value) for name, value in opened.items()}
    current = {"name": "North", "summary": "Water.", "website": "https://a.example"}
    wanted = {"name": "Northwind", "summary": "Wind.", "website": "https://b.example"}
    assert merge(current, wanted, seen) == (
        {"name": "Northwind", "website": "https://b.example"},
        {"website"},
    )
    assert merge(current, wanted | {"website": "https://a.example"}, seen) == ({"name": "Northwind"}, set())
    assert merge(current, {"summary": "Wind."}, {}) == ({"summary": "Wind."}, set())
