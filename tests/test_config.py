"""What the settings accept, refuse and derive."""

import json
import os
import secrets
import stat
import sys
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.config import REPOSITORY, load_settings
from portal.environment import LEAST_PYTHON, ConfigError, redis_socket, stored_secret

SECRET = secrets.token_urlsafe(32)
FERNET = Fernet.generate_key().decode()


def fernet_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


@pytest.fixture
def base(tmp_path):
    return {"INSTANCE_DIR": str(tmp_path / "instance")}


@pytest.fixture
def production(base):
    return base | {"PUBLIC_URL": "https://jobs.example.com", "SECRET_KEY": SECRET, "CREDENTIAL_KEYS": FERNET}


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 11, 4)])
def test_a_python_that_reads_salaries_wrongly_is_refused(base, version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (*version, "final", 0))
    with pytest.raises(ConfigError, match=r"Python 3\.11\.5 or newer is needed; this is 3\.1[01]\.1?4\."):
        load_settings(base)


def test_the_same_python_is_asked_for_everywhere():
    wanted = ".".join(map(str, LEAST_PYTHON))
    assert f"You need Python {wanted} or newer" in (REPOSITORY / "README.md").read_text()
    assert f'requires-python = ">={wanted}"' in (REPOSITORY / "pyproject.toml").read_text()
    makefile = (REPOSITORY / "Makefile").read_text()
    assert f'sys.version_info < {LEAST_PYTHON} and "Python {wanted} or newer is needed' in makefile


def test_an_empty_environment_gives_a_portal_on_this_machine(base):
    settings = load_settings(base)
    assert settings.database_url == f"sqlite:///{settings.instance_dir}/portal.db"
    assert settings.redis_url == f"unix://{settings.instance_dir}/redis.sock"
    assert settings.greenhouse_api_url == "https://boards-api.greenhouse.io/v1/boards"
    assert (settings.host, settings.port, settings.trusted_proxies) == ("127.0.0.1", 8000, 0)
    assert (settings.sync_interval_minutes, settings.lease_seconds, settings.sync_retry_seconds) == (
        30,
        60,
        10,
    )
    assert (settings.web_workers, settings.web_threads, settings.streams_per_process) == (2, 64, 2000)
    assert (settings.streams_in_threads, settings.writers_per_process) == (48, 12)
    assert not settings.production


def test_an_empty_variable_means_the_default(base):
    assert load_settings(base | {"PORT": " ", "SITE_NAME": ""}).site_name == "The Org"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "eight"}, "PORT must be a whole number from 1 to 65535, not “eight”."),
        ({"PORT": "70000"}, "PORT must be"),
        ({"PORT": "²"}, "PORT must be"),
        ({"SYNC_INTERVAL_MINUTES": "0"}, "SYNC_INTERVAL_MINUTES must be"),
        ({"LEASE_SECONDS": "-1"}, "LEASE_SECONDS must be"),
        ({"SYNC_RETRY_SECONDS": "1.5"}, "SYNC_RETRY_SECONDS must be"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES must be"),
        ({"GREENHOUSE_TIMEOUT_SECONDS": "0"}, "GREENHOUSE_TIMEOUT_SECONDS must be"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS must be"),
        ({"STREAMS_PER_PROCESS": "0"}, "STREAMS_PER_PROCESS must be"),
        ({"DATABASE_URL": "mysql://root@host/db"}, "DATABASE_URL must start with"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must start with"),
        ({"MAIL_URL": "mail.example.com"}, "MAIL_URL must be an address"),
        ({"MAIL_URL": "smtp://[::1"}, "MAIL_URL must be an address"),
        ({"GREENHOUSE_API_URL": "ftp://boards"}, "GREENHOUSE_API_URL must be an address"),
        (
            {"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"},
            "REQUESTS_CA_BUNDLE must be a file of certificates (PEM)",
        ),
        ({"REQUESTS_CA_BUNDLE": __file__}, "REQUESTS_CA_BUNDLE must be a file of certificates (PEM)"),
        ({"PUBLIC_URL": "jobs.example.com"}, "PUBLIC_URL must be an address"),
        ({"CREDENTIAL_KEYS": "not-a-key"}, "Key 1 of CREDENTIAL_KEYS is not a Fernet key"),
        ({"CREDENTIAL_KEYS": f"{FERNET},é"}, "Key 2 of CREDENTIAL_KEYS is not a Fernet key"),
    ],
)
def test_an_unusable_value_is_refused_in_one_sentence(base, variables, sentence):
    with pytest.raises(ConfigError) as refusal:
        load_settings(base | variables)
    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32 characters."),
        ({"CREDENTIAL_KEYS": ""}, "Set CREDENTIAL_KEYS"),
        ({"SECRET_KEY": "s" * 43}, "SECRET_KEY can be guessed. Make another one: python -c 'import secrets;"),
        ({"SECRET_KEY": "bench-" * 7}, "SECRET_KEY can be guessed."),
        ({"SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789"}, "SECRET_KEY can be guessed."),
        ({"SECRET_KEY": "change-me-before-you-go-live-with-it"}, "SECRET_KEY can be guessed."),
        (
            {"CREDENTIAL_KEYS": "A" * 43 + "="},
            "Key 1 of CREDENTIAL_KEYS can be guessed. Put another",
        ),
        ({"CREDENTIAL_KEYS": "s" * 43 + "="}, "Key 1 of CREDENTIAL_KEYS can be guessed."),
        ({"CREDENTIAL_KEYS": fernet_of(b"thirty-two bytes of a plain text")}, "Key 1 of CREDENTIAL_KEYS can"),
        ({"CREDENTIAL_KEYS": fernet_of(bytes(range(32)))}, "Key 1 of CREDENTIAL_KEYS can be guessed."),
        ({"FLASK_DEBUG": "1"}, "Unset FLASK_DEBUG"),
        ({"PUBLIC_URL": "http://jobs.example.com"}, "PUBLIC_URL must start with https://"),
        ({"PUBLIC_URL": "http://127.0.0.1.example.com"}, "PUBLIC_URL must start with https://"),
        ({"PUBLIC_URL": "https://jobs.example.com/portal"}, "PUBLIC_URL must have no path"),
        ({"PUBLIC_URL": "https://me:secret@jobs.example.com"}, "PUBLIC_URL must be an address"),
        (
            {"GREENHOUSE_API_URL": "http://boards.example.com/v1"},
            "GREENHOUSE_API_URL must start with https://",
        ),
    ],
)
def test_production_refuses_to_start_on(production, variables, sentence):
    with pytest.raises(ConfigError) as refusal:
        load_settings(production | variables)
    assert str(refusal.value).startswith(sentence)


def test_a_key_that_can_be_guessed_may_stand_behind_another_one_until_it_is_rotated_away(production):
    keys = f"{FERNET},{'A' * 43}="
    assert load_settings(production | {"CREDENTIAL_KEYS": keys}).credential_keys == tuple(keys.split(","))


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex, lambda: secrets.token_hex(16)])
def test_no_key_drawn_by_lot_is_taken_for_a_guessable_one(production, make):
    for _ in range(200):
        drawn = {"SECRET_KEY": make(), "CREDENTIAL_KEYS": Fernet.generate_key().decode()}
        assert load_settings(production | drawn).secret_key == drawn["SECRET_KEY"]


def test_production_does_not_take_keys_that_were_made_up_before(base, production):
    load_settings(base)
    with pytest.raises(ConfigError, match="Set SECRET_KEY"):
        load_settings(production | {"SECRET_KEY": ""})


@pytest.mark.parametrize(
    "name", ["WEBHOOKS_TO_PRIVATE_ADDRESSES", "PROVIDERS_AT_PRIVATE_ADDRESSES", "ALLOW_ORG_CREATION"]
)
def test_a_switch_is_on_or_off_and_nothing_else(base, name):
    for words, meant in (("1 true yes on ON", True), ("0 false no off Off", False)):
        for word in ("", *words.split()):
            assert getattr(load_settings(base | {name: word}), name.lower()) is (meant and word != "")
    with pytest.raises(ConfigError) as refusal:
        load_settings(base | {name: "disabled"})
    assert str(refusal.value) == f"{name} must be on or off, not “disabled”."


def test_https_gives_a_cookie_that_is_bound_to_the_host(production):
    config = load_settings(production).flask_config()
    assert config["SESSION_COOKIE_NAME"] == "__Host-session"
    assert config["SESSION_COOKIE_SECURE"]
    assert config["TRUSTED_HOSTS"] == ["jobs.example.com"]
    assert load_settings(production).https


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:9000"])
def test_plain_http_is_allowed_on_loopback_with_a_plain_cookie(production, host):
    settings = load_settings(production | {"PUBLIC_URL": f"http://{host}/"})
    assert settings.production
    assert settings.session_cookie_name == "session"
    assert not settings.flask_config()["SESSION_COOKIE_SECURE"]
    assert not settings.https


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_reached_through_psycopg_3(base, scheme):
    settings = load_settings(base | {"DATABASE_URL": f"{scheme}://me:pass@db/portal"})
    assert settings.database_url == "postgresql+psycopg://me:pass@db/portal"


def test_no_secret_shows_when_settings_are_printed(base):
    secrets = {
        "SECRET_KEY": SECRET,
        "CREDENTIAL_KEYS": FERNET,
        "DATABASE_URL": "postgresql://me:db-word@db/portal",
        "REDIS_URL": "redis://:redis-word@cache/0",
        "MAIL_URL": "smtp://me:mail-word@mail:587",
    }
    shown = repr(load_settings(base | secrets))
    assert not [word for word in (SECRET, FERNET, "db-word", "redis-word", "mail-word") if word in shown]


def test_made_up_keys_are_kept_and_readable_by_their_owner_only(base):
    first, second = load_settings(base), load_settings(base)
    assert first == second
    assert first.secret_key != first.credential_keys[0]
    assert stat.S_IMODE(first.instance_dir.stat().st_mode) == 0o700
    for name in ("secret-key", "credential-keys"):
        assert stat.S_IMODE((first.instance_dir / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in first.instance_dir.iterdir()) == ["credential-keys", "secret-key"]


def test_all_who_make_a_key_at_once_get_the_same(tmp_path):
    count = iter(range(1000))
    with ThreadPoolExecutor(16) as pool:
        keys = set(
            pool.map(lambda _: stored_secret(tmp_path / "key", lambda: f"key {next(count)}"), range(64))
        )
    assert len(keys) == 1


def test_an_instance_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        load_settings({"INSTANCE_DIR": str(tmp_path / "file" / "instance")})


def test_a_long_instance_path_gets_a_short_socket_of_its_own(tmp_path):
    folder = tmp_path / ("long" * 30)
    socket = redis_socket(folder)
    try:
        assert len(os.fsencode(socket)) <= 100
        assert socket == redis_socket(folder)
        assert socket != redis_socket(tmp_path / ("other" * 30))
        socket.parent.chmod(0o755)
        with pytest.raises(ConfigError, match="belongs to somebody else"):
            redis_socket(folder)
    finally:
        socket.parent.rmdir()
        redis_socket(tmp_path / ("other" * 30)).parent.rmdir()


def test_search_engines_are_told_where_there_is_a_public_address_and_a_key(production, base, tmp_path):
    file = tmp_path / "key.json"
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"client_email": "a@b.example", "token_uri": "https://a.example", "private_key": pem}
    file.write_text(json.dumps(account))
    assert not load_settings(production).tells_search_engines
    for key in ({"INDEXNOW_KEY": "a-key-of-mine"}, {"GOOGLE_INDEXING_KEY_FILE": str(file)}):
        assert load_settings(production | key).tells_search_engines
        assert not load_settings(base | key).tells_search_engines
    given = load_settings(production | {"GOOGLE_INDEXING_KEY_FILE": str(file)})
    assert "BEGIN" not in repr(given)
    file.write_text(json.dumps(account | {"private_key": "-----BEGIN PRIVATE KEY-----"}))
    with pytest.raises(ConfigError, match="must be the key of a service account"):
        load_settings(production | {"GOOGLE_INDEXING_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"INDEXNOW_KEY": "short"}, "INDEXNOW_KEY must have 8 to 128"),
        ({"INDEXNOW_KEY": "../../etc/passwd"}, "INDEXNOW_KEY must have"),
        ({"INDEXNOW_URL": "http://engine.example"}, "INDEXNOW_URL must start with https://"),
        ({"GOOGLE_INDEXING_KEY_FILE": "/nowhere/key.json"}, "cannot be read"),
        ({"GOOGLE_INDEXING_KEY_FILE": __file__}, "must be the key of a service account"),
    ],
)
def test_a_key_for_search_engines_that_cannot_be_one_is_refused(base, variables, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load_settings(base | variables)
