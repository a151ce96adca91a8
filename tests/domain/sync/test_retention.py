"""How long a run stays in the history."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.sync.runs import TRACES, RunStatus, Trigger, forget_at

NOW = datetime(2026, 11, 3, tzinfo=UTC)
NOTHING = {"created": 0, "updated": 0, "closed": 0, "reopened": 0, "held": 0, "set_aside": [], "error": None}


def test_a_run_that_changed_nothing_leaves_after_a_day() -> None:
    assert forget_at(NOW, RunStatus.SUCCEEDED, Trigger.MANUAL, NOTHING) == NOW + timedelta(days=1)
    assert set(NOTHING) == set(TRACES)


@pytest.mark.parametrize("trace", [*[{name: 1} for name in TRACES[:5]], {"set_aside": [{"id": 1}]}])
def test_a_run_that_left_anything_stays_a_year(trace: dict[str, object]) -> None:
    assert forget_at(NOW, RunStatus.SUCCEEDED, Trigger.SCHEDULE, NOTHING | trace) == NOW + timedelta(days=365)


def test_one_that_failed_stays_a_year() -> None:
    assert forget_at(NOW, RunStatus.FAILED, Trigger.WEBHOOK, {}) == NOW + timedelta(days=365)


@pytest.mark.parametrize("outcome", [{}, {"error": "Syncing was paused before it ended."}])
def test_one_that_was_cancelled_changed_nothing(outcome: dict[str, object]) -> None:
    assert forget_at(NOW, RunStatus.CANCELLED, Trigger.MANUAL, outcome) == NOW + timedelta(days=1)


@pytest.mark.parametrize("status", RunStatus)
def test_a_preview_changed_nothing_whatever_it_found(status: RunStatus) -> None:
    assert forget_at(NOW, status, Trigger.PREVIEW, {"updated": 3}) == NOW + timedelta(days=1)
