"""The faults a ``FaultServer`` can meet a request with."""

import gzip
import hashlib
import json
import zlib

from tests.support.fault_server import Exchange, Fault

GIB = 1024**3


def post(post_id: object = 1, **fields: object) -> dict[str, object]:
    """A job post as Greenhouse sends it; ``fields`` replace or add."""
    return {
        "id": post_id,
        "title": f"Engineer {post_id}",
        "content": "&lt;p&gt;Build it.&lt;/p&gt;",
        "internal_job_id": 10,
        "absolute_url": "https://boards.greenhouse.io/acme/jobs/1",
        "updated_at": "2024-05-01T10:00:00-04:00",
        "location": {"name": "Berlin"},
        "metadata": None,
        "departments": [{"id": 1, "name": "Engineering", "parent_id": None, "child_ids": []}],
        "offices": [{"id": 2, "name": "Europe", "location": "Berlin, Germany", "parent_id": None}],
    } | fields


def board(*posts: object, total: object = None) -> bytes:
    """A whole answer that lists ``posts``; ``total`` is their count unless said otherwise."""
    meta = {"total": len(posts) if total is None else total}
    return json.dumps({"jobs": list(posts), "meta": meta}).encode()


def normal(body: bytes, etag: str | None = None, *, zipped: bool = True) -> Fault:
    """The answer of a healthy Greenhouse: an ETag, 304 where the client has it, gzip if it may."""
    tag = etag or f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'

    def answer(to: Exchange) -> None:
        to.keep_open = True
        if to.request.headers.get("if-none-match") == tag:
            return to.head("304 Not Modified", ETag=tag)
        if zipped and "gzip" in to.request.headers.get("accept-encoding", ""):
            sent = gzip.compress(body)
            to.head(ETag=tag, Content_Length=len(sent), Content_Encoding="gzip")
        else:
            sent = body
            to.head(ETag=tag, Content_Length=len(sent))
        return to.send(sent)

    return answer


def plain(body: bytes, content_type: str = "application/json") -> Fault:
    """200 with this body, whatever it is."""

    def answer(to: Exchange) -> None:
        to.head(Content_Type=content_type, Content_Length=len(body))
        to.send(body)

    return answer


def status(code: int, retry_after: str | None = None, body: bytes = b"{}") -> Fault:
    """This status, with or without a ``Retry-After``."""

    def answer(to: Exchange) -> None:
        wait = {} if retry_after is None else {"Retry_After": retry_after}
        to.head(f"{code} Fault", Content_Length=len(body), **wait)
        to.send(body)

    return answer


def redirect(location: str, code: int = 302) -> Fault:
    """Send the client elsewhere, with a body that never ends."""

    def answer(to: Exchange) -> None:
        to.head(f"{code} Found", Location=location)
        _for_ever(to, b"x" * 65536)

    return answer


def reset_at(count: int, body: bytes) -> Fault:
    """Reset the connection after ``count`` bytes of the body, or before the headers if negative."""

    def answer(to: Exchange) -> None:
        if count >= 0:
            to.head(Content_Length=len(body))
            to.send(body[:count])
        to.reset()

    return answer


def truncate(body: bytes, count: int) -> Fault:
    """Close the connection politely after ``count`` bytes of the announced body."""

    def answer(to: Exchange) -> None:
        to.head(Content_Length=len(body))
        to.send(body[:count])

    return answer


def truncated_chunks(body: bytes) -> Fault:
    """A chunked body without its last chunk."""

    def answer(to: Exchange) -> None:
        to.head(Transfer_Encoding="chunked")
        to.send(b"%x\r\n%s\r\n" % (len(body), body))

    return answer


def truncated_gzip(body: bytes) -> Fault:
    """Half of a zipped body, announced as if it were whole."""
    half = gzip.compress(body)[:-12]

    def answer(to: Exchange) -> None:
        to.head(Content_Length=len(half), Content_Encoding="gzip")
        to.send(half)

    return answer


def gzip_bomb(size: int = GIB) -> Fault:
    """A body that swells a thousandfold, to ``size`` bytes."""

    def answer(to: Exchange) -> None:
        to.head(Content_Encoding="gzip")
        zipper = zlib.compressobj(wbits=31)
        to.send(zipper.compress(b"") + zipper.flush(zlib.Z_FULL_FLUSH))
        block = zipper.compress(b" " * 2**20) + zipper.flush(zlib.Z_FULL_FLUSH)  # after it all begins anew
        for _ in range(size // 2**20):
            to.send(block)

    return answer


def silence(to: Exchange) -> None:
    """Take the request and never answer."""
    to.wait()


def slow_headers(to: Exchange) -> None:
    """A byte of the headers now and then, for ever."""
    to.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _for_ever(to, b"x", 0.02)


def slow_body(to: Exchange) -> None:
    """A byte of the body now and then, for ever."""
    to.head(Content_Length=10**9)
    _for_ever(to, b" ", 0.02)


def endless_body(to: Exchange) -> None:
    """Bytes as fast as they go, for ever."""
    to.head()
    _for_ever(to, b" " * 65536)


def _for_ever(to: Exchange, data: bytes, pause: float = 0) -> None:
    while to.wait(pause):
        to.send(data)


html = plain(b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", "text/html")
null = plain(b"null")
empty = plain(b"")
listed = plain(b"[]")
wrong_types = plain(b'{"jobs": {"id": 1}, "meta": {"total": 1}}')
bad_utf8 = plain(b'\xff\xfe{"jobs": [], "meta": {"total": 0}}')
huge_numbers = plain(
    b'{"jobs": [{"id": %s, "title": "A", "content": ""}], "meta": {"total": 1}}' % (b"9" * 5000)
)
deep_nesting = plain(b'{"jobs": %s%s, "meta": {"total": 0}}' % (b"[" * 100_000, b"]" * 100_000))
