"""The health of a connection: its next attempt, whether it needs a person, and which mails are due."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.mails import Letter, Link


class FailureKind(StrEnum):
    """Why a board could not be read."""

    BOARD_NOT_FOUND = "board_not_found"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    INCOMPLETE = "incomplete"


LASTING = frozenset({FailureKind.BOARD_NOT_FOUND, FailureKind.REFUSED})
LONGEST_INTERVAL = timedelta(hours=24)
MOST_INTERVALS = 8
PATIENT_FAILURES = 3
FAILURES_TO_TELL = 3
FAILING_TO_TELL = timedelta(hours=1)
MAIL_PAUSE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlertState:
    """What the admins were told: whether of a failure and not yet of its end, and when of each last."""

    open: bool = False
    failing_at: datetime | None = None
    recovered_at: datetime | None = None


def next_interval(normal: timedelta, failures: int, kind: str | None) -> timedelta:
    """Return the time until the next scheduled sync after so many scheduled ``failures`` in a row.

    What lasts (no such board, or kept from us) is asked ever more rarely, but first a few times as often
    as always, and never so rarely that a fault's end stays unseen for long. What passes is asked as often
    as always.
    """
    if kind not in LASTING or failures <= PATIENT_FAILURES:
        return normal
    widened: timedelta = normal * min(2 ** min(failures - PATIENT_FAILURES, MOST_INTERVALS), MOST_INTERVALS)
    return max(normal, min(widened, LONGEST_INTERVAL))


def longest_interval(normal: timedelta) -> timedelta:
    """Return the longest time that ``next_interval`` returns."""
    return max(normal, LONGEST_INTERVAL)


def needs_attention(kind: str | None, *, failing: bool, worked_before: bool) -> bool:
    """Whether a person must look: a board that was read is gone, or is kept from us."""
    return failing and worked_before and kind in LASTING


def after_failure(
    alert: AlertState, failing_since: datetime, failures: int, now: datetime
) -> AlertState | None:
    """Return what the admins will have been told once the mail that is due is sent; ``None``: no mail.

    One is due after three failures in a row over at least an hour, and never two within a day.
    """
    if alert.open or failures < FAILURES_TO_TELL or now - failing_since < FAILING_TO_TELL:
        return None
    if _too_soon(alert.failing_at, now):
        return None
    return replace(alert, open=True, failing_at=now)


def after_success(alert: AlertState, now: datetime) -> AlertState | None:
    """Return what the admins will have been told once the mail of the recovery is sent; ``None``: no mail.

    Only those who were told of the failure hear of its end, at most once a day; until then it stays open.
    """
    if not alert.open or _too_soon(alert.recovered_at, now):
        return None
    return replace(alert, open=False, recovered_at=now)


def is_new_told(told_at: datetime | None, now: datetime) -> bool:
    """Whether the admins were mailed of jobs that wait for a decision so lately that they need no other."""
    return _too_soon(told_at, now)


def _too_soon(last: datetime | None, now: datetime) -> bool:
    return last is not None and abs(now - last) < MAIL_PAUSE  # one of a wrong clock says nothing


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mail is about. The addresses are whole."""

    organisation: str
    board: str
    settings_url: str
    history_url: str
    new_jobs_url: str = ""


def failing(about: Subject, error: str, since: datetime, next_attempt: datetime) -> Letter:
    """Say that the board cannot be read, why, and what to do."""
    return Letter(
        about.organisation,
        f"{about.organisation} is not synced with Greenhouse",
        (
            f"Your jobs have not been synced with the Greenhouse board “{about.board}” "
            f"since {_in_utc(since)}.",
            error,
            f"Your jobs stay as they are, and nothing is closed. The next try is at {_in_utc(next_attempt)}"
            "; you can also sync from Manage jobs.",
        ),
        links=(Link("Greenhouse settings", about.settings_url), Link("Sync history", about.history_url)),
        footer=f"You get this because you are an admin of {about.organisation}. "
        "There is one more mail when the sync works again.",
    )


def recovered(about: Subject) -> Letter:
    """Say that the board is read again."""
    return Letter(
        about.organisation,
        f"{about.organisation} is synced with Greenhouse again",
        (
            f"The Greenhouse board “{about.board}” can be read again, and your jobs are up to date with it. "
            "There is nothing to do.",
        ),
        links=(Link("Sync history", about.history_url),),
        footer=f"You get this because you are an admin of {about.organisation}.",
    )


def new_jobs(about: Subject, waiting: int) -> Letter:
    """Say how many new jobs are hidden until somebody decides."""
    is_one = waiting == 1
    wait = "1 new job waits" if is_one else f"{waiting:,} new jobs wait"
    they_are, them = ("It is", "it") if is_one else ("They are", "them")
    return Letter(
        about.organisation,
        f"{wait} at {about.organisation}",
        (
            f"{wait} for your decision, from the Greenhouse board “{about.board}”. {they_are} hidden until "
            f"an admin shows {them} to everybody, or to members only.",
        ),
        links=(Link("New jobs", about.new_jobs_url),),
        footer=f"You get this, at most once a day, because you are an admin of {about.organisation}. Whether "
        "new jobs are hidden at first is chosen in the settings.",
        footer_links=(Link("Greenhouse settings", about.settings_url),),
    )


def _in_utc(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
