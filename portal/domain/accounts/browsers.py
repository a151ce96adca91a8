"""Say a browser and its system in words, from its User-Agent header: "Firefox on Linux"."""

from typing import Final

READ: Final = 500  # characters of the header
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
"""In this order: most browsers also bear the names of those that came before them."""
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """Return what a User-Agent header says, as far as people know it; never the header itself."""
    read = user_agent[:READ]
    browser = next((name for mark, name in BROWSERS if mark in read), "")
    system = next((name for mark, name in SYSTEMS if mark in read), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "An unknown browser")


def is_mobile(words: str) -> bool:
    """Whether the words name a telephone or a tablet."""
    return words.endswith(("iPhone", "iPad", "Android"))
