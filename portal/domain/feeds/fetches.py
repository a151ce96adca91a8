"""Name the reader of a feed by its User-Agent header."""

import re
from typing import Final

LONGEST_NAME: Final = 40
LONGEST_FILTERS: Final = 300
LONGEST_AGENT: Final = 500
OTHERS: Final = "Other readers"
NOBODY: Final = "A reader without a name"
_BROWSER: Final = "A browser"
_SCRIPT: Final = "A script"
_KNOWN: Final = {
    "indeed": "Indeed",
    "linkedin": "LinkedIn",
    "jooble": "Jooble",
    "adzuna": "Adzuna",
    "ziprecruiter": "ZipRecruiter",
    "glassdoor": "Glassdoor",
    "talent.com": "Talent.com",
    "neuvoo": "Talent.com",
    "careerjet": "Careerjet",
    "jobrapido": "Jobrapido",
    "stepstone": "StepStone",
    "monster": "Monster",
    "googlebot": "Google",
    "feedfetcher-google": "Google",
    "bingbot": "Bing",
    "feedly": "Feedly",
    "inoreader": "Inoreader",
    "newsblur": "NewsBlur",
    "feedbin": "Feedbin",
    "miniflux": "Miniflux",
    "freshrss": "FreshRSS",
    "tiny tiny rss": "Tiny Tiny RSS",
    "netnewswire": "NetNewsWire",
    "theoldreader": "The Old Reader",
    "thunderbird": "Thunderbird",
    "slackbot": "Slack",
    "zapier": "Zapier",
    "ifttt": "IFTTT",
    "wordpress": "WordPress",
}
_SCRIPTS: Final = re.compile(
    r"curl|wget|python|okhttp|go-http|axios|node|java/|libwww|powershell", re.IGNORECASE
)
_ROBOT: Final = re.compile(r"compatible; ([A-Za-z][A-Za-z0-9 ._-]{0,40})")
_PRODUCT: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")


def reader_name(user_agent: str) -> str:
    """Return a reader's name as people know it, or else the one that it gives itself, without versions."""
    agent = user_agent[:LONGEST_AGENT]
    folded = agent.lower()
    if known := next((name for word, name in _KNOWN.items() if word in folded), None):
        return known
    if robot := _ROBOT.search(agent):
        return robot[1].strip()[:LONGEST_NAME]
    if _SCRIPTS.search(agent):
        return _SCRIPT
    if agent.startswith("Mozilla/"):
        return _BROWSER
    product = _PRODUCT.match(agent)
    return product[0] if product else NOBODY
