"""Read typed values out of environment variables; every refusal is one plain sentence."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


class ConfigError(ValueError):
    """The settings cannot be used. ``str(error)`` is one sentence that says what to change."""


def text(environ: Mapping[str, str], name: str, default: str) -> str:
    """The trimmed value of a variable; unset and empty both mean the default."""
    return environ.get(name, "").strip() or default


def integer(environ: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``."""
    value = text(environ, name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise ConfigError(f"{name} must be a whole number from {least} to {most}, not “{value}”.")
    return int(value)


def web_address(name: str, value: str) -> SplitResult:
    """An http or https address with a host and no user name, query or fragment, split in parts."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"{name} must be an address like https://jobs.example.com.")
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on, read the way Flask reads ``FLASK_DEBUG``."""
    return text(environ, name, "0").lower() not in ("0", "false", "no")
