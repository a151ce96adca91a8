"""A mail is sent once, by a real mail server or into the outbox, to whom may still have it."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import update

from portal.actions.accounts import people
from portal.actions.mails import mail_text
from portal.db import write
from portal.domain.mails import Letter, Link, MailText
from portal.models import Mail, User
from portal.models.base import utc_now
from portal.store.mails import add_mail
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.mailing import LETTER, SHORT, read, send, stored, timely, use, write_mail
from tests.support.smtp_server import Instead, SmtpServer


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


@on_sqlite
@pytest.mark.parametrize("gone", ["disabled", "removed"])
def test_who_may_not_read_it_any_more_does_not_get_it(smtp: SmtpServer, mail_id: int, gone: str) -> None:
    if gone == "disabled":
        people.disable_user("mara@example.com", utc_now(), force=True)
    else:
        people.remove_member("mara@example.com", "northwind", force=True)
    assert send()
    assert (smtp.received, stored()) == ([], [])
