"""The form that asks for e-mail alerts, on the Jobs tab and on a page of its own, and what guards it.

The Jobs tab is the same bytes for everybody, so it bears the day, signed; the form's own page bears the time,
and whoever is quicker than a person can be is asked once more.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from flask import current_app, request
from itsdangerous import BadSignature, Signer, TimestampSigner

from portal.domain.alerts.schedule import Cadence
from portal.domain.jobs.public_list import FILTERS, PublicFilter, read_filter
from portal.domain.jobs.public_words import search_words
from portal.models import Organisation
from portal.web.templating import today_in
from portal.web.traffic.tracking import SOURCE, asked_tracking, source_from

TRAP: Final = "subject"
"""A field that people do not see, and programs fill in."""
DAYS_OPEN: Final = 7
QUICKEST: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlertForm:
    """What the form shows: the search, what was typed, and what is wrong with it."""

    wanted: PublicFilter
    source: str | None
    stamp: str
    email: str = ""
    cadence: str = Cadence.DAILY
    error: str = ""
    sentence: str = ""

    @property
    def words(self) -> list[str]:
        """The search in words."""
        return search_words(self.wanted)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What is sent along."""
        pairs = [("q", self.wanted.q)] if self.wanted.q else []
        pairs += [(name, value) for name, values in self.wanted.chosen for value in values]
        pairs += [(SOURCE, self.source)] if self.source else []
        return [*pairs, ("stamp", self.stamp)]


def form_of_tab(org: Organisation, wanted: PublicFilter) -> AlertForm:
    """Return the empty form below a list."""
    return AlertForm(
        wanted,
        dict(asked_tracking()).get(SOURCE),
        _signer(org).sign(today_in(org.time_zone).isoformat()).decode(),
    )


def sent_form(org: Organisation, error: str = "", sentence: str = "") -> AlertForm:
    """Return the form with what was sent, stamped with the time."""
    values = request.values
    cadence = values.get("cadence", "")
    return AlertForm(
        read_filter(values.get("q", ""), {name: values.getlist(name) for name in FILTERS}),
        source_from(values.get(SOURCE)),
        _time_signer(org).sign(b"").decode(),
        values.get("email", "")[:300],
        cadence if cadence in list(Cadence) else Cadence.DAILY,
        error,
        sentence,
    )


def is_of_person(org: Organisation) -> bool:
    """Whether the form was sent from a page of ours and, where that can be told, as slowly as by a person."""
    stamp = request.form.get("stamp", "")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return False
    return _was_open_for_a_while(org, stamp) or _was_opened_lately(org, stamp)


def _was_open_for_a_while(org: Organisation, stamp: str) -> bool:
    try:
        _, opened_at = _time_signer(org).unsign(stamp, return_timestamp=True)
    except BadSignature:
        return False
    return QUICKEST <= datetime.now(UTC) - opened_at <= LONGEST


def _was_opened_lately(org: Organisation, stamp: str) -> bool:
    try:
        opened_on = date.fromisoformat(_signer(org).unsign(stamp).decode())
    except (BadSignature, ValueError):
        return False
    return abs((today_in(org.time_zone) - opened_on).days) <= DAYS_OPEN


def _signer(org: Organisation) -> Signer:
    return Signer(str(current_app.secret_key), salt=f"alerts of {org.id}", digest_method=hashlib.sha256)


def _time_signer(org: Organisation) -> TimestampSigner:
    key = str(current_app.secret_key)
    return TimestampSigner(key, salt=f"alert form of {org.id}", digest_method=hashlib.sha256)
