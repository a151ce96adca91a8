"""Mails: each is sent once, by a real mail server or into the outbox, and tried again when that fails."""

import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Barrier, Thread
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select, text, update

from portal.actions.accounts import people
from portal.actions.mails import LEASE, LONGEST_PAUSE, MOST_ATTEMPTS, Limits, claim_mail, due_mails, mail_text
from portal.db import db, end_read, session, write
from portal.domain.mails import Letter, Link, MailText
from portal.domain.people import Role
from portal.models import Mail, Membership, User
from portal.models.base import utc_now
from portal.store.mails import add_mail, add_mails
from portal.store.people import admins_of
from portal.worker import mail as mailing
from portal.worker.mail import pause_after, send_due
from tests.support.app import PASSWORD_HASH, Cast
from tests.support.databases import on_sqlite
from tests.support.forked import running
from tests.support.processes import wait_until
from tests.support.smtp_server import Instead, SmtpServer

LETTER = MailText(
    "Café Nord is out of step", "Grüße aus Köln.\n\n" + "A long line. " * 100 + "\n.\nThe end.\n"
)
SHORT = Limits(offer=0.3, accept=0.3)
FAR_BEYOND = 20  # times a limit: a noisy machine is late, and a server that drips would last for minutes


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def smtp(app: Flask) -> Iterator[SmtpServer]:
    """The portal's mail server."""
    with SmtpServer() as server:
        use(app, f"smtp://127.0.0.1:{server.port}")
        yield server


def use(app: Flask, url: str | None) -> None:
    """Set ``MAIL_URL``."""
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url=url)


@pytest.fixture
def mail_id(cast: Cast) -> int:
    """A mail to Mara that is due."""
    return write_mail(cast)


@pytest.fixture
def three(cast: Cast) -> list[str]:
    """Three mails that are due, by their readers' addresses."""
    with write() as rows:
        for name in ("anna", "bela"):
            user = User(email=f"{name}@example.com", password_hash=PASSWORD_HASH)
            rows.add(user)
            rows.flush()
            rows.add(Membership(organisation_id=cast.northwind.id, user_id=user.id, role=Role.ADMIN))
    write_mail(cast)
    return [mail.reader for mail in stored()]


def write_mail(cast: Cast, letter: MailText = LETTER) -> int:
    """A mail to each of Northwind's admins; the id of the last."""
    with write() as rows:
        add_mails(cast.northwind.id, admins_of(cast.northwind.id), letter, utc_now())
        found = rows.scalar(select(Mail.id).order_by(Mail.id.desc()))
    assert found is not None
    return found


def stored() -> list[Mail]:
    end_read()
    return list(session().scalars(select(Mail).order_by(Mail.id).execution_options(populate_existing=True)))


def attempts() -> list[int]:
    return [mail.attempt for mail in stored()]


class NeverStopped:
    """Takes the place of the process's signals."""

    asked = False

    def during(self, wait: Callable[[], object]) -> None:
        wait()


def send(limits: Limits = Limits()) -> bool:  # noqa: B008 - frozen
    return send_due(NeverStopped(), limits)  # type: ignore[arg-type]


def come_due() -> None:
    """Let the pauses of all mails be over."""
    with write() as rows:
        rows.execute(update(Mail).where(Mail.not_before.is_not(None)).values(not_before=utc_now()))


def read(raw: str) -> EmailMessage:
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@on_sqlite
def test_it_is_sent_once_and_forgotten(smtp: SmtpServer, mail_id: int) -> None:
    assert [send() for _ in range(2)] == [True, True]
    [raw] = smtp.received
    message = read(raw)
    assert (message["To"], message["Subject"]) == ("mara@example.com", LETTER.subject)
    assert message["From"] == "The Org <contact@theorg.com>"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == LETTER.body
    assert raw.isascii()
    assert stored() == []


@on_sqlite
def test_it_signs_in_where_the_address_names_a_user(app: Flask, smtp: SmtpServer, mail_id: int) -> None:
    use(app, f"smtp://mailer%40example.com:p%3Ass@127.0.0.1:{smtp.port}")
    send()
    assert smtp.logins == ["\0mailer@example.com\0p:ss"]
    assert len(smtp.received) == 1


@on_sqlite
def test_no_password_is_told_to_a_server_elsewhere_that_does_not_encrypt(
    app: Flask, smtp: SmtpServer, mail_id: int
) -> None:
    use(app, f"smtp://mailer:password@0.0.0.0:{smtp.port}")  # reaches it without being called loopback
    assert not send()
    assert smtp.commands
    assert (smtp.logins, smtp.received) == ([], [])


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


@on_sqlite
@pytest.mark.parametrize("trusted", [True, False])
def test_it_encrypts_where_that_is_offered_and_trusts_no_unknown_certificate(
    certificate: tuple[ssl.SSLContext, Path],
    app: Flask,
    mail_id: int,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    context, file = certificate
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with SmtpServer(context) as smtp:
        use(app, f"smtp://mailer:password@127.0.0.1:{smtp.port}")
        send()
    assert "STARTTLS" in smtp.commands
    assert (len(smtp.logins), len(smtp.received)) == ((1, 1) if trusted else (0, 0))


@on_sqlite
def test_a_handshake_that_drips_ends_as_well(
    app: Flask, certificate: tuple[ssl.SSLContext, Path], mail_id: int
) -> None:
    with SmtpServer() as smtp:
        use(app, f"smtps://127.0.0.1:{smtp.port}")
        smtp.replies["CONNECT"] = Instead.DRIP
        assert not timely(SHORT, SHORT.offer)


def test_one_goes_to_an_address_without_an_account_and_with_a_way_to_unsubscribe(smtp: SmtpServer) -> None:
    letter = Letter(
        "Café Nord", "2 new jobs", ("<b>Two</b> & more.",), button=Link("See them", "https://a/x")
    )
    stop = f"https://jobs.example/alerts/stop?key={'t' * 66}&alert=12"
    with write():
        add_mail(mail_text(letter), utc_now(), address="lea@example.com", unsubscribe_url=stop)
    assert send()
    [raw] = smtp.received
    message = read(raw)
    assert (message["To"], message["List-Unsubscribe"]) == ("lea@example.com", f"<{stop}>")
    assert f"\r\nList-Unsubscribe: <{stop}>\r\n" in raw
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"  # RFC 8058
    plain, html = message.iter_parts()
    assert [part.get_content_type() for part in (plain, html)] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == letter.text
    assert "&lt;b&gt;Two&lt;/b&gt; &amp; more." in html.get_content()
    assert raw.isascii()
    assert stored() == []


def test_one_about_an_account_goes_to_nobody_once_the_account_is_disabled(
    smtp: SmtpServer, cast: Cast
) -> None:
    with write() as rows:
        add_mail(LETTER, utc_now(), user_id=cast.mara.id)
        add_mail(LETTER, utc_now(), user_id=cast.mara.id, address="mara@new.example")
    assert send()
    assert [read(raw)["To"] for raw in smtp.received] == ["mara@example.com", "mara@new.example"]
    with write() as rows:
        add_mail(LETTER, utc_now(), user_id=cast.mara.id)
        rows.execute(update(User).values(disabled_at=utc_now()))
    assert send()
    assert (len(smtp.received), stored()) == (2, [])


@on_sqlite
def test_without_a_mail_server_each_is_put_into_the_outbox(
    app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    for subject in ("First", "Second"):  # SQLite gives both the same id
        write_mail(cast, MailText(subject, "Body."))
        assert send()
    folder = app.extensions["settings"].instance_dir / "outbox"
    messages = [read(file.read_text()) for file in sorted(folder.iterdir())]
    assert sorted(message["Subject"] for message in messages) == ["First", "Second"]
    assert {message["To"] for message in messages} == {"mara@example.com"}
    assert "First" in caplog.text
    assert stored() == []


@on_sqlite
def test_a_mail_that_is_refused_for_now_is_tried_ever_more_rarely_and_given_up_in_the_end(
    smtp: SmtpServer, mail_id: int
) -> None:
    smtp.replies["DATA"] = "451 4.3.0 later"
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        assert send()
        [mail] = stored()
        pauses.append(round((mail.not_before - utc_now()).total_seconds() / 60) if mail.not_before else None)
        come_due()
    assert pauses == [1, 4, 16, 64, None]
    assert mail.last_error == "DATA answered 451 4.3.0"
    smtp.replies.clear()
    send()
    assert smtp.received == []


@on_sqlite
@pytest.mark.parametrize("command", ["RCPT", "DATA", "CONTENT"])
def test_a_mail_that_is_refused_for_good_is_given_up_at_once_and_no_other_with_it(
    smtp: SmtpServer, three: list[str], command: str, caplog: pytest.LogCaptureFixture
) -> None:
    if command == "RCPT":
        smtp.refused.add(three[1])
        assert send()
        assert sorted(read(raw)["To"] for raw in smtp.received) == sorted(three[::2])
    else:
        smtp.replies[command] = "554 5.6.0 no"
        assert send()
    given_up = stored()
    assert {(mail.not_before, mail.attempt) for mail in given_up} == {(None, 1)}
    assert len(given_up) == (1 if command == "RCPT" else 3)
    assert caplog.text.count("mail_given_up") == len(given_up)


BEFORE_THE_OFFER = [
    ("CONNECT", Instead.SILENCE),
    ("CONNECT", Instead.DRIP),
    ("CONNECT", Instead.CLOSE),
    ("CONNECT", "554 not you"),
    ("EHLO", Instead.SILENCE),
    ("AUTH", "535 5.7.8 wrong password"),
    ("MAIL", "421 too busy"),
    ("MAIL", "530 5.7.0 sign in first"),
    ("MAIL", Instead.DRIP),
]


@on_sqlite
@pytest.mark.parametrize(("command", "reply"), BEFORE_THE_OFFER)
def test_a_mail_server_that_cannot_be_used_is_tried_once_and_costs_no_mail_an_attempt(
    app: Flask, smtp: SmtpServer, three: list[str], command: str, reply: str | Instead
) -> None:
    use(app, f"smtp://mailer:password@127.0.0.1:{smtp.port}")
    smtp.replies[command] = reply
    before = [mail.not_before for mail in stored()]
    assert not timely(SHORT, SHORT.offer)
    assert smtp.connections == 1
    assert attempts() == [0, 0, 0]
    assert [mail.not_before for mail in stored()] == before
    assert [bool(mail.last_error) for mail in stored()] == [True, False, False]
    smtp.replies.clear()
    assert send()
    assert len(smtp.received) == 3


def timely(limits: Limits, allowed: float) -> bool:
    """Send, in about as many seconds as are allowed."""
    begun = monotonic()
    usable = send(limits)
    assert monotonic() - begun < FAR_BEYOND * allowed
    return usable


@on_sqlite
@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://mail.invalid", "smtp://mail..invalid"])
def test_a_mail_server_that_is_not_there_costs_no_mail_an_attempt(app: Flask, mail_id: int, url: str) -> None:
    use(app, url)
    assert not send()
    assert attempts() == [0]


BROKEN_OFF = [
    ("RCPT", "421 too busy"),
    ("RCPT", Instead.CLOSE),
    ("CONTENT", Instead.CLOSE),
    ("CONTENT", Instead.SILENCE),
    ("CONTENT", Instead.DRIP),
    ("CONTENT", "garbage"),
]


@on_sqlite
@pytest.mark.parametrize(("command", "reply"), BROKEN_OFF)
def test_after_a_connection_that_broke_the_others_are_put_back_untried_and_go_first_next_time(
    smtp: SmtpServer, three: list[str], command: str, reply: str | Instead
) -> None:
    smtp.replies[command] = reply
    assert not timely(SHORT, SHORT.offer + SHORT.accept)
    assert smtp.connections == 1
    assert attempts() == [1, 0, 0]
    smtp.replies.clear()
    assert send()
    assert [read(raw)["To"] for raw in smtp.received] == three[1:]


@on_sqlite
@pytest.mark.parametrize(
    "farewell", ["421 too busy", "500 what?", "garbage", Instead.CLOSE, Instead.SILENCE, Instead.DRIP]
)
def test_what_was_accepted_is_sent_however_the_server_takes_leave(
    smtp: SmtpServer, mail_id: int, farewell: str | Instead
) -> None:
    smtp.replies["QUIT"] = farewell
    for _ in range(MOST_ATTEMPTS):
        assert send()
        come_due()
    assert len(smtp.received) == 1
    assert stored() == []


@on_sqlite
def test_the_answer_to_the_mail_itself_may_take_far_longer_than_the_others(
    smtp: SmtpServer, mail_id: int
) -> None:
    smtp.delays["CONTENT"] = 1.5
    assert send(Limits(offer=1.0, accept=30.0))
    assert len(smtp.received) == 1
    assert stored() == []


@on_sqlite
def test_a_double_is_the_same_mail_to_its_receiver(smtp: SmtpServer, mail_id: int) -> None:
    smtp.delays["CONTENT"] = 0.3
    assert not send(Limits(offer=30.0, accept=0.1)), "it is accepted, but nobody waits for the answer"
    wait_until(lambda: smtp.received, "the mail to be accepted all the same")
    smtp.delays.clear()
    come_due()
    assert send()
    first, second = smtp.received
    assert first == second
    assert read(first)["Message-ID"]


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


@on_sqlite
def test_a_mail_that_cannot_be_written_or_addressed_does_not_stop_the_others(
    smtp: SmtpServer, three: list[str]
) -> None:
    with write() as rows:
        rows.execute(update(Mail).where(Mail.id == stored()[0].id).values(subject="Two\nlines"))
        rows.execute(update(User).where(User.email == three[1]).values(email="jörg@example.com"))
    assert send()
    assert [read(raw)["To"] for raw in smtp.received] == three[2:]
    broken, unaddressable = stored()
    assert broken.not_before is not None
    assert unaddressable.not_before is None


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


@on_sqlite
@pytest.mark.parametrize("gone", ["disabled", "removed"])
def test_who_may_not_read_it_any_more_does_not_get_it(smtp: SmtpServer, mail_id: int, gone: str) -> None:
    if gone == "disabled":
        people.disable_user("mara@example.com", utc_now(), force=True)
    else:
        people.remove_member("mara@example.com", "northwind", force=True)
    assert send()
    assert (smtp.received, stored()) == ([], [])


@on_sqlite
def test_a_mail_server_that_fails_is_asked_ever_more_rarely() -> None:
    pauses = [pause_after(failures) for failures in range(1000)]
    assert pauses == sorted(pauses)
    assert (pauses[1] / pauses[0], pauses[-1] / pauses[0]) == (2, 60)


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
