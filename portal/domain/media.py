"""Addresses inside a description: links without a user name, images over https, videos of known hosts."""

import re

_USER = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})[^/\\?#]*@", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20]")
_IMAGE = re.compile(r"https?://(?=[a-z0-9])", re.IGNORECASE)
_SIZE = re.compile(r"[0-9]{1,4}%?")
_VIDEOS = (
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


def media_attribute(tag: str, name: str, value: str) -> str | None:
    """What the cleaner keeps of an attribute it allows; ``None`` drops it."""
    if tag == "a":
        return None if name == "href" and _has_user(value) else value
    if tag not in ("img", "iframe"):
        return value
    if name == "src":
        return _image_address(value) if tag == "img" else _video_address(value)
    if name in ("width", "height"):
        return value if _SIZE.fullmatch(value) else None
    return "" if name == "allowfullscreen" else value


def with_scheme(relative: str) -> str | None:
    """An address without a scheme over https; any other relative one leads nowhere here: ``None``."""
    return f"https:{relative}" if relative.startswith("//") else None


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
