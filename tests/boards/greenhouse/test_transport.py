"""The pause that a busy Greenhouse asks for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.boards.http import parse_retry_after

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("3601", 3600.0),
        ("9" * 5000, 3600.0),
        ("Thu, 15 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 15 Jan 2026 12:00:30", 30.0),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 15 Jan 9999 12:00:00 GMT", 3600.0),
        ("Thu, 15 Jan 2026 13:00:10 +0100", 10.0),
        ("-1", None),
        ("1e3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("²", None),
        ("5, 10", None),
        ("", None),
        (None, None),
    ],
)
def test_a_pause_is_read_in_seconds_and_capped_at_an_hour(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOON) == seconds


DATES = st.from_regex(
    r"(Thu, )?[0-9]{1,12} (Jan|Foo) [0-9]{1,12} [0-9]{1,12}:[0-9:]{1,9} [+-]?[0-9]{1,12}", fullmatch=True
)


@given(st.one_of(st.text(), DATES))
def test_no_header_breaks_the_parser(header: str) -> None:
    seconds = parse_retry_after(header, NOON)
    assert seconds is None or 0 <= seconds <= 3600
