"""The mails that tell admins how their connection does: plain text, and nothing secret."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mail is about. ``settings_url`` and ``history_url`` are whole addresses."""

    organisation: str
    board: str
    settings_url: str
    history_url: str


def failing(about: Subject, error: str, since: datetime, next_attempt: datetime) -> Letter:
    """Say that the board cannot be read, why, and what to do."""
    return _letter(
        f"{about.organisation} is not synced with Greenhouse",
        f"Your jobs have not been synced with the Greenhouse board “{about.board}” since {_in_utc(since)}.",
        error,
        f"Your jobs stay as they are, and nothing is closed. The next try is at {_in_utc(next_attempt)}; "
        "you can also sync from Manage jobs.",
        f"Greenhouse settings: {about.settings_url}\nSync history: {about.history_url}",
        f"You get this because you are an admin of {about.organisation}. "
        "There is one more mail when the sync works again.",
    )


def recovered(about: Subject) -> Letter:
    """Say that the board is read again."""
    return _letter(
        f"{about.organisation} is synced with Greenhouse again",
        f"The Greenhouse board “{about.board}” can be read again, and your jobs are up to date with it. "
        "There is nothing to do.",
        f"Sync history: {about.history_url}",
        f"You get this because you are an admin of {about.organisation}.",
    )


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(" ".join(subject.split()), "\n\n".join(paragraphs) + "\n")


def _in_utc(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
