"""Alerts come in the morning of the organisation, every day or on Mondays."""

from datetime import UTC, datetime

import pytest

from portal.domain.alerts.schedule import Cadence, is_fit_hour, next_sending
from portal.domain.zones import zone_of

LISBON, TOKYO = "Europe/Lisbon", "Asia/Tokyo"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "cadence", "then"),
    [
        ("2026-11-25 07:59", "UTC", Cadence.DAILY, "2026-11-25 08:00"),
        ("2026-11-25 08:00", "UTC", Cadence.DAILY, "2026-11-26 08:00"),
        ("2026-11-25 22:30", TOKYO, Cadence.DAILY, "2026-11-25 23:00"),
        ("2026-11-25 23:30", TOKYO, Cadence.DAILY, "2026-11-26 23:00"),
        ("2026-03-28 12:00", LISBON, Cadence.DAILY, "2026-03-29 07:00"),  # the clocks go forward
        ("2026-10-24 12:00", LISBON, Cadence.DAILY, "2026-10-25 08:00"),
        ("2026-11-25 12:00", "UTC", Cadence.WEEKLY, "2026-11-30 08:00"),  # a Wednesday
        ("2026-11-30 07:00", "UTC", Cadence.WEEKLY, "2026-11-30 08:00"),
        ("2026-11-30 08:00", "UTC", Cadence.WEEKLY, "2026-12-07 08:00"),
        ("2026-11-29 22:30", TOKYO, Cadence.WEEKLY, "2026-11-29 23:00"),  # Monday morning there
        ("2026-11-25 12:00", "Nowhere/Never", Cadence.DAILY, "2026-11-26 08:00"),
    ],
)
def test_the_next_one_comes_on_the_next_such_morning(now: str, zone: str, cadence: str, then: str) -> None:
    assert next_sending(at(now), zone_of(zone), cadence) == at(then)


@pytest.mark.parametrize(
    ("hour", "zone", "fits"),
    [(6, "UTC", False), (7, "UTC", True), (19, "UTC", True), (20, "UTC", False), (22, TOKYO, True)],
)
def test_what_is_late_is_sent_while_people_are_awake(hour: int, zone: str, fits: bool) -> None:
    assert is_fit_hour(at(f"2026-11-25 {hour:02}:30"), zone_of(zone)) is fits
