"""A mail server that says nothing holds up no sync, and no process that is asked to stop."""

from time import monotonic

import pytest
from sqlalchemy import select

from portal.db import end_read, session, write
from portal.domain.mails import MailText
from portal.domain.sync.runs import RunStatus
from portal.models import Mail
from portal.models.base import utc_now
from portal.store.mails import add_mails
from portal.store.people import admins_of
from tests.support.app import Cast
from tests.support.processes import PATIENCE, wait_until
from tests.support.smtp_server import Instead, SmtpServer
from tests.support.staff import Staff, begin, connect, wait_for

pytestmark = pytest.mark.usefixtures("in_app")
SYNCS = 3
SLOWER = 5  # times: the mail server is silent for hundreds of times as long as a sync takes


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def seconds_of_syncs(name: str) -> float:
    """How long clicks took, one after the other, each on an organisation of its own."""
    total = 0.0
    for number in range(SYNCS):
        connection = connect(f"{name}-{number}", "northwind")
        begun = monotonic()
        assert wait_for(begin(connection), RunStatus.SUCCEEDED, RunStatus.FAILED).error is None
        total += monotonic() - begun
    return total


def test_a_silent_mail_server_holds_up_no_sync(staff: Staff, cast: Cast) -> None:
    with SmtpServer() as smtp:
        programs = [staff.worker(), staff.tick(), staff.mail(f"smtp://127.0.0.1:{smtp.port}")]
        wait_for(begin(connect("first", "northwind")), RunStatus.SUCCEEDED)
        alone = seconds_of_syncs("alone")
        smtp.replies["CONNECT"] = Instead.SILENCE
        with write():
            for number in range(20):
                letter = MailText(f"Mail {number}", "Body.")
                add_mails(cast.northwind.id, admins_of(cast.northwind.id), letter, utc_now())
        wait_until(lambda: smtp.connections, "a mail to be offered")
        assert seconds_of_syncs("beside") < SLOWER * alone
        for program in programs:
            program.terminate()
        assert [program.wait(PATIENCE) for program in programs] == [0, 0, 0]
    end_read()
    untried = session().scalars(select(Mail.attempt)).all()
    assert untried == [0] * 20, "a sender that stops by itself puts its mail back: nothing had to be killed"
