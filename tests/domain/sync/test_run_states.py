"""The states of a sync run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.sync.runs import TRANSITIONS, UNFINISHED, RunStatus, may_become, pause_after


def test_a_finished_run_stays_as_it_is():
    for status in set(RunStatus) - UNFINISHED:
        assert not any(may_become(status, other) for other in RunStatus)


def test_every_unfinished_run_can_end():
    for status in UNFINISHED:
        assert TRANSITIONS[status] - UNFINISHED


@pytest.mark.parametrize(("attempt", "pause"), [(1, 10), (2, 20), (3, 40)])
def test_the_pause_doubles(attempt, pause):
    assert pause_after(attempt, 10, None) == pause


@given(st.floats(0, 1e9))
def test_greenhouse_may_ask_for_a_longer_pause_within_reason(asked):
    assert 10 <= pause_after(1, 10, asked) <= 900
