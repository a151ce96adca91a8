"""Each mail is sent by one process, whatever becomes of it or of the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from portal.actions.mails import LEASE, LONGEST_PAUSE, MOST_ATTEMPTS, claim_mail, due_mails
from portal.db import db, write
from portal.domain.mails import MailText
from portal.models import Mail
from portal.models.base import utc_now
from portal.worker import mail as mailing
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.forked import running
from tests.support.mailing import come_due, read, send, stored, write_mail
from tests.support.processes import wait_until
from tests.support.smtp_server import SmtpServer


@on_sqlite
def test_another_mail_under_the_id_of_one_that_was_sent_is_another_mail(smtp: SmtpServer, cast: Cast) -> None:
    for _ in range(2):
        write_mail(cast)
        assert send()
    first, second = (read(raw)["Message-ID"] for raw in smtp.received)
    assert first != second


def test_one_that_was_accepted_is_noted_when_the_database_is_back(
    app: Flask,
    smtp: SmtpServer,
    mail_id: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(mailing, "NOTE_AGAIN_SECONDS", 0.05)
    smtp.delays["CONTENT"] = 0.5

    def rename(old: str, new: str) -> None:
        with db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    def interfere() -> None:
        with app.app_context():
            wait_until(lambda: "data" in smtp.commands, "the mail to be offered")
            rename("mails", "elsewhere")
            wait_until(lambda: "mail_sent_but_not_noted" in caplog.text, "it to miss the table")
            rename("elsewhere", "mails")

    thread = Thread(target=interfere)
    thread.start()
    assert send()
    thread.join()
    assert len(smtp.received) == 1
    assert stored() == []


def test_one_whose_process_was_killed_is_due_again_and_in_the_end_given_up(mail_id: int) -> None:
    for _ in range(MOST_ATTEMPTS):
        [due] = due_mails(utc_now())
        assert claim_mail(due) is not None
        assert claim_mail(due) is None, "it is being sent"
        assert due_mails(utc_now()) == []
        assert len(due_mails(utc_now() + LEASE)) == 1
        come_due()
    [due] = due_mails(utc_now())
    assert claim_mail(due) is None
    assert due_mails(utc_now() + timedelta(days=1)) == []


def test_a_time_further_away_than_any_pause_counts_as_due(mail_id: int) -> None:
    found = []
    for ahead in (timedelta(days=400), LONGEST_PAUSE):
        with write() as rows:
            rows.execute(update(Mail).values(not_before=utc_now() + ahead))
        found.append(len(due_mails(utc_now())))
    assert found == [1, 0]


def environ(app: Flask, smtp: SmtpServer) -> dict[str, str]:
    settings = app.extensions["settings"]
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "CREDENTIAL_KEYS": ",".join(settings.credential_keys),
        "MAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "PUBLIC_URL": "",
    }


def test_several_that_send_at_once_send_each_mail_once(app: Flask, smtp: SmtpServer, cast: Cast) -> None:
    for number in range(12):
        write_mail(cast, MailText(f"Mail {number}", "Body."))
    together = Barrier(4)

    def work() -> bool:
        with app.app_context():
            together.wait()
            return send()

    with ThreadPoolExecutor(4) as pool:
        usable = [each.result() for each in [pool.submit(work) for _ in range(4)]]
    assert usable == [True] * 4
    subjects = [read(raw)["Subject"] for raw in smtp.received]
    assert sorted(subjects) == sorted(f"Mail {number}" for number in range(12))
    assert stored() == []


@on_sqlite
def test_one_killed_between_the_acceptance_and_its_commit_sends_the_same_mail_once_more(
    app: Flask, smtp: SmtpServer, mail_id: int
) -> None:
    smtp.delays["CONTENT"] = 0.5
    with running("portal.worker.mail", **environ(app, smtp)) as process:
        wait_until(lambda: "data" in smtp.commands, "the mail to be offered")
        with write() as rows:
            rows.scalars(select(Mail).with_for_update()).all()
            wait_until(lambda: smtp.received, "the mail to be accepted")
            process.kill()
            process.wait()
    smtp.delays.clear()
    assert send(), "it is leased"
    assert len(smtp.received) == 1
    for _ in range(MOST_ATTEMPTS):
        come_due()
        assert send()
    first, second = smtp.received
    assert first == second
