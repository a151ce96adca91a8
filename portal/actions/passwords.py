"""Passwords: argon2id, any 10 to 128 characters, and none that everybody tries first."""

import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128
_HASHER = PasswordHasher()


class WeakPassword(ValueError):
    """A password that is not accepted; ``str`` says why, without the password."""


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Raise ``WeakPassword`` unless ``password`` may be used by somebody.

    ``about`` are words an attacker would try for this person: e-mail address, name, organisation, site.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Use at most {LONGEST} characters.")
    plain = _plain(password)
    if plain in _common_passwords() or len(set(plain)) < 4:
        raise WeakPassword("Too many people use this password. Choose another one.")
    if plain.strip("0123456789!?.,-_ ") in {_plain(word) for word in _words(about)}:
        raise WeakPassword("This password is easy to guess for you. Choose another one.")


def hash_password(password: str) -> str:
    """Return the argon2id hash to keep, with its salt and cost."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one hashed; ``None``, for nobody, takes as long and is never right."""
    nobody = _nobody()
    try:
        matches = _HASHER.verify(password_hash or nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash was made at a lower cost than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


@cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # a large module, read only where one is chosen

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(about: Iterable[str]) -> Iterable[str]:
    for text in about:
        yield text
        yield text.replace(" ", "")
        yield text.partition("@")[0]
