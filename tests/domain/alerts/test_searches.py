"""A search is stored as it was asked for; a mail to a stranger repeats nothing that was made up."""

import pytest

from portal.domain.alerts.searches import harmless_words, parse_stored, search_key, stored
from portal.domain.jobs.public_list import EVERY_JOB, PublicFilter, read_filter
from portal.domain.people import parse_address

CHOICES = {"department": {"Data": 3}, "location": {"United States": 2, "Porto": 1}}
OWN = "the words you searched for"


def wanted(q: str = "", **filters: list[str]) -> PublicFilter:
    return read_filter(q, filters)


@pytest.mark.parametrize(
    "search",
    [
        EVERY_JOB,
        wanted("C++"),
        wanted(department=["Data", "Sales"], language=["de"]),
        wanted("a", location=["Porto"]),
    ],
)
def test_a_stored_search_asks_for_the_same(search: PublicFilter) -> None:
    assert parse_stored(stored(search)) == search


def test_one_search_has_one_key_however_it_is_spelled() -> None:
    assert search_key(wanted("Welder", department=["Data", "Sales"])) == search_key(
        wanted("welder", department=["sales", "DATA"])
    )
    others = (EVERY_JOB, wanted("Data"), wanted(department=["Data"]), wanted(location=["Data"]))
    assert len({search_key(each) for each in others}) == len(others)


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (EVERY_JOB, []),
        (wanted(department=["data"], location=["Porto"]), ["Department: Data", "Location: Porto"]),
        (wanted(workplace_type=["remote"], language=["en"]), ["Workplace: Remote", OWN]),
        (wanted("buy at evil.example"), [OWN]),
        (wanted(department=["Data", "Buy at evil.example"]), ["Department: Data", OWN]),
        (wanted(employment_type=["evil.example", "full_time"]), ["Type: Full-time", OWN]),
        (wanted(language=["evil.example"]), [OWN]),
    ],
)
def test_a_mail_to_a_stranger_says_only_what_the_list_offers(search: PublicFilter, words: list[str]) -> None:
    assert harmless_words(search, CHOICES) == words


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Lea@Example.COM ", "lea@example.com"),
        ("o'neil+jobs@mail.example.co", "o'neil+jobs@mail.example.co"),
        ("jürgen@müller.example", "jürgen@müller.example"),
    ],
)
def test_an_address_is_taken_as_people_type_it(typed: str, address: str) -> None:
    assert parse_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["", "lea", "lea@localhost", "lea@example..com", "a@b@c.example", "a,b@example.com", "<lea@example.com>",
     'Lea "x" <a@b.example>', "a@b.example\r\nBcc: c@d.example", "a\x00b@example.com", "a@-b.example",
     f"{'a' * 65}@example.com", f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.example",
     "a@1.2.3.4.", "a;b@c.example"],
)  # fmt: skip
def test_what_would_be_no_address_or_several_in_a_mails_header_is_none(typed: str) -> None:
    assert parse_address(typed) is None
