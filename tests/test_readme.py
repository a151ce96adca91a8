"""The README shows what is there, and the interface has one word for one thing."""

import re

import pytest

from portal.config import REPOSITORY

README = (REPOSITORY / "README.md").read_text()


@pytest.mark.parametrize("path", re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README))
def test_every_picture_is_in_the_repository(path: str) -> None:
    assert (REPOSITORY / path).is_file()


SPOKEN = [
    README,
    *(path.read_text() for path in sorted((REPOSITORY / "templates").rglob("*.html"))),
    *(path.read_text() for path in sorted((REPOSITORY / "portal").rglob("*.py"))),
]
IN_GREENHOUSE = r"(?:→ |<strong>|Create New )Web Hooks?"
"""Greenhouse's own buttons are named as they stand there."""


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        (r"\b(?:in|out of) step\b(?! in |\.[a-z])", "synced, up to date"),
        ("Needs a look", "Incomplete"),
        ("Manage Jobs", "Manage jobs"),
        ("[Ww]eb[ -][Hh]ook", "webhook"),
        ("Next attempt", "Next try"),
    ],
)
def test_the_interface_says_it_in_one_way(word: str, instead: str) -> None:
    lines = re.sub(IN_GREENHOUSE, "", "\n".join(SPOKEN)).splitlines()
    assert [line for line in lines if re.search(word, line)] == [], instead


DOCUMENTATION = [README, *(path.read_text() for path in sorted((REPOSITORY / "docs").glob("*.md")))]


def test_every_file_that_the_documentation_names_is_there() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", "\n".join(DOCUMENTATION)))
    places = (REPOSITORY, REPOSITORY / "portal")
    assert named
    assert {name for name in named if not any((place / name).is_file() for place in places)} == set()
