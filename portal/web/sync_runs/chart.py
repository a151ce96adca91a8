"""Draw open jobs and changes of the last days as lanes, each with a name and figures beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Protocol, TypeVar

from portal.domain.zones import zone_of
from portal.models import Organisation
from portal.store.connections import connection_of, former_boards
from portal.store.runs import Day, days_of
from portal.web.templating import count, day, today_in

DAYS: Final = 30
STEP: Final = 10
HEIGHT: Final = 40
LEAST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar, in the units of the drawing; ``title`` says it in words."""

    x: int
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One measure: its name, the figure that sums it up, and its bars."""

    name: str
    figure: str
    bars: tuple[Bar, ...]
    is_level: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing, and the same as rows of a table, the latest day first."""

    first: date
    last: date
    lanes: tuple[Lane, ...]
    rows: tuple[Day, ...]
    width: int = DAYS * STEP
    height: int = HEIGHT


def chart_of(org: Organisation) -> Chart | None:
    """Return the last days of an organisation, or ``None`` before anything was synced."""
    today = today_in(org.time_zone)
    asked = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    days = days_of(org.id, asked, zone_of(org.time_zone))
    if all(each.open_jobs is None and not each.changes for each in days):
        return None
    if connection_of(org.id) is None:  # no sync says what disconnecting did
        days[-1] = replace(days[-1], open_jobs=sum(board.open for board in former_boards(org.id)))
    rows = tuple(each for each in reversed(days) if each.changes or each.day == today)
    return Chart(asked[0], today, _lanes(days), rows)


def _lanes(days: Sequence[Day]) -> tuple[Lane, ...]:
    now = days[-1].open_jobs
    return (
        Lane(
            "Open jobs",
            "–" if now is None else f"{now:,} now",
            bars_of(days, lambda each: each.open_jobs, ("open job", "open jobs")),
            True,
        ),
        _changes("New", days, lambda each: each.created + each.reopened),
        _changes("Updated", days, lambda each: each.updated),
        _changes("Closed", days, lambda each: each.closed),
    )


def _changes(name: str, days: Sequence[Day], value: Callable[[Day], int]) -> Lane:
    word = name.lower()
    return Lane(name, f"{sum(map(value, days)):,} in all", bars_of(days, value, (word, word)))


class OfDay(Protocol):
    """Anything that is of a day."""

    @property
    def day(self) -> date:
        """Which day."""


D = TypeVar("D", bound=OfDay)


def bars_of(days: Sequence[D], value: Callable[[D], int | None], words: tuple[str, str]) -> tuple[Bar, ...]:
    """Return a bar for each day that has a value, as high as it is beside the highest."""
    most = max((value(each) or 0 for each in days), default=0) or 1
    bars = []
    for place, each in enumerate(days):
        number = value(each)
        if number:
            height = round(max(LEAST, HEIGHT * number / most), 1)
            title = f"{day(each.day)}: {count(number, *words)}"
            bars.append(Bar(place * STEP, round(HEIGHT - height, 1), height, title))
    return tuple(bars)
