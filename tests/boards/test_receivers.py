"""One message to a receiver that may do anything, and to addresses that may not be asked."""

import gc
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from psutil import Process
from werkzeug import Request, Response
from werkzeug.serving import make_server

from portal import watchdog
from portal.boards.receivers import NotAnswered, post
from tests.support.fault_server import Exchange, FaultServer, black_hole
from tests.support.faults import redirect, status

LONG, SHORT = 60.0, 0.3


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def test_a_message_is_posted_with_its_headers_and_the_answer_read(server: FaultServer) -> None:
    server.answer(status(204))
    answer = post(f"{server.url}/a?b=c", b'{"x": 1}', {"webhook-id": "msg_1"}, LONG, private=True)
    assert (answer.code, answer.is_taken) == (204, True)
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/a?b=c", b'{"x": 1}')
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


def test_a_redirect_is_not_followed(server: FaultServer) -> None:
    server.answer(redirect(f"{server.url}/elsewhere", 307))
    answer = post(server.url, b"{}", {}, LONG, private=True)
    assert (answer.code, answer.is_taken) == (307, False)
    assert len(server.requests) == 1


def test_a_busy_receiver_may_ask_for_a_pause(server: FaultServer) -> None:
    server.answer(status(429, retry_after="120"))
    assert post(server.url, b"{}", {}, LONG, private=True).retry_after == 120


def silent(to: Exchange) -> None:
    to.wait()


def dripping(to: Exchange) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nX: ")
    while to.wait(0.02):
        to.send(b"x")


def continuing(to: Exchange) -> None:
    while to.wait(0.01):
        to.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def reset(to: Exchange) -> None:
    to.reset()


def nonsense(to: Exchange) -> None:
    to.send(b"\x00\xff no HTTP at all\r\n\r\n")


def huge_head(to: Exchange) -> None:
    to.send(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n")


@pytest.mark.parametrize("fault", [silent, dripping, continuing])
def test_a_receiver_that_takes_for_ever_is_left_once_the_time_is_up(server: FaultServer, fault: Any) -> None:
    server.answer(fault)
    with pytest.raises(NotAnswered, match="in time"):
        post(server.url, b"{}", {}, SHORT, private=True)


@pytest.mark.parametrize(
    ("fault", "said"), [(reset, "broke"), (nonsense, "understood"), (huge_head, "understood")]
)
def test_an_answer_that_is_none_is_said_in_words(server: FaultServer, fault: Any, said: str) -> None:
    server.answer(fault)
    with pytest.raises(NotAnswered, match=said):
        post(server.url, b"{}", {}, LONG, private=True)


def test_the_body_of_an_answer_is_not_read(server: FaultServer) -> None:
    def endless(to: Exchange) -> None:
        to.head("200 OK")
        while to.wait(0.001):
            to.send(b"x" * 65536)

    server.answer(endless)
    assert post(server.url, b"{}", {}, LONG, private=True).code == 200


def test_a_host_that_does_not_answer_is_left_once_the_time_is_up() -> None:
    with black_hole() as url, pytest.raises(NotAnswered, match="in time"):
        post(url, b"{}", {}, SHORT, private=True)


def test_a_refused_connection_and_an_unknown_name_are_said_in_words(server: FaultServer) -> None:
    with server.refusing(), pytest.raises(NotAnswered, match="refused"):
        post(server.url, b"{}", {}, LONG, private=True)
    with pytest.raises(NotAnswered, match=r"name|reached|time"):
        post("https://no-such-host.invalid/", b"{}", {}, LONG)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "[::1]"])
def test_no_message_goes_to_this_machine_however_it_is_spelled(server: FaultServer, host: str) -> None:
    with pytest.raises(NotAnswered, match=r"internet|reached|name"):
        post(f"https://{host}:{server.port}/", b"{}", {}, LONG)
    assert server.connections == 0


def test_plain_http_is_not_spoken_unless_the_operator_allows_it(server: FaultServer) -> None:
    with pytest.raises(NotAnswered, match="internet"):
        post(server.url, b"{}", {}, LONG)
    assert server.connections == 0


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names stand for these addresses, another answer each time they are asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(watchdog, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"], ["100.64.0.1"]]
)
def test_a_name_that_stands_for_a_private_address_is_not_connected_to(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    answering(monkeypatch, addresses)
    with pytest.raises(NotAnswered, match="internet"):
        post(f"https://rebound.example:{server.port}/", b"{}", {}, LONG)
    assert server.connections == 0


def test_what_is_connected_to_is_what_was_checked(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that stands for another address when it is asked for again is asked for once."""
    connected: list[Any] = []

    class Noted(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(watchdog, "socket", Noted)
    asked = answering(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(NotAnswered, match="refused"):
        post(f"https://rebound.example:{server.port}/", b"{}", {}, LONG)
    assert asked == ["rebound.example"]
    assert connected == [("8.8.8.8", server.port)]


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """A server with a certificate for ``localhost`` that its own file alone vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = built.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    bundle = tmp_path / "certificate.pem"
    bundle.write_bytes(signed.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    received: list[str] = []

    @Request.application
    def note(request: Request) -> Response:
        received.append(request.path)
        return Response("ok")

    server = make_server("localhost", 0, note, threaded=True, ssl_context=context)
    serving = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    yield server.port, str(bundle), received
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server: tuple[int, str, list[str]]) -> None:
    port, bundle, received = tls_server
    with pytest.raises(NotAnswered, match="certificate"):
        post(f"https://localhost:{port}/", b"{}", {}, LONG, private=True)
    assert post(f"https://localhost:{port}/x", b"{}", {}, LONG, private=True, ca_bundle=bundle).code == 200
    assert received == ["/x"]


def test_a_message_that_arrived_leaves_no_connection_open(tls_server: tuple[int, str, list[str]]) -> None:
    port, bundle, _ = tls_server
    gc.disable()  # since Python 3.13 nothing else would close it
    try:
        assert post(f"https://localhost:{port}/", b"{}", {}, LONG, private=True, ca_bundle=bundle).code == 200
        asked = [each.raddr.port for each in Process().net_connections("tcp") if each.raddr]
    finally:
        gc.enable()
    assert port not in asked
