"""When a failing connection is tried again, and when its admins are told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.boards.errors import BoardNotFound, BoardRefused
from portal.domain.sync.health import (
    FAILING_TO_TELL,
    FAILURES_TO_TELL,
    LASTING,
    MAIL_PAUSE,
    AlertState,
    Subject,
    after_failure,
    after_success,
    needs_attention,
    new_jobs,
    next_interval,
)

FAILING, RECOVERED = "failing", "recovered"
HALF_AN_HOUR = timedelta(minutes=30)
START = datetime(2026, 11, 3, 14, tzinfo=UTC)

runs = st.lists(st.tuples(st.integers(1, 20 * 60), st.sampled_from([True, False, False, False])), max_size=60)


def mails_of(history: list[tuple[int, bool]]) -> list[tuple[datetime, str]]:
    """The mails that a history of (minutes since the run before, whether it succeeded) brings."""
    told, now, since, failures = AlertState(), START, None, 0
    sent = []
    for minutes, succeeded in history:
        now += timedelta(minutes=minutes)
        if succeeded:
            since, failures = None, 0
            following = after_success(told, now)
        else:
            since, failures = since or now, failures + 1
            following = after_failure(told, since, failures, now)
        if following is not None:
            told = following
            sent.append((now, RECOVERED if succeeded else FAILING))
    return sent


@given(runs)
def test_nobody_gets_two_mails_of_a_kind_within_a_day(history: list[tuple[int, bool]]) -> None:
    for kind in (FAILING, RECOVERED):
        times = [at for at, notice in mails_of(history) if notice == kind]
        assert all(later - earlier >= MAIL_PAUSE for earlier, later in pairwise(times))


@given(runs)
def test_a_recovery_is_told_to_those_alone_who_heard_of_the_failure(history: list[tuple[int, bool]]) -> None:
    kinds = [notice for _, notice in mails_of(history)]
    assert kinds == [FAILING, RECOVERED, *kinds][: len(kinds)]


@given(runs)
def test_what_fails_for_long_enough_is_told(history: list[tuple[int, bool]]) -> None:
    failing = [(2 * 24 * 60, True)] + history + [(24 * 60, False)] * (FAILURES_TO_TELL + 1)
    kinds = [notice for _, notice in mails_of(failing)]
    assert kinds[-1:] == [FAILING]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        ([0, 59], []),
        ([0, 30, 29], []),
        ([0, 30, 30], [FAILING]),
        ([0, 60, 0], [FAILING]),
        ([0, 1, 1, 1, 1], []),
        ([0, 30, 30, 30, 30, 24 * 60], [FAILING]),
    ],
)
def test_three_failures_over_at_least_an_hour_are_one_mail(minutes: list[int], told: list[str]) -> None:
    assert FAILURES_TO_TELL == 3
    assert timedelta(hours=1) == FAILING_TO_TELL
    assert [notice for _, notice in mails_of([(each, False) for each in minutes])] == told


def test_one_more_mail_says_that_it_works_again() -> None:
    history = [(0, False), (30, False), (30, False), (30, True), (30, True)]
    assert [notice for _, notice in mails_of(history)] == [FAILING, RECOVERED]


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_what_lasts_is_tried_ever_more_rarely_but_not_at_first_and_never_very_rarely(kind: str) -> None:
    intervals = [next_interval(HALF_AN_HOUR, failures, kind) / HALF_AN_HOUR for failures in range(9)]
    assert intervals == [1, 1, 1, 1, 2, 4, 8, 8, 8]
    assert next_interval(timedelta(hours=10), 9, kind) == timedelta(days=1)


@given(st.integers(0, 10**9), st.sampled_from([*LASTING, "unavailable", "malformed", None]))
def test_no_pause_is_shorter_than_usual_or_longer_than_a_day(failures: int, kind: str | None) -> None:
    assert HALF_AN_HOUR <= next_interval(HALF_AN_HOUR, failures, kind) <= timedelta(days=1)
    assert next_interval(timedelta(days=7), failures, kind) == timedelta(days=7)


@pytest.mark.parametrize("kind", ["unavailable", "malformed", "incomplete", None])
def test_what_passes_is_tried_as_often_as_always(kind: str | None) -> None:
    assert next_interval(HALF_AN_HOUR, 50, kind) == HALF_AN_HOUR
    assert not needs_attention(kind, failing=True, worked_before=True)


def test_a_board_that_is_gone_or_kept_from_us_needs_attention_once_it_has_worked() -> None:
    assert {BoardNotFound.kind, BoardRefused.kind} == LASTING
    assert needs_attention(BoardNotFound.kind, failing=True, worked_before=True)
    assert not needs_attention(BoardNotFound.kind, failing=True, worked_before=False)
    assert not needs_attention(BoardNotFound.kind, failing=False, worked_before=True)


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (1, ("1 new job waits for your decision", "It is hidden until an admin shows it to everybody")),
        (1200, ("1,200 new jobs wait for your decision", "They are hidden until an admin shows them to")),
    ],
)
def test_a_mail_of_new_jobs_says_how_many_wait_and_where(waiting: int, words: tuple[str, ...]) -> None:
    about = Subject("Acme", "Acme board", "https://a/settings", "https://a/runs", "https://a/new")
    mail = new_jobs(about, waiting)
    for said in (*words, "New jobs: https://a/new", "https://a/settings", "at most once a day"):
        assert said in mail.text
