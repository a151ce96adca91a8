"""The mails of e-mail alerts: the question whether somebody wants them, and the new jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.domain.alerts.schedule import Cadence
from portal.domain.mails import Entry, Letter, Link
from portal.domain.texts import cut_line

MOST_ENTRIES: Final = 20
LONGEST_SUBJECT: Final = 120


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a mail of an alert leads to, whole."""

    jobs: str
    manage: str
    stop: str


def question(organisation: str, words: Sequence[str], confirm_url: str, until: date) -> Letter:
    """Ask whoever reads an address whether they want what somebody asked for with it."""
    return Letter(
        organisation,
        f"Turn on e-mails about new jobs at {organisation}?",
        (
            f"This address was entered to get an e-mail when {organisation} has new jobs"
            f"{_that_match(words)}. If that was you, turn it on.",
        ),
        button=Link("Turn on e-mails", confirm_url),
        note=f"The link works once, until {_day(until)}.",
        footer="It was not you? Then leave this mail alone: nothing happens without you, and the address is "
        "deleted within days.",
    )


def known(organisation: str, manage_url: str, most: int | None = None) -> Letter:
    """Answer somebody who asked for what they get already, or for more than the ``most`` one may have."""
    why = (
        f"You get as many different e-mails about new jobs at {organisation} as there may be: {most}. "
        "Stop one to have room for another."
        if most
        else f"You already get e-mails about these new jobs at {organisation}. There is nothing to do."
    )
    return Letter(
        organisation,
        f"Your e-mails about new jobs at {organisation}",
        (why,),
        links=(Link("See, change or stop what you get", manage_url),),
        footer="You get this since somebody, probably you, entered this address on the Jobs tab.",
    )


def new_jobs(
    organisation: str,
    words: Sequence[str],
    entries: Sequence[Entry],
    links: Links,
    *,
    cadence: str,
    address: str,
    since: date,
) -> Letter:
    """List the new jobs, the first ones of many."""
    count, shown = len(entries), entries[:MOST_ENTRIES]
    jobs = "1 new job" if count == 1 else f"{count:,} new jobs"
    more = "" if count == 1 else f" and {count - 1:,} more"
    promise = Cadence(cadence).promise if cadence in list(Cadence) else "You get this"
    rest = count - len(shown)
    return Letter(
        organisation,
        cut_line(f"{jobs} at {organisation}: {shown[0].title}", LONGEST_SUBJECT) + more,
        (f"You asked for: {'; '.join(words) or 'every new job'}.",),
        entries=tuple(shown),
        note=f"{rest:,} more new {'job fits' if rest == 1 else 'jobs fit'} too." if rest else "",
        links=(Link("See all jobs that fit", links.jobs),),
        footer=f"{promise}, sent to {address} since {_day(since)}. Change or stop it without a sign-in.",
        footer_links=(Link("Change what you get", links.manage), Link("Stop these mails", links.stop)),
        heading=f"{jobs} for you",
    )


def _that_match(words: Sequence[str]) -> str:
    return f" that match {'; '.join(words)}" if words else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
