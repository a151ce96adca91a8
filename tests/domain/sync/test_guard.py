"""Closings that are too many are held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.sync.plan import guard_closings, is_doubted, too_many

ids = st.frozensets(st.integers(1, 40))


@pytest.mark.parametrize(
    ("closing", "open_before", "held"),
    [
        (1, 1, False),
        (2, 2, False),
        (3, 3, True),
        (2, 3, False),
        (8, 9, False),
        (9, 9, True),
        (4, 10, False),
        (5, 10, True),
        (6, 10, True),
        (47, 84, True),
        (42, 84, True),
        (41, 84, False),
        (0, 0, False),
        (0, 50, False),
    ],
)
def test_all_of_three_or_more_and_half_or_more_of_ten_or_more_are_held(closing, open_before, held):
    assert too_many(closing, open_before, listed=open_before - closing) is held


@pytest.mark.parametrize(
    ("closing", "open_before", "listed", "held"),
    [
        (6, 10, 5, True),
        (6, 10, 6, False),
        (60, 100, 59, True),
        (60, 100, 60, False),
        (80, 100, 130, False),
        (10, 10, 12, True),
        (3, 3, 3, True),
        (2, 2, 0, False),
    ],
)
def test_turnover_is_no_fault_while_something_known_is_listed(closing, open_before, listed, held):
    assert too_many(closing, open_before, listed) is held


@given(ids, st.integers(0, 60), ids, ids)
def test_every_closing_is_closed_held_or_kept_and_never_two_of_them(closed, extra, approved, kept):
    verdict = guard_closings(tuple(closed), len(closed) + extra, extra, approved, kept)
    assert set(verdict.close) | set(verdict.hold) | ((closed & kept) - approved) == closed
    assert not set(verdict.close) & set(verdict.hold)
    assert closed & approved <= set(verdict.close)
    assert not (set(verdict.close) | set(verdict.hold)) & (kept - approved)


def test_a_held_drop_is_doubted_until_half_of_it_came_back():
    assert [is_doubted(8, back) for back in (0, 3, 4, 8)] == [True, True, False, False]
    assert not is_doubted(0, 0)


def test_new_jobs_and_decisions_on_others_let_no_doubted_closing_pass():
    verdict = guard_closings((1, 2, 3, 4), 100, 96, {1}, {2}, doubted={3})
    assert (verdict.close, verdict.hold) == ((1, 4), (3,))


@pytest.mark.parametrize("decision", ["approved", "kept"])
def test_all_that_nobody_decided_about_are_too_many_however_many_were_decided(decision):
    closed = tuple(range(1, 21))
    verdict = guard_closings(closed, 20, 0, **{decision: set(range(1, 12))})
    assert verdict.hold == tuple(range(12, 21))
    assert verdict.close == (tuple(range(1, 12)) if decision == "approved" else ())


def test_decisions_on_others_make_few_closings_no_fewer():
    verdict = guard_closings((1, 2, 3, 4), 20, 16, kept={1, 2, 3})
    assert (verdict.close, verdict.hold) == ((4,), ())
