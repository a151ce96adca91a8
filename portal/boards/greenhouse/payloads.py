"""Parse the answers of the Job Board API into our types."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import structs

from portal.boards.errors import BoardTooLarge, IncompleteBoard, MalformedBoard
from portal.boards.greenhouse import salvage
from portal.boards.greenhouse.salvage import Bytes, Post
from portal.domain.descriptions.clean import MOST_CHARACTERS, PIPELINE_VERSION, is_too_long
from portal.domain.links import https_link
from portal.domain.sync.posts import JobPost, ListedPost, Listing, SetAside
from portal.domain.texts import decode_entities, trimmed

MAX_TITLE_LENGTH = 500
MAX_CONTENT_LENGTH = 2_000_000
# A real post has about 100 values, and 10 to 25 containers (of metadata, offices, departments).
_MOST_VALUES, _MOST_CONTAINERS = 8_000_000, 2_000_000
_WAITED_FOR = 4  # somebody who waits for the page waits for this much less

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_fingerprinted = attrgetter(
    *(name for name in JobPost.__struct_fields__ if name not in {"updated_at", "departments", "offices"})
)


def parse_listing(body: Bytes, etag: str | None, board_token: str | None = None) -> Listing:
    """The posts of a whole answer, by id.

    An answer with an id that cannot be read or stands twice, or with a count other than its own
    ``meta.total``, raises ``IncompleteBoard``; one that is no job board at all ``MalformedBoard``.
    A post whose title (1 to 500 characters) or content (up to 2,000,000, and not too long to be stored
    once it is cleaned) cannot be read is set aside; any other field that cannot is taken as missing.
    A post without a link that works gets its own page on the board of ``board_token``.
    """
    try:
        found, total = _read_board(body)
        posts: dict[int, ListedPost] = {}
        set_aside: dict[int, SetAside] = {}
        count = 0
        for count, item in enumerate(found, 1):  # noqa: B007 (the count is used after the loop)
            if item.id in posts or item.id in set_aside:
                raise IncompleteBoard("Greenhouse listed the same post twice. Nothing of it was used.")
            listed = _set_aside(item) if isinstance(item, SetAside) else _listed(item, board_token)
            if isinstance(listed, SetAside):
                set_aside[item.id] = listed
            else:
                posts[item.id] = listed
    except RecursionError:
        raise _not_a_board() from None
    if count != total:
        raise IncompleteBoard(f"Greenhouse spoke of {total:,} posts, but {count:,} came. Nothing was used.")
    return Listing(posts, tuple(set_aside.values()), etag)


def parse_board_name(body: Bytes, otherwise: str) -> str:
    """The name a board goes by, on one line; ``otherwise`` where the board tells none."""
    board = _asked(body)
    if not isinstance(board, dict):
        raise _not_a_board()
    name = board.get("name")
    return (_plain_line(name)[:200].strip() if isinstance(name, str) else "") or otherwise


def count_jobs(body: Bytes) -> int:
    """How many posts of an answer, with or without content, are jobs and not prospect posts."""
    return sum(post.get("internal_job_id") is not None for post in _posts(body))


def listed_ids(body: Bytes) -> frozenset[int]:
    """The ids of all posts of an answer that can be read."""
    return frozenset(post["id"] for post in _posts(body) if isinstance(post.get("id"), int))


def _posts(body: Bytes) -> list[dict[str, Any]]:
    board = _asked(body)
    posts = board.get("jobs") if isinstance(board, dict) else None
    if not isinstance(posts, list):
        raise _not_a_board()
    return [post for post in posts if isinstance(post, dict)]


def _read_board(body: Bytes) -> tuple[Iterable[Post | SetAside], int]:
    _refuse_too_many(body)
    try:
        if b"\\u0000" not in body:
            board = salvage.decode_board(body)
            return board.jobs, board.meta.total
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        pieces = salvage.decode_pieces(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_patiently(body)
    return salvage.read_pieces(pieces.jobs), pieces.meta.total


def _read_patiently(body: Bytes) -> tuple[Iterable[Post | SetAside], int]:
    board = _patient(body)
    jobs = board.get("jobs") if isinstance(board, dict) else None
    if not isinstance(jobs, list):
        raise _not_a_board()
    try:
        total = msgspec.convert(board.get("meta"), salvage.Total).total
    except msgspec.ValidationError:
        raise IncompleteBoard(
            "Greenhouse did not say how many posts it lists. Nothing of it was used."
        ) from None
    return map(salvage.salvage, jobs), total


def _refuse_too_many(body: Bytes, share: int = 1) -> None:
    """Refuse what costs far more decoded than sent: a value thirty times its bytes, a container more yet."""
    containers = body.count(b"{") + body.count(b"[")
    if body.count(b",") > _MOST_VALUES // share or containers > _MOST_CONTAINERS // share:
        raise BoardTooLarge("Greenhouse sent more than the portal can take in. Ask for help with this board.")


def _asked(body: Bytes) -> Any:
    _refuse_too_many(body, _WAITED_FOR)
    return _patient(body)


def _patient(body: Bytes) -> Any:
    try:
        return salvage.patient_json(body)
    except (ValueError, RecursionError):
        pass
    if body[:200].lstrip()[:1] == b"<":
        raise MalformedBoard("Greenhouse answered with a web page instead of the board.")
    raise _not_a_board()


def _not_a_board() -> MalformedBoard:
    return MalformedBoard("Greenhouse answered with something that is not a job board.")


def _set_aside(post: SetAside) -> SetAside:
    return replace(post, title=_plain_line(post.title or "")[:MAX_TITLE_LENGTH] or None)


def _listed(sent: Post, board_token: str | None) -> ListedPost | SetAside:
    title = _plain_line(sent.title)
    if not title:
        return SetAside(sent.id, None, "Its title is empty. Give it one in Greenhouse.")
    if len(title) > MAX_TITLE_LENGTH:
        short = title[: MAX_TITLE_LENGTH - 1] + "…"
        return SetAside(sent.id, short, "Its title is longer than 500 characters. Shorten it in Greenhouse.")
    if len(sent.content) > MAX_CONTENT_LENGTH:
        reason = "Its description is longer than 2,000,000 characters. Shorten it in Greenhouse."
        return SetAside(sent.id, title, reason)
    if is_too_long(sent.content):
        reason = f"Its description is longer than {MOST_CHARACTERS:,} characters. Shorten it in Greenhouse."
        return SetAside(sent.id, title, reason)
    post = _job_post(sent, title, board_token)
    return ListedPost(post, fingerprint(post))


def _job_post(sent: Post, title: str, board_token: str | None) -> JobPost:
    if b"&" in _encode((sent.location, sent.departments, sent.offices, sent.metadata)):
        sent = structs.replace(sent, **{name: _decoded(getattr(sent, name)) for name in _NAMES})
    return JobPost(
        id=sent.id,
        title=title,
        content=sent.content,
        internal_job_id=sent.internal_job_id,
        absolute_url=https_link(sent.absolute_url)
        or (post_page(board_token, sent.id) if board_token else None),
        requisition_id=sent.requisition_id,
        language=sent.language,
        updated_at=_in_calendar(sent.updated_at),
        first_published=_in_calendar(sent.first_published),
        application_deadline=sent.application_deadline,
        location=sent.location,
        departments=sent.departments or (),
        offices=sent.offices or (),
        metadata=sent.metadata or (),
        pay_input_ranges=sent.pay_input_ranges or (),
        include_ai_disclaimer=sent.include_ai_disclaimer,
        ai_disclaimer=sent.ai_disclaimer,
        ai_opt_out_request_url=https_link(sent.ai_opt_out_request_url),
    )


_NAMES = ("location", "departments", "offices", "metadata")


def _decoded(value: Any) -> Any:
    """The value with the entities of every text in it decoded; Greenhouse escapes some, and others not."""
    match value:
        case str():
            return decode_entities(value)
        case list() | tuple():
            return type(value)(map(_decoded, value))
        case dict():
            return {name: _decoded(part) for name, part in value.items()}
        case msgspec.Struct():
            return type(value)(*map(_decoded, structs.astuple(value)))
        case _:
            return value


def post_page(board_token: str, post_id: int) -> str:
    """The page of a post on Greenhouse's own site; European boards are another site, and number otherwise."""
    is_european = post_id > 10**9 and post_id % 1000 == 101
    host = "job-boards.eu.greenhouse.io" if is_european else "boards.greenhouse.io"
    return f"https://{host}/{board_token}/jobs/{post_id}"


def _in_calendar(moment: datetime | None) -> datetime | None:
    """``moment`` unless it lies where time zones cannot be reckoned any more."""
    return moment if moment is None or 1 < moment.year < 9999 else None


def fingerprint(post: JobPost) -> str:
    """32 hex digits over all that is imported of a post, and over how: see ``ListedPost``.

    What is made of a post in another way than before is another post, whatever Greenhouse says.
    """
    unordered = sorted(map(_encode, post.departments)), sorted(map(_encode, post.offices))
    return blake2b(_encode((PIPELINE_VERSION, _fingerprinted(post), unordered)), digest_size=16).hexdigest()


def _plain_line(text: str) -> str:
    """``text`` on one line, entities decoded, without control characters; empty if nothing can be seen."""
    text = decode_entities(text)
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    words = " ".join("".join(c if c.isprintable() or ord(c) > 159 else " " for c in text).split())
    return trimmed(words) if any(c.isprintable() and not c.isspace() for c in words) else ""
