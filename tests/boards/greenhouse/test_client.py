"""What the client asks of Greenhouse, and what it makes of the answers."""

import base64
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.boards.errors import BoardNotFound, BoardUnavailable, MalformedBoard
from portal.boards.greenhouse.client import GreenhouseClient
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.domain.sync.posts import Listing, Unchanged
from tests.support import faults
from tests.support.fault_server import FaultServer
from tests.support.faults import board, normal, plain, post, status

ACME = BoardToken("acme")
KEY = ApiKey("c0ffee00c0ffee00c0ffee00c0ffee00-1")
BODY = board(post(1), post(2))


def listing(client: GreenhouseClient) -> Listing:
    answer = client.list_posts(ACME, None)
    assert isinstance(answer, Listing)
    return answer


@pytest.mark.parametrize("zipped", [True, False])
def test_a_board_is_asked_for_its_posts_with_content_and_pay(
    greenhouse: FaultServer, client: GreenhouseClient, zipped: bool
) -> None:
    greenhouse.answer(normal(BODY, zipped=zipped))
    assert sorted(listing(client).posts) == [1, 2]
    [request] = greenhouse.requests
    assert (request.method, request.path) == ("GET", "/acme/jobs?content=true&pay_transparency=true")
    assert request.headers["user-agent"] == "the-org-jobs-portal"
    assert request.headers["accept-encoding"] == "gzip"
    assert "authorization" not in request.headers


def test_an_unchanged_board_is_not_sent_again(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(normal(BODY))
    first = listing(client)
    assert client.list_posts(ACME, first.etag) == Unchanged()
    assert greenhouse.requests[1].headers["if-none-match"] == first.etag


def test_a_stored_etag_that_is_none_is_not_sent(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(normal(BODY))
    for odd in ("", "no quotes", '"a"\r\nX-Evil: 1', '"ü"'):
        client.list_posts(ACME, odd)
        assert "if-none-match" not in greenhouse.requests[-1].headers


def test_progress_tells_the_bytes_unzipped_so_far(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    body = board(*(post(number, content="x" * 6000) for number in range(1, 400)))
    greenhouse.answer(normal(body))
    told: list[int] = []
    client.list_posts(ACME, None, told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == len(body)


def test_a_failing_progress_reaches_the_caller_as_it_is(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    def fail(_: int) -> None:
        raise ConnectionError("the redis of the caller")

    greenhouse.answer(normal(BODY))
    with pytest.raises(ConnectionError, match="of the caller"):
        client.list_posts(ACME, None, fail)


def test_each_call_has_a_connection_of_its_own(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(normal(b'{"name": "Acme"}'), normal(BODY))
    client.board_name(ACME)
    listing(client)
    assert greenhouse.connections == 2


def test_threads_may_share_a_client(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(normal(BODY))
    together = threading.Barrier(4)

    def ask(_: int) -> int:
        together.wait()
        return len(listing(client).posts)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (b'{"name": "Acme Incorporated", "content": "<p>We</p>"}', "Acme Incorporated"),
        (b'{"name": "  Acme\\n\\u0000 Ltd  "}', "Acme Ltd"),
        (b'{"name": null}', "acme"),
        (b'{"name": "\\ud800"}', "acme"),
        (b"{}", "acme"),
    ],
)
def test_a_board_has_a_name(
    greenhouse: FaultServer, client: GreenhouseClient, answer: bytes, name: str
) -> None:
    greenhouse.answer(plain(answer))
    assert client.board_name(ACME) == name
    assert greenhouse.requests[0].path == "/acme"


def test_the_jobs_of_a_board_are_counted_without_their_descriptions(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(plain(board({"id": 1, "internal_job_id": 7}, post(2), post(3, internal_job_id=None))))
    assert client.count_jobs(ACME) == 2
    assert greenhouse.requests[0].path == "/acme/jobs"
    for answer, error in [
        (faults.null, MalformedBoard),
        (faults.html, MalformedBoard),
        (status(404), BoardNotFound),
    ]:
        greenhouse.answer(answer)
        with pytest.raises(error):
            client.count_jobs(ACME)


def test_an_unknown_board_says_where_to_find_the_token(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(status(404, body=b'{"error":"Job board not found"}'))
    with pytest.raises(BoardNotFound) as caught:
        client.board_name(ACME)
    assert str(caught.value) == (
        "Greenhouse has no job board “acme”. Copy the token from Configure → Job Boards."
    )


@pytest.mark.parametrize(
    ("code", "rejected"),
    [(401, True), (403, True), (200, False), (404, False), (400, False), (500, None), (429, None)],
)
def test_a_key_is_rejected_or_not_rejected_or_that_was_not_judged(
    greenhouse: FaultServer, client: GreenhouseClient, code: int, rejected: bool | None
) -> None:
    greenhouse.answer(status(code))
    assert client.key_is_rejected(ACME, KEY) is rejected
    [request] = greenhouse.requests
    assert (request.method, request.path, request.body) == ("POST", "/acme/jobs/0", b"{}")
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()


def test_a_key_is_sent_with_no_other_call(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(status(200), normal(BODY))
    client.key_is_rejected(ACME, KEY)
    listing(client)
    assert "authorization" not in greenhouse.requests[1].headers


def test_a_key_is_not_logged(
    greenhouse: FaultServer, client: GreenhouseClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    greenhouse.answer(status(401))
    client.key_is_rejected(ACME, KEY)
    assert KEY not in caplog.text
    assert base64.b64encode(f"{KEY}:".encode()).decode() not in caplog.text


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(greenhouse: FaultServer, client: GreenhouseClient, code: int) -> None:
    with FaultServer() as elsewhere:
        elsewhere.answer(normal(BODY))
        for location in (elsewhere.url + "/acme/jobs", greenhouse.url + "/other", "http://[", "//"):
            greenhouse.answer(faults.redirect(location, code))
            with pytest.raises(MalformedBoard, match="another address"):
                client.list_posts(ACME, None)
            assert client.key_is_rejected(ACME, KEY) is None
        assert elsewhere.requests == []
    assert {request.path.partition("?")[0] for request in greenhouse.requests} == {
        "/acme/jobs",
        "/acme/jobs/0",
    }


def test_an_unasked_word_that_nothing_changed_is_no_redirect(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(status(304))
    with pytest.raises(MalformedBoard, match="unexpected status 304"):
        client.list_posts(ACME, None)


def test_the_proxies_and_passwords_of_the_environment_are_ignored(
    greenhouse: FaultServer, client: GreenhouseClient, monkeypatch: pytest.MonkeyPatch, tmp_path_factory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    greenhouse.answer(normal(BODY))
    with FaultServer() as proxy:
        proxy.answer(normal(BODY))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        listing(client)
        assert proxy.requests == []
    assert "authorization" not in greenhouse.requests[0].headers


def test_no_cookie_is_kept(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    def with_cookie(to) -> None:
        to.head(Set_Cookie="session=1; Path=/", Content_Length=len(BODY))
        to.send(BODY)

    greenhouse.answer(with_cookie)
    listing(client)
    listing(client)
    assert "cookie" not in greenhouse.requests[1].headers


@pytest.mark.parametrize(
    "token", ["", "..", "%2e%2e", "a/b", "a?b", "a#b", "a@b", "acme\n", "ácme", "a b", "x" * 101, "４"]
)
def test_a_token_that_would_change_the_address_is_never_sent(
    greenhouse: FaultServer, client: GreenhouseClient, token: str
) -> None:
    calls = (
        lambda: client.board_name(BoardToken(token)),
        lambda: client.list_posts(BoardToken(token), None),
        lambda: client.key_is_rejected(BoardToken(token), KEY),
    )
    for call in calls:
        with pytest.raises(ValueError, match="board token"):
            call()
    assert greenhouse.connections == 0


@pytest.mark.parametrize("address", ["", "boards", "ftp://example.com", "https://", "//example.com"])
def test_a_client_needs_an_address_of_the_web(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        GreenhouseClient(address)


def test_a_client_works_again_after_a_fault(greenhouse: FaultServer, client: GreenhouseClient) -> None:
    greenhouse.answer(normal(BODY), faults.reset_at(5, BODY), normal(BODY))
    before = listing(client)
    with pytest.raises(BoardUnavailable):
        listing(client)
    assert listing(client) == before
