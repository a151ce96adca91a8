"""Parse the address of a webhook, and decide which IP addresses are public."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

from portal.domain.texts import InvalidValue, trimmed

LONGEST_ADDRESS: Final = 2_048
NO_ADDRESS: Final = "Enter a whole address, such as https://example.com/hooks/jobs."
NOT_SECURE: Final = "The address must begin with https://."
NOT_PUBLIC: Final = "The address must be reachable from the internet: this one is of a private network."
WITH_PASSWORD: Final = "Leave user name and password out of the address."  # noqa: S105 - a sentence
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT: Final = "/%:@!$&'()*+,;=~-._[]?"
_SHOWN_END: Final = 4  # characters of a secret address


def parse_receiver(text: str, *, private: bool) -> str:
    """Return the address of a receiver as it is asked; raises ``InvalidValue``.

    ``private`` allows plain http, and hosts of private networks. What a name stands for is looked at when it
    is connected to.
    """
    parts = _parts(trimmed(text))
    if "@" in parts.netloc:
        raise InvalidValue(WITH_PASSWORD)
    if parts.scheme != "https" and not private:
        raise InvalidValue(NOT_SECURE)
    host = _host(parts.hostname or "", private=private)
    port = f":{parts.port}" if parts.port else ""
    path, query = (_encoded(part) for part in (parts.path or "/", parts.query))
    address = urlunsplit((parts.scheme, f"{host}{port}", path, query, ""))
    if len(address) > LONGEST_ADDRESS:
        raise InvalidValue(NO_ADDRESS)
    return address


def _parts(text: str) -> SplitResult:
    if len(text) > LONGEST_ADDRESS:
        raise InvalidValue(NO_ADDRESS)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise InvalidValue(NO_ADDRESS)
    return parts


def _host(name: str, *, private: bool) -> str:
    try:
        literal = ip_address(name)
    except ValueError:
        return _host_name(name, private=private)
    if not private and not is_public(name):
        raise InvalidValue(NOT_PUBLIC)
    return f"[{name}]" if isinstance(literal, IPv6Address) else name


def _host_name(name: str, *, private: bool) -> str:
    try:
        host = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except UnicodeError:
        raise InvalidValue(NO_ADDRESS) from None
    if _HOST.fullmatch(host) is None or ".." in host:
        raise InvalidValue(NO_ADDRESS)
    is_local = "." not in host.rstrip(".") or host.rstrip(".").endswith((".localhost", ".local", ".internal"))
    if is_local and not private:
        raise InvalidValue(NOT_PUBLIC)
    return host


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_KEPT, errors="replace")


def shown_address(address: str, *, secret: bool) -> str:
    """Return an address for people to recognise it by: of a secret one its host and its end alone.

    A query may hold a token, and is left out as well.
    """
    parts = urlsplit(address)
    if not secret:
        return f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}"
    end = address[-_SHOWN_END:] if len(parts.path) > 2 * _SHOWN_END else ""
    return f"{parts.scheme}://{parts.netloc}/…{end}"


_NEVER: Final = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # shared by the customers of a provider
            "168.63.129.16/32",  # Azure's host of every machine
            "192.0.0.0/24",  # of protocols; some clouds have their metadata there
            "192.88.99.0/24",
            "2001::/23",
            "2002::/16",  # 6to4, which carries any IPv4 address
            "3fff::/20",
        ),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Whether an IP address is one of the internet: no loopback, private, link-local or reserved one.

    An address of IPv6 that carries one of IPv4 is judged by that one.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    carried = _carried(address) if isinstance(address, IPv6Address) else None
    if carried is not None:
        return is_public(str(carried))
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    never = any(address in each for each in _NEVER if each.version == address.version)
    return address.is_global and not (address.is_multicast or address.is_reserved or never)


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
