"""An answer that is cut anywhere, or that is hardly HTTP: all of it, or one of our errors."""

import gzip
from collections.abc import Callable
from contextlib import suppress

import pytest

from portal.boards.errors import GreenhouseError, MalformedBoard
from portal.boards.greenhouse.client import GreenhouseClient
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.domain.sync.posts import Listing
from tests.support.fault_server import Exchange, FaultServer
from tests.support.faults import board, normal, post

ACME = BoardToken("acme")
BODY = board(post(1), post(2, content="&lt;p&gt;é&lt;/p&gt;"))
ZIPPED = gzip.compress(BODY)
KEY = ApiKey("c0ffee00c0ffee00c0ffee00c0ffee00-1")


def chunked(body: bytes, *, size: int = 200) -> bytes:
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def answer(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b'ETag: W/"abc"', *headers, b"", body])


def length(number: int) -> bytes:
    return b"Content-Length: %d" % number


CHUNKED, GZIP = b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"
WHOLE = {
    "plain": answer(BODY, length(len(BODY))),
    "chunked": answer(chunked(BODY), CHUNKED),
    "gzip": answer(ZIPPED, GZIP, length(len(ZIPPED))),
    "gzip and chunked": answer(chunked(ZIPPED, size=50), GZIP, CHUNKED),
    "too long a length": answer(BODY, length(len(BODY) + 7)),
    "too short a length": answer(BODY, length(len(BODY) - 7)),
}
NEVER_WHOLE = {"too long a length", "too short a length"}
ODD = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "an impossible status": b"HTTP/1.1 9999 X\r\n\r\n",
    "a status in other letters": b"HTTP/1.1 \xff\xfe OK\r\n\r\n",
    "an endless header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n" + BODY,
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n" + BODY,
    "only the promise of more": b"HTTP/1.1 100 Continue\r\n\r\n",
    "another protocol in its place": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "two lengths": answer(BODY, b"Content-Length: 5, 6"),
    "a length of nothing": answer(b"", length(0)),
    "a chunk of minus five": answer(b"-5\r\n" + BODY, CHUNKED),
    "a chunk of letters": answer(b"zz\r\n" + BODY, CHUNKED),
    "a chunk without a size": answer(b"\r\n" + BODY, CHUNKED),
    "a chunk beyond all numbers": answer(b"f" * 18 + b"\r\n" + BODY, CHUNKED),
    "a size without an end": answer(b"0" * 100_000, CHUNKED),
    "an unknown packing": answer(BODY, b"Content-Encoding: br"),
    "a packing that is none": answer(BODY, GZIP),
    "a redirect to nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    "a pause in other letters": b"HTTP/1.1 429 X\r\nRetry-After: \xff\r\n\r\n",
    "a pause before all time": b"HTTP/1.1 503 X\r\nRetry-After: Mon, 01 Jan 0001 00:00:00 +2359\r\n\r\n",
    "a cookie of bytes": b"HTTP/1.1 500 X\r\nSet-Cookie: a=\xff; expires=zzz\r\n\r\n",
}


def some_cuts(raw: bytes) -> list[int]:
    """Every byte of the headers and around the ends of the body: in its middle one place is like the next."""
    body = raw.index(b"\r\n\r\n") + 4
    ends = (*range(body + 100), *range(len(raw) - 50, len(raw)))
    return sorted({*ends, *range(body, len(raw), 11)})


def all_cuts(raw: bytes) -> list[int]:
    return list(range(len(raw)))


@pytest.mark.parametrize("encoding", WHOLE)
@pytest.mark.parametrize("cuts", [some_cuts, pytest.param(all_cuts, marks=pytest.mark.nightly)])
def test_an_answer_cut_anywhere_is_read_whole_or_not_at_all(
    greenhouse: FaultServer, client: GreenhouseClient, encoding: str, cuts: Callable[[bytes], list[int]]
) -> None:
    raw = WHOLE[encoding]
    for cut in cuts(raw):

        def send(to: Exchange, part: bytes = raw[:cut]) -> None:
            to.send(part)

        greenhouse.answer(send)
        with suppress(GreenhouseError):
            got = client.list_posts(ACME, 'W/"x"')
            assert isinstance(got, Listing), cut
            assert len(got.posts) == 2, cut
            assert CHUNKED in raw, cut
            assert b"\r\n\r\n".endswith(raw[cut:]), "only what follows the last chunk may be missing"


@pytest.mark.parametrize("encoding", WHOLE)
def test_uncut_it_is_read_unless_its_length_is_a_lie(
    greenhouse: FaultServer, client: GreenhouseClient, encoding: str
) -> None:
    greenhouse.answer(lambda to: to.send(WHOLE[encoding]))
    if encoding in NEVER_WHOLE:
        with pytest.raises(GreenhouseError):
            client.list_posts(ACME, None)
    else:
        listing = client.list_posts(ACME, None)
        assert isinstance(listing, Listing)
        assert len(listing.posts) == 2


@pytest.mark.parametrize("name", ODD)
def test_what_is_hardly_http_is_one_of_our_errors(
    greenhouse: FaultServer, client: GreenhouseClient, name: str
) -> None:
    greenhouse.answer(lambda to: to.send(ODD[name]))
    with pytest.raises(GreenhouseError) as caught:
        client.list_posts(ACME, None)
    assert str(caught.value).endswith(".")
    with suppress(GreenhouseError):
        client.key_is_rejected(ACME, KEY)


def test_nonsense_for_the_size_of_a_chunk_is_a_malformed_board(
    greenhouse: FaultServer, client: GreenhouseClient
) -> None:
    greenhouse.answer(lambda to: to.send(ODD["a chunk of minus five"]))
    with pytest.raises(MalformedBoard, match="cannot be understood"):
        client.list_posts(ACME, None)


@pytest.mark.parametrize(("inner", "kept"), [(196, True), (197, False), (200, False), (5000, False)])
def test_an_etag_longer_than_what_is_kept_of_it_is_none(
    greenhouse: FaultServer, client: GreenhouseClient, inner: int, kept: bool
) -> None:
    etag = f'W/"{"a" * inner}"'
    greenhouse.answer(normal(BODY, etag))
    listing = client.list_posts(ACME, None)
    assert isinstance(listing, Listing)
    assert listing.etag == (etag if kept else None)
