"""Board tokens and API keys, as people paste them into a form."""

import re
from html import unescape
from typing import NewType
from urllib.parse import parse_qs, urlsplit

from portal.domain.texts import InvalidValue, trimmed

BoardToken = NewType("BoardToken", str)
ApiKey = NewType("ApiKey", str)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_KEY = re.compile(r"[!-~]{16,128}")
_QUOTES = "\"'`“”„‘’«»"
_AFTER = ":,;."
_LINK = re.compile(r"(?:https?:)?//[^\s\"'<>]+", re.IGNORECASE)
_PORTS = {"https": 443, "http": 80}
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f]")
_BOARD_HOST = re.compile(r"(?:(?:job-)?boards(?:-api)?|api)(?:\.eu)?\.greenhouse\.io", re.IGNORECASE)
_API_PATH = ["v1", "boards"]


class InvalidBoardToken(InvalidValue):
    """Not a board token nor a board's address; ``str()`` is fit for the form field."""


class InvalidApiKey(InvalidValue):
    """Not an API key; ``str()`` is fit for the form field and never holds what was typed."""


def parse_board_token(text: str) -> BoardToken:
    """The token in what was typed: the token itself, the address of a Greenhouse board, or its embed code.

    Tokens are case-insensitive, so it comes back in lower case. Raises ``InvalidBoardToken``.
    """
    typed = _link_in(trimmed(text).rstrip(_AFTER).strip(_QUOTES))
    if not typed:
        raise InvalidBoardToken("Enter the board token. It stands under Configure → Job Boards.")
    token = _token_in_address(typed) if _looks_like_address(typed) else typed
    if not _TOKEN.fullmatch(token):
        raise InvalidBoardToken(
            "A board token has only letters, digits, hyphens and underscores. "
            "Copy it from Configure → Job Boards, or paste the address of the board."
        )
    return BoardToken(token.lower())


def parse_api_key(text: str) -> ApiKey:
    """The key without the space, quotes or punctuation around it; raises ``InvalidApiKey``.

    Quotes and commas come from configuration files, the colon from ``curl -u key:``.
    """
    key = trimmed(text).rstrip(_AFTER)
    if key[:1] in _QUOTES and key[-1:] in _QUOTES:
        key = key.strip(_QUOTES)
    key = key.rstrip(_AFTER)
    if not key:
        raise InvalidApiKey("Enter the API key. It stands in Greenhouse under API Credentials.")
    if not _KEY.fullmatch(key):
        raise InvalidApiKey(
            "An API key has 16 to 128 letters, digits and signs, without spaces. "
            "Copy it again from API Credentials in Greenhouse."
        )
    return ApiKey(key)


def last_four(key: ApiKey) -> str:
    """The end of a key: all of it that is ever shown."""
    return key[-4:]


def _looks_like_address(typed: str) -> bool:
    return "/" in typed or "." in typed


def _link_in(typed: str) -> str:
    """The address of a board in its embed code or in angle brackets; a token may end in a slash."""
    if "<" in typed:
        links = [unescape(link) for link in _LINK.findall(typed)]
        return next((link for link in links if _BOARD_HOST.match(link.partition("//")[2])), typed)
    return typed.removesuffix("/")


def _token_in_address(typed: str) -> str:
    url = typed if "://" in typed else f"https://{typed.removeprefix('//')}"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _unknown_address() from None
    known = parts.scheme in _PORTS and _BOARD_HOST.fullmatch(
        parts.netloc.removesuffix(f":{_PORTS[parts.scheme]}")
    )
    # urlsplit drops line ends and tabs, so an address that holds any is refused before it is believed
    if not known or _UNSEEN.search(typed):
        raise _unknown_address()
    segments = [segment for segment in parts.path.split("/") if segment]
    if segments[:2] == _API_PATH:
        segments = segments[2:]
    if segments[:1] == ["embed"]:
        segments = parse_qs(parts.query).get("for", [])
    if not segments:
        raise _unknown_address()
    return segments[0]


def _unknown_address() -> InvalidBoardToken:
    return InvalidBoardToken(
        "This address does not hold a board token. Copy the token from Configure → Job Boards in Greenhouse."
    )
