"""Each way Greenhouse can misbehave comes out as one typed error with a plain sentence."""

import socket
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from werkzeug.serving import make_server

from dev.demo.app import create_demo_board
from portal.boards.errors import (
    BoardNotFound,
    BoardRefused,
    BoardTooLarge,
    BoardUnavailable,
    GreenhouseError,
    IncompleteBoard,
    MalformedBoard,
)
from portal.boards.greenhouse.client import GreenhouseClient
from portal.config import load_settings
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.logs import configure_logging
from tests.support import faults
from tests.support.fault_server import Fault, FaultServer, black_hole
from tests.support.faults import board, normal, post, status
from tests.support.words import is_plain

ACME = BoardToken("acme")
KEY = ApiKey("c0ffee00c0ffee00c0ffee00c0ffee00-1")
BODY = board(*(post(number) for number in range(1, 50)))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (status(404), BoardNotFound),
        (status(401), BoardRefused),
        (status(403), BoardRefused),
        (status(429), BoardUnavailable),
        (status(408), BoardUnavailable),
        (status(500), BoardUnavailable),
        (status(503), BoardUnavailable),
        (status(529), BoardUnavailable),
        (status(418), MalformedBoard),
        (status(204), MalformedBoard),
        (status(304), MalformedBoard),
        (faults.html, MalformedBoard),
        (faults.null, MalformedBoard),
        (faults.empty, MalformedBoard),
        (faults.listed, MalformedBoard),
        (faults.wrong_types, MalformedBoard),
        (faults.bad_utf8, MalformedBoard),
        (faults.deep_nesting, MalformedBoard),
        (faults.huge_numbers, IncompleteBoard),
        (faults.plain(board(post(1), total=2)), IncompleteBoard),
        (faults.truncate(BODY, 100), BoardUnavailable),
        (faults.truncate(BODY, 0), BoardUnavailable),
        (faults.truncated_chunks(BODY), BoardUnavailable),
        (faults.truncated_gzip(BODY), BoardUnavailable),
        (faults.reset_at(-1, BODY), BoardUnavailable),
        (faults.reset_at(0, BODY), BoardUnavailable),
        (faults.reset_at(1000, BODY), BoardUnavailable),
        (faults.endless_body, BoardTooLarge),
    ],
)
def test_a_faulty_answer_becomes_a_typed_error_with_a_plain_sentence(
    greenhouse: FaultServer, client: GreenhouseClient, fault: Fault, kind: type[GreenhouseError]
) -> None:
    greenhouse.answer(fault)
    with pytest.raises(GreenhouseError) as caught:
        client.list_posts(ACME, None)
    assert type(caught.value) is kind
    assert is_plain(str(caught.value)), str(caught.value)


@pytest.mark.parametrize("fault", [faults.silence, faults.slow_headers, faults.slow_body])
@pytest.mark.parametrize(
    "ask", [lambda client: client.list_posts(ACME, None), lambda client: client.board_name(ACME)]
)
def test_an_answer_that_never_ends_is_cut_at_the_deadline(
    greenhouse: FaultServer, hasty: GreenhouseClient, fault: Fault, ask: Callable[[GreenhouseClient], object]
) -> None:
    greenhouse.answer(fault)
    with pytest.raises(BoardUnavailable, match="did not answer in time") as caught:
        ask(hasty)
    assert is_plain(str(caught.value))


def test_endless_bytes_at_full_speed_are_cut_at_the_deadline_too(greenhouse: FaultServer) -> None:
    greenhouse.answer(faults.endless_body)
    client = GreenhouseClient(greenhouse.url, deadline=0.2, max_bytes=2**40)
    with pytest.raises(BoardUnavailable, match="in time"):
        client.list_posts(ACME, None)


def test_a_host_that_lets_nobody_in_costs_one_deadline() -> None:
    with black_hole() as url, pytest.raises(BoardUnavailable, match="in time"):
        GreenhouseClient(url, deadline=0.3).list_posts(ACME, None)


def test_a_refused_connection_is_unavailable_until_it_is_accepted_again(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(normal(BODY))
    with greenhouse.refusing(), pytest.raises(BoardUnavailable, match="could not be reached") as caught:
        client.list_posts(ACME, None)
    assert is_plain(str(caught.value))
    assert len(client.list_posts(ACME, None).posts) == 49


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the portal logs."""
    configure_logging(production=True)
    return caplog


def unreachable(client: GreenhouseClient) -> str:
    """What an admin is told who connects with a key."""
    with pytest.raises(BoardUnavailable) as caught:
        client.key_is_rejected(ACME, KEY)
    assert is_plain(str(caught.value)), str(caught.value)
    return str(caught.value)


def test_each_way_of_being_out_of_reach_has_a_sentence_and_the_log_has_its_cause(
    greenhouse: FaultServer, client: GreenhouseClient, log: pytest.LogCaptureFixture
) -> None:
    with greenhouse.refusing():
        assert unreachable(client).startswith("Greenhouse could not be reached: it refused the connection.")
    assert "ConnectionRefusedError: [Errno 111]" in log.text
    nowhere = GreenhouseClient("http://greenhouse.invalid/v1/boards", deadline=30)
    assert unreachable(nowhere).startswith("Greenhouse could not be reached: its name was not found")
    assert "gaierror: [Errno -" in log.text
    log.clear()
    greenhouse.answer(faults.reset_at(-1, BODY))
    assert unreachable(client).startswith("Greenhouse broke the connection off before it answered.")
    assert "ConnectionResetError: [Errno 104]" in log.text
    log.clear()
    greenhouse.answer(faults.reset_at(1000, BODY))
    with pytest.raises(BoardUnavailable, match="broke off halfway"):
        client.list_posts(ACME, None)
    assert "greenhouse_failed" in log.text
    assert KEY not in log.text
    assert b64encode(f"{KEY}:".encode()).decode() not in log.text


@pytest.fixture
def private_ca(tmp_path: Path) -> tuple[Path, Path]:
    """The files of a certificate for this machine that no public authority has signed, and of its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A private CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "ca.pem", tmp_path / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_a_private_ca_is_trusted_where_it_is_told_of(
    private_ca: tuple[Path, Path], log: pytest.LogCaptureFixture
) -> None:
    environ = {"REQUESTS_CA_BUNDLE": str(private_ca[0]), "INSTANCE_DIR": str(private_ca[0].parent)}
    certificate, key = map(str, private_ca)
    server = make_server("127.0.0.1", 0, create_demo_board(), threaded=True, ssl_context=(certificate, key))
    url, northwind = f"https://127.0.0.1:{server.port}/v1/boards", BoardToken("northwind")
    serving = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        trusted = load_settings(environ).requests_ca_bundle
        client = GreenhouseClient(url, deadline=30, ca_bundle=trusted)
        assert client.board_name(northwind) == "Northwind Labs"
        strict = GreenhouseClient(url, deadline=30)
        assert unreachable(strict).startswith("The certificate of Greenhouse could not be verified.")
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    assert "CERTIFICATE_VERIFY_FAILED" in log.text


def test_a_server_that_speaks_no_tls_is_unavailable(greenhouse: FaultServer) -> None:
    greenhouse.answer(faults.html)
    client = GreenhouseClient(greenhouse.url.replace("http:", "https:"), deadline=30)
    with pytest.raises(BoardUnavailable, match="secure connection") as caught:
        client.board_name(ACME)
    assert is_plain(str(caught.value))


def test_a_silent_tls_handshake_is_cut_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = GreenhouseClient(f"https://127.0.0.1:{silent.getsockname()[1]}", deadline=0.3)
        with pytest.raises(BoardUnavailable, match="in time"):
            client.board_name(ACME)


def test_a_gzip_bomb_is_refused_before_it_takes_memory(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(faults.gzip_bomb())
    tracemalloc.start()
    try:
        with pytest.raises(BoardTooLarge):
            client.list_posts(ACME, None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 * 1024 * 1024


def test_the_pause_greenhouse_asks_for_reaches_the_caller(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(days=2))
    for retry_after, expected in [("7", 7.0), ("-5", None), ("soon", None), (soon, 3600.0)]:
        greenhouse.answer(status(503, retry_after=retry_after))
        with pytest.raises(BoardUnavailable) as caught:
            client.list_posts(ACME, None)
        assert caught.value.retry_after == expected


def test_a_key_is_in_no_error_whatever_goes_wrong(greenhouse: FaultServer, hasty: GreenhouseClient) -> None:
    for fault in (faults.silence, faults.reset_at(-1, b""), faults.slow_headers):
        greenhouse.answer(fault)
        with pytest.raises(BoardUnavailable) as caught:
            hasty.key_is_rejected(ACME, KEY)
        error = caught.value
        assert error.__cause__ is None
        assert error.__context__ is None  # one of them may hold the request and its headers
        assert KEY not in repr(vars(error)) + repr(error) + repr(hasty)
