"""Classify where a visitor of a public job comes from, in a few bounded words, and recognise robots."""

import re
from typing import Final

from portal.domain.texts import cut_line

LONGEST_SOURCE: Final = 60
LONGEST_KEPT: Final = 730
"""Days for which counts are kept."""
DIRECT: Final = "direct"
PORTAL: Final = "portal"
OTHER: Final = "other"
_TEXT: Final = 200
LABELS: Final = {DIRECT: "Direct, or not said", PORTAL: "Jobs tab and other pages here", OTHER: "Others"}
_HOST: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}(?::[0-9]{1,5})?")
_KNOWN: Final = frozenset({
    "adzuna", "baidu", "bing", "builtin", "duckduckgo", "ecosia", "facebook", "github", "glassdoor",
    "google", "handshake", "indeed", "infojobs", "instagram", "jobteaser", "jooble", "kununu",
    "linkedin", "mastodon", "monster", "naukri", "reddit", "seek", "simplyhired", "stackoverflow",
    "stepstone", "talent", "threads", "tiktok", "totaljobs", "twitter", "welcometothejungle",
    "wellfound", "whatsapp", "wttj", "xing", "yahoo", "yandex", "ycombinator", "youtube", "ziprecruiter",
})  # fmt: skip
_SHORT: Final = {"t.co": "twitter", "x.com": "twitter", "lnkd.in": "linkedin", "wa.me": "whatsapp"}
_ROBOT: Final = re.compile(
    r"(?<!cu)bot\b|bot[/_-]|crawl|spider|slurp|scrape|fetch|preview|monitor|uptime|lighthouse|headless|phantom"
    r"|facebookexternalhit|python|curl|wget|libwww|okhttp|java/|go-http|node|axios|feed|validator|archiver",
    re.IGNORECASE,
)


def source_of(named: str, referrer_host: str, own_host: str) -> str:
    """Return the source that a link names, or else the site that it stands on.

    Known sites have one word, whatever their country: "google".
    """
    if name := cut_line(_printable(named[:_TEXT].lower()), LONGEST_SOURCE):
        return name
    host = referrer_host[: 4 * LONGEST_SOURCE].lower().strip(".")
    if not _HOST.fullmatch(host):
        return DIRECT
    if host == own_host.lower():
        return PORTAL
    host = host.partition(":")[0].removeprefix("www.")
    if host in _SHORT:
        return _SHORT[host]
    known = [label for label in host.split(".")[:-1] if label in _KNOWN]
    return known[-1] if known else host[:LONGEST_SOURCE]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def is_robot(user_agent: str) -> bool:
    """Whether a program reads rather than a person; one that names itself not at all is one."""
    return not user_agent or _ROBOT.search(user_agent[: 5 * _TEXT]) is not None
