"""What browsers say of themselves, names that look alike, addresses that are typed, and the mails."""

from datetime import UTC, datetime

import pytest

from portal.domain.accounts import letters
from portal.domain.accounts.browsers import browser_words, is_mobile
from portal.domain.accounts.names import is_reserved, looks_like
from portal.domain.mails import Letter
from portal.domain.people import Role, addresses_in, clean_name, is_email
from portal.domain.profile import organisation_name

WHEN = datetime(2026, 12, 5, 9, 30, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/140.0.0.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1", "Safari on Mac"),
        ("curl/8.5.0", "curl"),
        ("Windows", "A browser on Windows"),
        ("", "An unknown browser"),
        ("<script>" * 1000, "An unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words
    assert is_mobile(words) == ("iPhone" in words or "Android" in words)


def test_the_name_of_an_organisation_is_read_as_it_is_written() -> None:
    assert organisation_name("\u202egrO ehT\u202c \u2067x\u2069") == "grO ehT x"
    assert organisation_name("\u05d0\u200f 7") == "\u05d0\u200f 7", "what Hebrew and Arabic need stays"


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("Northwind", "N\u043erthwind", True),  # a Cyrillic o
        ("northwind", "north-wind", True),
        ("northwind", "northwlnd", True),
        ("northwind", "n0rthwind", True),
        ("Northwind", "Northvvind", True),
        ("Northwind", "\uff2eorthwind", True),  # a full-width N
        ("Caf\u00e9", "cafe", True),
        ("Northwind", "Southwind", False),
        ("日本", "中国", False),
        ("!", "?", False),
    ],
)
def test_names_that_look_alike_are_found(name: str, other: str, alike: bool) -> None:
    assert looks_like(name, [other]) == looks_like(other, [name]) == alike


@pytest.mark.parametrize("slug", ["new", "admin", "adm1n", "a-p-i", "the-org", "security", "rnail"])
def test_what_speaks_for_the_portal_is_reserved(slug: str) -> None:
    assert is_reserved(slug)
    assert not is_reserved("northwind")


def test_addresses_are_found_however_they_are_listed() -> None:
    typed = " Ada@Example.com, <bo@example.com>;\r\n cy@example.com\tada@example.com,, "
    assert addresses_in(typed) == ["ada@example.com", "bo@example.com", "cy@example.com"]
    assert addresses_in(" ,; ") == []


@pytest.mark.parametrize(
    "text", ["a@b.c\n", "a@b.c\0", "a b@c.d", "a@b", "a\u202e@b.c", "x" * 64 + "@" + "y" * 200 + ".z"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    assert not is_email(text)
    assert is_email("a.b+c@d.example")


def test_a_name_is_one_line_of_what_can_be_seen() -> None:
    assert clean_name("  Ada\n\tLovelace\u202e\0 ") == "Ada Lovelace"
    assert len(clean_name("x" * 100_000)) == 120


def test_an_invitation_says_by_whom_into_what_until_when_and_for_whom() -> None:
    letter = letters.invitation("Northwind", "Mara", Role.MEMBER, "ada@example.com", "https://x/y", WHEN)
    assert letter.subject == "Mara invites you to Northwind"
    assert "https://x/y" in letter.text
    assert "5 December 2026, 09:30 UTC" in letter.text
    assert "only for ada@example.com" in letter.text


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (letters.two_step_on("https://x/account", WHEN), "asks for a code from your authenticator app"),
        (letters.two_step_off("https://x/forgot", WHEN), "asks for your password alone"),
        (letters.recovery_code_used(0, "https://x/account", WHEN), "No recovery codes are left."),
        (letters.recovery_code_used(1, "https://x/account", WHEN), "1 recovery code is left."),
        (letters.passkey_added("Phone", "https://x/account", WHEN), "the passkey “Phone” was added"),
        (letters.passkey_removed("Phone", "https://x/account", WHEN), "the passkey “Phone” was removed"),
    ],
)
def test_a_change_of_how_one_signs_in_is_told_with_what_to_do_if_it_was_somebody_else(
    letter: Letter, said: str
) -> None:
    assert said in letter.text
    assert "UTC" in letter.text
    assert "If it was not you" in letter.text
    assert "https://x/" in letter.text
