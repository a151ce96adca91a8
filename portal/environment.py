"""Parse and check environment variables, and make the instance folder with its keys."""

import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from stat import S_ISDIR
from urllib.parse import SplitResult, urlsplit

LEAST_DIFFERENT = 8  # characters of a key: 32 random digits have fewer once in a million
LEAST_PYTHON = (3, 11, 5)  # earlier ones miss what possessive patterns match: salaries are read wrongly
PLACEHOLDERS = ("changeme", "replaceme", "secretkey", "yoursecret", "placeholder", "password", "example")


class ConfigError(ValueError):
    """The settings cannot be used. ``str(error)`` is one sentence that says what to change."""


def check_python() -> None:
    """Raise ``ConfigError`` where this Python reads texts wrongly (CPython's issue 106052)."""
    if sys.version_info[:3] < LEAST_PYTHON:
        least, found = (".".join(map(str, version)) for version in (LEAST_PYTHON, sys.version_info[:3]))
        raise ConfigError(f"Python {least} or newer is needed; this is {found}.")


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


SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on; one that is not set is off."""
    value = text(environ, name, "off")
    try:
        return SWITCH[value.lower()]
    except KeyError:
        raise ConfigError(f"{name} must be on or off, not “{value}”.") from None


def is_guessable(key: bytes) -> bool:
    """Whether nobody could have drawn this key by lot: a character or word repeated, a row, a placeholder."""
    text = "".join(char for char in key.decode("latin-1").casefold() if char.isalnum())
    steps = sum(abs(one - next_) <= 1 for one, next_ in pairwise(key))
    return (
        len(set(key)) < LEAST_DIFFERENT
        or key in (key + key)[1:-1]
        or 4 * steps > 3 * len(key)
        or any(word in text for word in PLACEHOLDERS)
    )


def stored_secret(path: Path, make: Callable[[], str]) -> str:
    """The text kept at ``path``; the first caller makes it, all others read what that one made.

    Safe between processes: the file appears whole or not at all, and is never replaced.
    Raises ``OSError`` where the folder cannot be written.
    """
    if not path.exists():
        _publish(path, make())
    return path.read_text(encoding="utf-8").strip()


def _publish(path: Path, content: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        _link_unless_there(draft, path)
    finally:
        draft.unlink()


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return


LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 107, and some tools add a suffix
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - the folder made in it is checked for its owner


def make_instance_dir(path: Path) -> Path:
    """Make the folder (mode 700) unless it is there, and return it as an absolute path."""
    folder = path.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"INSTANCE_DIR {folder} cannot be made: {error.strerror}.") from None
    return folder


def stored_secret_in(folder: Path, name: str, make: Callable[[], str]) -> str:
    """A secret kept in a file (mode 600) of the instance folder, made by the first who asks."""
    try:
        return stored_secret(folder / name, make)
    except OSError as error:
        raise ConfigError(f"{folder / name} cannot be used: {error.strerror}.") from None


def redis_socket(folder: Path) -> Path:
    """Where the embedded server listens: in the instance folder, or a short one if the path is too long."""
    socket = folder / "redis.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    name = sha256(os.fsencode(folder)).hexdigest()[:16]
    return _own_folder(SHORT_FOLDERS / f"portal-{name}") / "redis.sock"


def _own_folder(folder: Path) -> Path:
    """Others can write beside this folder: it must be ours alone, and no link to elsewhere."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ConfigError(f"{folder} belongs to somebody else: set INSTANCE_DIR to a shorter path.")
    return folder


INDEXNOW_KEY = re.compile("[A-Za-z0-9-]{8,128}")


def indexnow_key(value: str) -> str | None:
    """A key for IndexNow, as its protocol wants it."""
    if value and not INDEXNOW_KEY.fullmatch(value):
        raise ConfigError("INDEXNOW_KEY must have 8 to 128 letters, digits and hyphens.")
    return value or None


def service_account_key(value: str) -> str | None:
    """The content of the key file of a Google service account."""
    if not value:
        return None
    try:
        content = Path(value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"GOOGLE_INDEXING_KEY_FILE {value} cannot be read: {cause}.") from None
    if not _holds_service_account(content):
        raise ConfigError("GOOGLE_INDEXING_KEY_FILE must be the key of a service account, as JSON.")
    return content


def geoip_database(value: str) -> str | None:
    """The path of a database of networks, MaxMind's or one like it, that says countries or cities."""
    if not value:
        return None
    from maxminddb import InvalidDatabaseError, open_database  # here, as above

    try:
        with open_database(value) as reader:
            kind = reader.metadata().database_type
    except OSError as error:
        raise ConfigError(f"GEOIP_DATABASE {value} cannot be read: {error.strerror}.") from None
    except (InvalidDatabaseError, ValueError):
        kind = ""
    if not re.search("Country|City|Enterprise", kind):
        raise ConfigError("GEOIP_DATABASE must be a file in MaxMind's format (.mmdb) of countries or cities.")
    return value


def _holds_service_account(content: str) -> bool:
    # here, so that the supervisor seldom loads it
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        said = json.loads(content)
        key = load_pem_private_key(said["private_key"].encode(), None)
        return isinstance(key, RSAPrivateKey) and all(
            isinstance(said[name], str) for name in ("client_email", "token_uri")
        )
    except Exception:  # whatever json and cryptography stumble over
        return False


def ca_bundle(value: str) -> str | None:
    """A file of certificates, or a folder of them, that can be read."""
    if not value:
        return None
    import ssl  # here, so that the supervisor seldom loads it

    place = Path(value).absolute()  # a program may change its folder
    try:
        if not place.is_dir():
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(place)
    except OSError as error:  # of which ssl.SSLError is one
        raise ConfigError(
            f"REQUESTS_CA_BUNDLE must be a file of certificates (PEM), and {place} is none: {error.strerror}."
        ) from None
    return str(place)


def safe_address(environ: Mapping[str, str], name: str, default: str) -> str:
    """An https address, or a plain one of this machine."""
    value = text(environ, name, default)
    address = web_address(name, value)
    if address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ConfigError(f"{name} must start with https://.")
    return value


def dns_server(value: str) -> tuple[str, int] | None:
    """The DNS server to ask, such as ``9.9.9.9`` or ``127.0.0.1:5300``; without one, this machine's."""
    if not value:
        return None
    host, colon, port = value.rpartition(":") if value.count(":") == 1 else (value, "", "")
    try:
        ip_address(host)
        number = int(port) if colon else 53
    except ValueError:
        number = 0
    if not 0 < number < 2**16:
        raise ConfigError("DNS_SERVER must be an IP address, with a port if need be: 127.0.0.1:5300.")
    return host, number


NO_USER_HEADERS = frozenset({"host", "cookie", "authorization", "content-type", "content-length"})


def user_header(environ: Mapping[str, str]) -> str | None:
    """The header in which a proxy names the person; refused where no proxy is believed anything."""
    name = text(environ, "TRUSTED_USER_HEADER", "")
    if not name:
        return None
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", name) or name.lower() in NO_USER_HEADERS:
        raise ConfigError("TRUSTED_USER_HEADER must be the name of a header, such as X-Forwarded-Email.")
    if integer(environ, "TRUSTED_PROXIES", 0, least=0, most=10) == 0:
        raise ConfigError("Set TRUSTED_PROXIES: TRUSTED_USER_HEADER is believed only behind a proxy.")
    return name


def networks(environ: Mapping[str, str], name: str, default: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """IP addresses and networks, with commas between them."""
    try:
        return tuple(ip_network(each.strip()) for each in text(environ, name, default).split(","))
    except ValueError:
        raise ConfigError(f"{name} must be IP addresses or networks, such as 10.0.0.7,10.1.0.0/16.") from None


def mail_url(value: str) -> str | None:
    """The mail server's address; without one, mails go to the log."""
    try:
        usable = value.startswith(("smtp://", "smtps://")) and urlsplit(value).hostname
    except ValueError:
        usable = None
    if value and not usable:
        raise ConfigError("MAIL_URL must be an address like smtp://user:password@mail.example.com:587.")
    return value or None
