"""Text as people type it: on one line or several, without what no page or database can hold."""

import re
from collections.abc import Iterable

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class InvalidValue(ValueError):
    """A typed value that cannot be kept; ``str()`` is a sentence that says what to do."""


def one_line(text: str, max_length: int) -> str:
    """The text on one line, runs of whitespace as one space; raises ``InvalidValue``."""
    return _fitting(" ".join(text.split()), max_length)


def several_lines(text: str, max_length: int) -> str:
    """The text with plain line ends and without space around it; raises ``InvalidValue``."""
    return _fitting(_LINE_ENDS.sub("\n", text).strip(), max_length)


def cut_line(text: str, max_length: int) -> str:
    """What can be kept of somebody else's text, on one line; never raises."""
    line = " ".join(_CONTROL.sub(" ", text[: max_length * 4]).split())
    return line if len(line) <= max_length else line[: max_length - 1].rstrip() + "…"


def each_once(texts: Iterable[str]) -> list[str]:
    """The texts in their order without empty ones, and without those that differ in case alone."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.casefold(), text)
    return [text for text in first.values() if text]


def _fitting(text: str, max_length: int) -> str:
    if _CONTROL.search(text):
        raise InvalidValue("This holds characters that cannot be shown. Type it instead of pasting it.")
    if len(text) > max_length:
        raise InvalidValue(f"Use at most {max_length:,} characters; this has {len(text):,}.")
    return text


_PLAIN = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?::[0-9]{1,5})?(?:[/?#][!-\[\]-~]*)?",
    re.IGNORECASE,
)


def plain_https(url: str) -> str | None:
    """The address if it is https to a plain host (no user before an ``@``), else ``None``."""
    return url if len(url) <= 2_000 and _PLAIN.fullmatch(url) else None
