"""Readers of feeds are named as people know them."""

import pytest

from portal.domain.feeds.fetches import LONGEST_NAME, reader_name


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("IndeedBot 1.1", "Indeed"),
        ("Mozilla/5.0 (compatible; LinkedInBot/1.0; +http://www.linkedin.com)", "LinkedIn"),
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)", "Feedly"),
        ("Mozilla/5.0 (compatible; SomeBot/2.1; +https://some.example)", "SomeBot"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "A browser"),
        ("python-requests/2.32", "A script"),
        ("JobReader/3.1 whatever", "JobReader"),
        ("", "A reader without a name"),
        ("<script>", "A reader without a name"),
        ("x" * 10_000, "x" * LONGEST_NAME),
    ],
)
def test_a_reader_has_one_name_whatever_its_version(user_agent: str, expected: str) -> None:
    assert reader_name(user_agent) == expected
