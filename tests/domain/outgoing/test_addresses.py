"""Which addresses webhooks may go to."""

import pytest

from portal.domain.outgoing.addresses import is_public, parse_receiver, shown_address
from portal.domain.texts import InvalidValue


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "193.0.14.129"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *(
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
        ),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0"),
        *("fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2002:7f00:1::", "2001::1", "2001:db8::1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "5f00::1", "3fff::1"),
        *("", "localhost", "1", "0x7f000001", "127.1"),
    ],
)
def test_no_other_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("https://example.com", "https://example.com/"),
        ("  HTTPS://Example.COM:8443/Hooks?a=1#part ", "https://example.com:8443/Hooks?a=1"),
        ("https://müller.example/ü", "https://xn--mller-kva.example/%C3%BC"),
        ("https://example.com/a b?c=d e&f=%zz", "https://example.com/a%20b?c=d%20e&f=%25zz"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://[2606:4700::1]:444/x", "https://[2606:4700::1]:444/x"),
    ],
)
def test_a_typed_address_becomes_one_that_can_be_asked(typed: str, asked: str) -> None:
    assert parse_receiver(typed, private=False) == asked


@pytest.mark.parametrize(
    "typed",
    [
        *("", "example.com/hooks", "ftp://example.com", "http://example.com", "https://", "https:///x"),
        *("https://user:pass@example.com", "https://example.com\\@127.0.0.1/", "https://exam ple.com"),
        *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/"),
        *("https://localhost/", "https://redis/", "https://db.internal/", "https://printer.local/"),
        *("https://x.localhost/", "https://example.com:99999/", "https://example.com:0/", "https://a..b/"),
        *("javascript:alert(1)", "https://example.com/" + "x" * 2100, "https://[::1", "//example.com/"),
    ],
)
def test_no_other_address_is_taken(typed: str) -> None:
    with pytest.raises(InvalidValue):
        parse_receiver(typed, private=False)


@pytest.mark.parametrize(
    "typed", ["http://127.0.0.1:9000/x", "http://receiver:8080/", "https://[::1]/", "http://10.0.0.1/"]
)
def test_private_addresses_and_plain_http_are_taken_where_the_operator_allows_them(typed: str) -> None:
    assert parse_receiver(typed, private=True) == typed


def test_an_address_shows_no_secret() -> None:
    slack = "https://hooks.slack.com/services/T000/B000/abcdefghijklmnop"
    assert shown_address(slack, secret=True) == "https://hooks.slack.com/…mnop"
    assert shown_address("https://a.example/", secret=True) == "https://a.example/…"
    assert shown_address("https://a.example/b?token=c", secret=False) == "https://a.example/b?…"
