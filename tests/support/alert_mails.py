"""What mails of alerts tell of, in tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from portal.db import write
from portal.models import Job, Mail
from tests.support.alerts import LEA, mails

DAY = timedelta(days=1)


def titles(mail: Mail) -> set[str]:
    """The jobs that a mail tells of, of those whose title is a letter."""
    return {line for line in mail.body.splitlines() if len(line) == 1}


def told(address: str = LEA) -> list[set[str]]:
    """What each of the mails tells of."""
    return [titles(mail) for mail in mails(address)]


def change(job_id: int, **columns: Any) -> None:
    with write() as current:
        current.execute(update(Job).where(Job.id == job_id).values(**columns))
