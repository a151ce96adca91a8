"""Mails: each is sent once, by a real mail server or into the outbox, and tried again when it fails."""

import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from rq import Queue
from sqlalchemy import select

from portal.actions import people
from portal.actions.mails import MOST_ATTEMPTS, hand_over_mails, take_mail
from portal.domain.health_mails import Letter
from portal.extensions import session
from portal.models import Mail
from portal.models.base import utc_now
from portal.queue import CHORES_QUEUE, connect_redis
from portal.store.mails import add_mails
from portal.store.members import admins_of
from portal.store.transactions import end_read, write
from portal.worker import mail as mailing
from portal.worker import tasks
from tests.fixtures.app import Cast
from tests.fixtures.processes import started, wait_until
from tests.support.smtp_server import SmtpServer

LETTER = Letter("Café Nord is out of step", "Grüße aus Köln.\n\n" + "A long line. " * 100 + "\n.\nThe end.\n")


@pytest.fixture(autouse=True)
def _in_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tasks, "application", lambda: app)
    with app.app_context():
        yield


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def use(app: Flask) -> Callable[[str | None], None]:
    """Set ``MAIL_URL``."""

    def set_url(url: str | None) -> None:
        app.extensions["settings"] = replace(app.extensions["settings"], mail_url=url)

    return set_url


@pytest.fixture
def mail_id(cast: Cast) -> int:
    """A mail to Mara that is due."""
    with write() as rows:
        add_mails(cast.northwind.id, admins_of(cast.northwind.id), LETTER, utc_now())
        found = rows.scalar(select(Mail.id))
    assert found is not None
    return found


def stored() -> list[Mail]:
    end_read()
    return list(session().scalars(select(Mail).execution_options(populate_existing=True)))


def read(raw: str) -> EmailMessage:
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_is_sent_once_and_forgotten(smtp: SmtpServer, use: Callable[[str], None], mail_id: int) -> None:
    use(f"smtp://127.0.0.1:{smtp.port}")
    for _ in range(2):
        tasks.send_mail(mail_id, 0)
    [raw] = smtp.received
    message = read(raw)
    assert (message["To"], message["Subject"]) == ("mara@example.com", LETTER.subject)
    assert message["From"] == "The Org <contact@theorg.com>"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == LETTER.body
    assert stored() == []


def test_it_signs_in_where_the_address_names_a_user(
    smtp: SmtpServer, use: Callable[[str], None], mail_id: int
) -> None:
    use(f"smtp://mailer%40example.com:p%3Ass@127.0.0.1:{smtp.port}")
    tasks.send_mail(mail_id, 0)
    assert smtp.logins == ["\0mailer@example.com\0p:ss"]
    assert len(smtp.received) == 1


def test_no_password_is_told_to_a_server_elsewhere_that_does_not_encrypt(
    smtp: SmtpServer, use: Callable[[str], None], mail_id: int
) -> None:
    use(f"smtp://mailer:password@0.0.0.0:{smtp.port}")  # reaches it without being called loopback
    tasks.send_mail(mail_id, 0)
    assert smtp.commands
    assert (smtp.logins, smtp.received) == ([], [])
    assert [mail.attempt for mail in stored()] == [1]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate for 127.0.0.1, and the file to trust it by."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, file = serialization.Encoding.PEM, tmp_path / "certificate.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(signed.public_bytes(pem) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


@pytest.mark.parametrize("trusted", [True, False])
def test_it_encrypts_where_that_is_offered_and_trusts_no_unknown_certificate(
    certificate: tuple[ssl.SSLContext, Path],
    use: Callable[[str], None],
    mail_id: int,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    context, file = certificate
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with SmtpServer(context) as smtp:
        use(f"smtp://mailer:password@127.0.0.1:{smtp.port}")
        tasks.send_mail(mail_id, 0)
    assert "STARTTLS" in smtp.commands
    assert (len(smtp.logins), len(smtp.received)) == ((1, 1) if trusted else (0, 0))


def test_without_a_mail_server_it_is_put_into_the_outbox(
    app: Flask, mail_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    tasks.send_mail(mail_id, 0)
    folder = app.extensions["settings"].instance_dir / "outbox"
    [file] = folder.iterdir()
    message = read(file.read_text())
    assert (message["To"], message["Subject"]) == ("mara@example.com", LETTER.subject)
    assert LETTER.subject in caplog.text
    assert stored() == []


def test_a_mail_that_is_not_taken_is_tried_again_later_and_given_up_in_the_end(
    smtp: SmtpServer, use: Callable[[str], None], mail_id: int
) -> None:
    use(f"smtp://127.0.0.1:{smtp.port}")
    smtp.refusal = "451 later"
    pauses = []
    for attempt in range(MOST_ATTEMPTS):
        tasks.send_mail(mail_id, attempt)
        [mail] = stored()
        pauses.append(round((mail.not_before - utc_now()).total_seconds() / 60) if mail.not_before else None)
    assert pauses == [1, 4, 16, 64, None]
    smtp.refusal = ""
    tasks.send_mail(mail_id, MOST_ATTEMPTS)
    assert smtp.received == []


def test_one_that_was_put_back_arrives_in_the_end(
    smtp: SmtpServer, use: Callable[[str], None], mail_id: int
) -> None:
    use("smtp://127.0.0.1:1")
    tasks.send_mail(mail_id, 0)
    use(f"smtp://127.0.0.1:{smtp.port}")
    assert hand_over_mails(utc_now()) == 0
    assert hand_over_mails(utc_now() + timedelta(minutes=2)) == 1
    tasks.send_mail(mail_id, 1)
    assert len(smtp.received) == 1
    assert stored() == []


def test_a_server_that_says_nothing_is_left(
    smtp: SmtpServer, use: Callable[[str], None], mail_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "TIMEOUT_SECONDS", 0.2)
    smtp.silent = True
    use(f"smtp://127.0.0.1:{smtp.port}")
    tasks.send_mail(mail_id, 0)
    assert [mail.attempt for mail in stored()] == [1]


def test_one_whose_task_was_lost_is_due_again_and_in_the_end_given_up(mail_id: int) -> None:
    for attempt in range(MOST_ATTEMPTS):
        assert take_mail(mail_id, attempt) is not None
        assert take_mail(mail_id, attempt) is None, "it is being sent"
        assert hand_over_mails(utc_now() + timedelta(minutes=1)) == 0
        assert hand_over_mails(utc_now() + timedelta(minutes=4)) == 1
    assert take_mail(mail_id, MOST_ATTEMPTS) is None
    assert hand_over_mails(utc_now() + timedelta(days=1)) == 0


def test_it_is_handed_over_once_a_lease_with_ids_and_nothing_else(app: Flask, mail_id: int) -> None:
    assert [hand_over_mails(utc_now()) for _ in range(2)] == [1, 0]
    [job] = Queue(CHORES_QUEUE, connection=app.extensions["redis"]).jobs
    assert (job.id, tuple(job.args), job.kwargs) == (f"mail-{mail_id}-0", (mail_id, 0), {})
    assert hand_over_mails(utc_now() + timedelta(minutes=2)) == 1


def test_with_redis_away_it_waits(app: Flask, mail_id: int) -> None:
    app.extensions["redis"].close()
    app.extensions["redis"] = connect_redis("unix:///nowhere/redis.sock")
    assert hand_over_mails(utc_now()) == 0
    assert [mail.not_before is not None for mail in stored()] == [True]


@pytest.mark.parametrize("gone", ["disabled", "removed"])
def test_who_may_not_read_it_any_more_does_not_get_it(mail_id: int, gone: str) -> None:
    if gone == "disabled":
        people.disable_user("mara@example.com", utc_now())
    else:
        people.remove_member("mara@example.com", "northwind")
    assert take_mail(mail_id, 0) is None
    assert stored() == []


def test_tick_and_worker_bring_it_to_the_mail_server(app: Flask, smtp: SmtpServer, mail_id: int) -> None:
    settings = app.extensions["settings"]
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "CREDENTIAL_KEYS": ",".join(settings.credential_keys),
        "MAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
    }
    with (
        started("-m", "portal.worker.tick", **environ),
        started("-m", "portal.worker", **environ),
    ):
        wait_until(lambda: smtp.received, "the mail")
        wait_until(lambda: stored() == [], "the mail to be forgotten")
