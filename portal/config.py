"""Every setting, by the name of its environment variable, and what production refuses to start on."""

import secrets
import tomllib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet

from portal.environment import (
    ConfigError,
    ca_bundle,
    check_python,
    dns_server,
    geoip_database,
    indexnow_key,
    integer,
    is_guessable,
    is_loopback,
    is_on,
    mail_url,
    make_instance_dir,
    networks,
    redis_socket,
    safe_address,
    service_account_key,
    stored_secret_in,
    text,
    user_header,
    web_address,
)

GREENHOUSE_API_URL = "https://boards-api.greenhouse.io/v1/boards"
INDEXNOW_URL = "https://api.indexnow.org/indexnow"
GOOGLE_INDEXING_URL = "https://indexing.googleapis.com/v3/urlNotifications:publish"
LEAST_SECRET_KEY_LENGTH = 32
MAKE_SECRET_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105
MAKE_FERNET_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
MEBIBYTE = 1024 * 1024
READING_CONNECTIONS = 12
REPOSITORY = Path(__file__).resolve().parents[1]
VERSION: str = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["version"]


@dataclass(frozen=True)
class Settings:
    """Every setting, by the name of its environment variable in lower case."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_is_embedded: bool
    public_url: str | None
    trusted_proxies: int
    secret_key: str = field(repr=False)
    credential_keys: tuple[str, ...] = field(repr=False)
    greenhouse_api_url: str
    greenhouse_timeout_seconds: int
    requests_ca_bundle: str | None
    sync_interval_minutes: int
    lease_seconds: int
    sync_retry_seconds: int
    site_name: str
    support_email: str
    instance_dir: Path
    host: str
    port: int
    mail_url: str | None = field(repr=False)
    indexnow_key: str | None
    indexnow_url: str
    google_indexing_key: str | None = field(repr=False)
    google_indexing_url: str
    worker_processes: int
    web_workers: int
    web_threads: int
    streams_per_process: int
    webhooks_to_private_addresses: bool = False
    providers_at_private_addresses: bool = False
    dns_server: tuple[str, int] | None = None
    trusted_user_header: str | None = None
    trusted_user_from: tuple[IPv4Network | IPv6Network, ...] = ()
    allow_org_creation: bool = False
    geoip_database: str | None = None

    @property
    def production(self) -> bool:
        """Production is where ``PUBLIC_URL`` is set."""
        return self.public_url is not None

    @property
    def tells_search_engines(self) -> bool:
        """Whether there is a public address, and a key of any search engine."""
        return self.production and bool(self.indexnow_key or self.google_indexing_key)

    @property
    def https(self) -> bool:
        """Whether people reach the portal over https (cookie flags, HSTS)."""
        return self._public.scheme == "https"

    @property
    def address(self) -> str:
        """Where people reach the portal, for what is written outside of a request: mails and webhooks."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def trusted_hosts(self) -> list[str] | None:
        """The host names that requests may bear; ``None`` where any is accepted (a wildcard ``HOST``)."""
        if self.public_url:
            return [self._public.hostname or ""]
        if self.host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
            return None
        return sorted({"localhost", "127.0.0.1", self.host})

    @property
    def streams_in_threads(self) -> int:
        """How many streams a web process has at most where each holds a thread: enough are left for pages."""
        return min(self.streams_per_process, max(1, self.web_threads * 3 // 4))

    @property
    def writers_per_process(self) -> int:
        """How many requests of a web process write at once: many may wait for one lock, and pages go on."""
        return max(4, self.web_threads * 3 // 16)

    @property
    def writers_per_organisation(self) -> int:
        """How many of them may be of one organisation, which has one lock."""
        return self.writers_per_process * 2 // 3

    @property
    def database_connections(self) -> int:
        """How many connections a process opens at most: those who only read always find one."""
        return self.writers_per_process + READING_CONNECTIONS

    @property
    def session_cookie_name(self) -> str:
        """``__Host-`` binds the cookie to this host, which browsers allow over https only."""
        return "__Host-session" if self.https else "session"

    @property
    def limiter_storage_url(self) -> str:
        """The Redis address as the rate limiter spells it."""
        return f"redis+{self.redis_url}" if self.redis_url.startswith("unix:") else self.redis_url

    def flask_config(self) -> dict[str, Any]:
        """The settings under the names that Flask and its extensions read."""
        return {
            "DEBUG": False,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SESSION_COOKIE_NAME": self.session_cookie_name,
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "PREFERRED_URL_SCHEME": self._public.scheme or "http",
            "TRUSTED_HOSTS": self.trusted_hosts,
            "WTF_CSRF_TIME_LIMIT": None,
            "MAX_CONTENT_LENGTH": 2 * MEBIBYTE,
            "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
            "RATELIMIT_STORAGE_URI": self.limiter_storage_url,
        }

    @cached_property
    def _public(self) -> SplitResult:
        return urlsplit(self.public_url or "")


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check every setting; makes the instance folder, and keys in it where none are given.

    Raises ``ConfigError``, whose text is one sentence that says what to change.
    """
    check_python()
    instance_dir = make_instance_dir(Path(text(environ, "INSTANCE_DIR", str(REPOSITORY / "instance"))))
    public_url = _public_url(environ)
    redis_url = text(environ, "REDIS_URL", "")
    return Settings(
        database_url=_database_url(text(environ, "DATABASE_URL", f"sqlite:///{instance_dir}/portal.db")),
        redis_url=_redis_url(redis_url) if redis_url else f"unix://{redis_socket(instance_dir)}",
        redis_is_embedded=not redis_url,
        public_url=public_url,
        trusted_proxies=integer(environ, "TRUSTED_PROXIES", 0, least=0, most=10),
        secret_key=_secret_key(environ, instance_dir, made_up=public_url is None),
        credential_keys=_credential_keys(environ, instance_dir, made_up=public_url is None),
        greenhouse_api_url=_greenhouse_api_url(environ, production=public_url is not None),
        greenhouse_timeout_seconds=integer(environ, "GREENHOUSE_TIMEOUT_SECONDS", 60, least=1, most=600),
        requests_ca_bundle=ca_bundle(text(environ, "REQUESTS_CA_BUNDLE", "")),
        sync_interval_minutes=integer(environ, "SYNC_INTERVAL_MINUTES", 30, least=1, most=10_080),
        lease_seconds=integer(environ, "LEASE_SECONDS", 60, least=1, most=3600),
        sync_retry_seconds=integer(environ, "SYNC_RETRY_SECONDS", 10, least=1, most=3600),
        site_name=text(environ, "SITE_NAME", "The Org"),
        support_email=text(environ, "SUPPORT_EMAIL", "contact@theorg.com"),
        instance_dir=instance_dir,
        host=text(environ, "HOST", "127.0.0.1"),
        port=integer(environ, "PORT", 8000, least=1, most=65_535),
        mail_url=mail_url(text(environ, "MAIL_URL", "")),
        indexnow_key=indexnow_key(text(environ, "INDEXNOW_KEY", "")),
        indexnow_url=safe_address(environ, "INDEXNOW_URL", INDEXNOW_URL),
        google_indexing_key=service_account_key(text(environ, "GOOGLE_INDEXING_KEY_FILE", "")),
        google_indexing_url=safe_address(environ, "GOOGLE_INDEXING_URL", GOOGLE_INDEXING_URL),
        worker_processes=integer(environ, "WORKER_PROCESSES", 2, least=1, most=64),
        web_workers=integer(environ, "WEB_WORKERS", 2, least=1, most=64),
        web_threads=integer(environ, "WEB_THREADS", 64, least=2, most=1000),
        streams_per_process=integer(environ, "STREAMS_PER_PROCESS", 2000, least=1, most=100_000),
        webhooks_to_private_addresses=is_on(environ, "WEBHOOKS_TO_PRIVATE_ADDRESSES"),
        providers_at_private_addresses=is_on(environ, "PROVIDERS_AT_PRIVATE_ADDRESSES"),
        trusted_user_header=user_header(environ),
        trusted_user_from=networks(environ, "TRUSTED_USER_FROM", "127.0.0.0/8,::1"),
        dns_server=dns_server(text(environ, "DNS_SERVER", "")),
        allow_org_creation=is_on(environ, "ALLOW_ORG_CREATION"),
        geoip_database=geoip_database(text(environ, "GEOIP_DATABASE", "")),
    )


def current_settings() -> Settings:
    """The settings of the application whose context this is."""
    from flask import current_app  # here, so that the supervisor does not load Flask

    settings: Settings = current_app.extensions["settings"]
    return settings


def _public_url(environ: Mapping[str, str]) -> str | None:
    value = text(environ, "PUBLIC_URL", "").rstrip("/")
    if not value:
        return None
    address = web_address("PUBLIC_URL", value)
    if address.path:
        raise ConfigError("PUBLIC_URL must have no path: the portal answers at the root of its host.")
    if address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ConfigError("PUBLIC_URL must start with https://: plain http is allowed on this machine only.")
    if text(environ, "FLASK_DEBUG", "0").lower() not in ("0", "false", "no"):  # as Flask reads it
        raise ConfigError("Unset FLASK_DEBUG: with PUBLIC_URL set the portal does not start in debug mode.")
    return value


def _secret_key(environ: Mapping[str, str], instance_dir: Path, *, made_up: bool) -> str:
    given = text(environ, "SECRET_KEY", "")
    if not given and not made_up:
        raise ConfigError("Set SECRET_KEY: with PUBLIC_URL set the portal makes no key up.")
    if given and not made_up and len(given) < LEAST_SECRET_KEY_LENGTH:
        raise ConfigError(f"SECRET_KEY must have at least {LEAST_SECRET_KEY_LENGTH} characters.")
    if given and not made_up and is_guessable(given.encode()):
        raise ConfigError(f"SECRET_KEY can be guessed. Make another one: {MAKE_SECRET_KEY}")
    return given or stored_secret_in(instance_dir, "secret-key", secrets.token_urlsafe)


def _credential_keys(environ: Mapping[str, str], instance_dir: Path, *, made_up: bool) -> tuple[str, ...]:
    given = text(environ, "CREDENTIAL_KEYS", "")
    if not given and not made_up:
        raise ConfigError("Set CREDENTIAL_KEYS: with PUBLIC_URL set the portal makes no key up.")
    kept = given or stored_secret_in(instance_dir, "credential-keys", lambda: Fernet.generate_key().decode())
    keys = tuple(key.strip() for key in kept.split(","))
    for place, key in enumerate(keys, start=1):
        _check_fernet(key, place)
    # Behind a good one it may stand: how else would what it encrypted be encrypted anew?
    raw = urlsafe_b64decode(keys[0])
    if not made_up and (is_guessable(raw) or all(32 <= byte < 127 for byte in raw)):
        raise ConfigError(
            f"Key 1 of CREDENTIAL_KEYS can be guessed. Put another one before it: {MAKE_FERNET_KEY}"
        )
    return keys


def _check_fernet(key: str, place: int) -> None:
    try:
        Fernet(key)
    except ValueError:
        sentence = f"Key {place} of CREDENTIAL_KEYS is not a Fernet key (32 bytes in URL-safe base64)."
        raise ConfigError(sentence) from None


def _greenhouse_api_url(environ: Mapping[str, str], *, production: bool) -> str:
    value = text(environ, "GREENHOUSE_API_URL", GREENHOUSE_API_URL).rstrip("/")
    address = web_address("GREENHOUSE_API_URL", value)
    if production and address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ConfigError("GREENHOUSE_API_URL must start with https:// where PUBLIC_URL is set.")
    return value


def _database_url(value: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if value.startswith(old):
            value = "postgresql+psycopg://" + value.removeprefix(old)
    if not value.startswith(("sqlite://", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL must start with postgresql:// or sqlite:///.")
    return value


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must start with redis://, rediss:// or unix://.")
    return value
