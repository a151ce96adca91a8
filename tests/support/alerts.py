"""Who follows new jobs by e-mail: ask, confirm, and read what waits to be sent."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, select

from portal.actions.alerts import subscribe
from portal.actions.alerts.subscribe import Asked
from portal.db import end_read, session, write
from portal.domain.alerts.schedule import Cadence
from portal.domain.jobs.public_list import read_filter
from portal.models import Alert, AlertMail, AlertReader, Mail, Organisation

LEA = "lea@example.com"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""
MORNING = datetime(2026, 11, 26, 8, 0, 5, tzinfo=UTC)


def ask(
    organisation: Organisation,
    address: str = LEA,
    now: datetime = NOON,
    *,
    q: str = "",
    cadence: Cadence = Cadence.DAILY,
    source: str | None = None,
    **filters: list[str],
) -> None:
    """Ask for an alert."""
    asked = Asked(address, read_filter(q, filters), cadence, source)
    subscribe.ask_for_alert(organisation, asked, now)


def mails(address: str = LEA) -> list[Mail]:
    """What waits to be sent there, the oldest first."""
    end_read()
    query = select(Mail).where(Mail.address == address).order_by(Mail.id)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def link(mail: Mail, path: str) -> str:
    """The key in the link of a mail that leads there."""
    found = re.search(rf"\S+{path}\?key=([^&\s]+)", mail.body)
    assert found, mail.body
    return found[1]


def follow(organisation: Organisation, address: str = LEA, now: datetime = NOON, **asked: Any) -> AlertReader:
    """Ask for an alert, confirm it, and let the mail that asked be sent."""
    ask(organisation, address, now, **asked)
    mail = mails(address)[-1]
    mail_id, token = mail.id, link(mail, "/alerts/confirm")
    with write() as current:
        current.execute(delete(Mail).where(Mail.id == mail_id))
    reader = subscribe.confirm(token, every_id(), now)
    assert reader is not None
    return reader


def at_once(app: Flask, calls: Sequence[Callable[[], object]]) -> None:
    """Make these calls at the same moment, each as a process of its own would."""
    start = Barrier(len(calls))

    def make(call: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            call()

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(make, call) for call in calls]:
            done.result()


def every_id() -> list[int]:
    """The ids of all alerts."""
    end_read()
    return list(session().scalars(select(Alert.id)))


def stored_rows() -> dict[str, int]:
    """How many rows there are of everything that is stored of readers."""
    end_read()
    tables = (AlertReader, Alert, AlertMail)
    counts = {each.__tablename__: select(func.count()).select_from(each) for each in tables}
    counts["mails"] = select(func.count()).where(Mail.address.is_not(None))
    return {name: session().scalar(count) or 0 for name, count in counts.items()}


NOTHING = {"alert_readers": 0, "alerts": 0, "alert_mails": 0, "mails": 0}
