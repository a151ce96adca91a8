"""Where visitors come from, in bounded words, and who is none."""

import pytest

from portal.domain.traffic import LONGEST_SOURCE, is_robot, source_of


@pytest.mark.parametrize(
    ("named", "referrer", "expected"),
    [
        ("", "", "direct"),
        ("", "www.google.co.uk", "google"),
        ("", "com.google.android.gm", "google"),
        ("", "www.linkedin.com", "linkedin"),
        ("", "lnkd.in", "linkedin"),
        ("", "t.co", "twitter"),
        ("", "careers.northwind.example:8443", "careers.northwind.example"),
        ("", "www.blog.example", "blog.example"),
        ("", "portal.example", "portal"),
        ("", "not a host", "direct"),
        ("", "a" * 5_000, "direct"),
        ("LinkedIn  Post\tOctober ", "www.google.com", "linkedin post october"),
        ("\x00\u202e", "", "direct"),
        ("ẞ" * 500, "", "ß" * (LONGEST_SOURCE - 1) + "…"),
    ],
)
def test_a_source_is_what_the_link_names_or_the_site_that_it_stands_on(
    named: str, referrer: str, expected: str
) -> None:
    assert source_of(named, referrer, "portal.example") == expected


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", False),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Mobile", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5", False),
        ("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/128.0 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0) Chrome/128", True),
        ("facebookexternalhit/1.1", True),
        ("Mozilla/5.0 HeadlessChrome/128", True),
        ("curl/8.5.0", True),
        ("", True),
    ],
)
def test_a_program_that_reads_pages_is_no_visitor(user_agent: str, expected: bool) -> None:
    assert is_robot(user_agent) is expected
