"""What the attributes of a description may hold: addresses, languages, directions, numbers and sizes."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

ALLOWED: Final = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "time": {"datetime"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "img": {"src", "alt", "width", "height"},
    "iframe": {"src", "title", "width", "height", "allowfullscreen"},
}
"""Which attributes an element may have; the values of most are those of ``_VALUES`` alone."""

_SPAN = re.compile(r"[1-9][0-9]{0,2}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_SIZE = re.compile(r"[0-9]{1,4}%?")
_VALUES: Final = {
    "lang": re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8}){0,4}"),
    "dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE),
    "type": re.compile(r"[1aAiI]"),
    "start": _NUMBER,
    "value": _NUMBER,
    "colspan": _SPAN,
    "rowspan": _SPAN,
    "scope": re.compile(r"(?:row|col)(?:group)?", re.IGNORECASE),
    "datetime": re.compile(r"[0-9A-Z:.+ -]{1,40}", re.IGNORECASE),
    "width": _SIZE,
    "height": _SIZE,
}

_USER = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})[^/\\?#]*@", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20]")
_IMAGE = re.compile(r"https?://(?=[a-z0-9])", re.IGNORECASE)
_MAILBOX = re.compile(r"[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}", re.IGNORECASE | re.ASCII)
_VIDEOS: Final = (
    (
        re.compile(
            r"(?:https?:)?//(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{1,64})(\?[\w=&%.,;-]*)?", re.A
        ),
        "https://www.youtube-nocookie.com/embed/",
    ),
    (
        re.compile(r"(?:https?:)?//player\.vimeo\.com/video/([0-9]{1,20})(\?[\w=&%.,;-]*)?", re.A),
        "https://player.vimeo.com/video/",
    ),
)
_MEDIUM = re.compile(r'<(i(?:mg|frame))((?:[^<>"]|"[^"]*")*+)>(?:[^<]*+</iframe>)?')
_LINK = re.compile(r'<a(?=[\s>])((?:[^<>"]|"[^"]*")*+)>|</a>')
_MAYBE_DEAD = re.compile(r'<a(?=[\s>])(?! href=")')


def cleaned_attribute(tag: str, name: str, value: str) -> str | None:
    """What the cleaner keeps of an attribute it allows; ``None`` drops it."""
    if pattern := _VALUES.get(name):
        return value if pattern.fullmatch(value) else None
    if name == "src":
        return _image_address(value) if tag == "img" else _video_address(value)
    if name == "href":
        return None if _has_user(value) else value
    return "" if name in ("allowfullscreen", "reversed") else value


def own_site(page_url: str | None) -> str | None:
    """The page of a post where it is the company's own: there, its relative addresses lead somewhere."""
    try:
        host = urlsplit(page_url or "").hostname or ""
    except ValueError:
        return None
    is_board = host == "greenhouse.io" or host.endswith(".greenhouse.io")
    return page_url if host and not is_board else None


def whole_address(relative: str, page_url: str | None) -> str | None:
    """The whole address of one without a scheme on a page; ``None`` is one that leads nowhere.

    People forget the scheme of ``www.acme.example`` and of mail addresses.
    """
    address = relative.strip()
    if _MAILBOX.fullmatch(address):
        return f"mailto:{address}"
    if address.startswith("//"):
        found = f"https:{address}"
    elif address[:4].lower() == "www.":
        found = f"https://{address}"
    elif page_url and address[:1] in ("/", "#", "?") and len(address) > 1:
        found = _joined(page_url, address)
    else:
        return None
    return None if _has_user(found) or not _IMAGE.match(found) else found


def _joined(page_url: str, address: str) -> str:
    try:
        return urljoin(page_url, address)
    except ValueError:
        return ""


def without_dead_links(cleaned: str) -> str:
    """Cleaned HTML in which links that lead nowhere are the text that they hold."""
    if not _MAYBE_DEAD.search(cleaned):
        return cleaned
    leads: list[bool] = []

    def keep(match: re.Match[str]) -> str:
        if match[1] is not None:
            leads.append(' href="' in match[1])
            return match[0] if leads[-1] else ""
        return match[0] if not leads or leads.pop() else ""

    return _LINK.sub(keep, cleaned)


def tidy_media(cleaned: str) -> str:
    """Cleaned HTML without images and frames that lost their source; each other one has a name.

    An image without a text says that it is decoration; a video without a title is called so.
    """
    return _MEDIUM.sub(_whole_or_nothing, cleaned)


def _whole_or_nothing(match: re.Match[str]) -> str:
    tag, attributes = match[1], match[2]
    if ' src="' not in attributes:
        return ""
    name, default = ("alt", "") if tag == "img" else ("title", "Video")
    named = attributes if f' {name}="' in attributes else f'{attributes} {name}="{default}"'
    return f"<{tag}{named}>" + ("</iframe>" if tag == "iframe" else "")


def _has_user(address: str) -> bool:
    """Whether a web address names a user: ``https://known.example@evil.example`` leads to the latter.

    Browsers ignore spaces and line ends in an address, and take a backslash for a slash.
    """
    return "@" in address and bool(_USER.match(_UNSEEN.sub("", address)))


def _image_address(value: str) -> str | None:
    """The address over https: a browser would not load an image over http into this page."""
    address = value.strip()
    if not _IMAGE.match(address) or _has_user(address):
        return None
    return _IMAGE.sub("https://", address, count=1)


def _video_address(value: str) -> str | None:
    for pattern, host in _VIDEOS:
        if found := pattern.fullmatch(value.strip()):
            return f"{host}{found[1]}{found[2] or ''}"
    return None
