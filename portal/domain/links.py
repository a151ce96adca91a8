"""Links that lead to another site: as sent or typed, made such that every browser opens them."""

import re
from typing import Final
from urllib.parse import quote, unquote

import idna

from portal.domain.texts import trimmed

MAX_URL_LENGTH: Final = 2_048
MOST_HOST: Final = 253
_PARTS: Final = re.compile(
    r"(?:(https?):)?//([^/?#\\]*)((?:/[^?#]*)?)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_BARE_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,63}(?::[0-9]+)?(?=[/?#]|\Z)")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_BREAKS: Final = re.compile(r"[\t\r\n]+")  # browsers leave them out
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_IN_PATH: Final = "/%:@!$&'()*+,;=~-._[]"
_IN_QUERY: Final = _IN_PATH + "?"


def https_link(text: str | None) -> str | None:
    """The address as a link: encoded, its host in ASCII, https; ``None`` if no such link can be made of it.

    There is none to another scheme, to an IP address or a name without a dot, with a user name before the
    host, or of more than 2,048 characters. An address without a scheme is taken as https.
    """
    if text is None or len(text) > MAX_URL_LENGTH:
        return None
    url = _BREAKS.sub("", trimmed(text)).replace("&amp;", "&")
    found = _PARTS.fullmatch(f"//{url}" if _BARE_HOST.match(url) else url)
    if found is None or _CONTROL.search(url):
        return None
    scheme, authority, path, query, fragment = found.groups()
    host = _host(authority, is_http=(scheme or "").lower() == "http")
    if host is None:
        return None
    link = f"https://{host}{_encoded(path, _IN_PATH)}"
    link += "" if query is None else f"?{_encoded(query, _IN_QUERY)}"
    link += "" if fragment is None else f"#{_encoded(fragment, _IN_QUERY)}"
    return link if len(link) <= MAX_URL_LENGTH else None


def _host(authority: str, *, is_http: bool) -> str | None:
    """Host and port; the port of a plain http server is none at which https can be spoken."""
    name, colon, port = authority.partition(":")
    plain_ports = ("", "80", "443") if is_http else ("", "443")
    if "@" in authority or (colon and not re.fullmatch("[0-9]{0,5}", port)) or int(port or 0) > 65_535:
        return None
    if is_http and port not in plain_ports:
        return None
    host = _in_ascii(unquote(name).rstrip(".")) if len(name) <= 3 * MOST_HOST else None
    return None if host is None else host if port in plain_ports else f"{host}:{port}"


def _in_ascii(name: str) -> str | None:
    """The name as DNS knows it: "müller.de" is "xn--mller-kva.de"."""
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except UnicodeError:
        return None
    return host if _HOST.fullmatch(host) and len(host) <= MOST_HOST else None


def _encoded(part: str, kept: str) -> str:
    """The part with everything percent-encoded that has to be, and nothing twice."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe=kept, errors="replace")
