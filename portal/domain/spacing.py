"""How far apart the runs of one connection start: a burst of clicks or webhooks is one or two of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.run_states import LONGEST_PAUSE, Trigger


@dataclass(frozen=True, slots=True)
class Spacing:
    """``between`` lies from one start to the next; ``collecting`` is how long a webhook's run waits for more.

    A run takes milliseconds where nothing changed: without a pause, each click of many would find the one
    before it over, and start its own.
    """

    between: timedelta
    collecting: timedelta


SPACING = Spacing(between=timedelta(seconds=2), collecting=timedelta(milliseconds=500))


def earliest_start(trigger: Trigger, now: datetime, last_started_at: datetime | None) -> datetime | None:
    """Return what a run that is asked for now must wait for; ``None``: it may start at once.

    A start that lies ahead (clocks differ) is no reason to wait longer than after one of this moment.
    """
    moments = [min(last_started_at, now) + SPACING.between] if last_started_at else []
    if trigger == Trigger.WEBHOOK:
        moments.append(now + SPACING.collecting)
    latest = max(moments, default=now)
    return latest if latest > now else None


def waits_long(not_before: datetime | None, now: datetime) -> bool:
    """Whether a run that waits does so for more than its distance: Greenhouse let it down before.

    A moment further ahead than any pause was set by a wrong clock: the run does not wait for it.
    """
    return not_before is not None and now + SPACING.between < not_before <= now + LONGEST_PAUSE
