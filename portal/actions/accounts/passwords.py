"""Passwords: argon2id, any 8 to 128 characters, and none that everybody tries first.

A password is hashed as RFC 8265's OpaqueString profile has it: every space is U+0020 and the text is in
Unicode's form NFC, so that "é" is one password whichever way a keyboard spells it. What was hashed before
that, as typed, still matches.
"""

import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 128
LONGEST_BYTES = 2048  # as typed: 128 characters, each spelled with several
HASHES_AT_ONCE = 2  # in this process, of 64 MiB and some 50 ms each
MOST_WAITING = 8  # for one of them; each is a thread that answers nobody else
LONGEST_WAIT = 10.0  # seconds
_HASHER = PasswordHasher()
_hashing = BoundedSemaphore(HASHES_AT_ONCE)
_waiting = BoundedSemaphore(HASHES_AT_ONCE + MOST_WAITING)


class WeakPassword(ValueError):
    """A password that is not accepted; ``str`` says why, without the password."""


class HashingBusy(Exception):
    """Too many passwords are being hashed: try again in ``retry_after`` seconds. ``str`` says so."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("Too many people are signing in at this moment. Try again in a few seconds.")


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Raise ``WeakPassword`` unless ``password`` may be used by somebody.

    ``about`` are words an attacker would try for this person: e-mail address, name, organisation, site.
    """
    if _too_many_bytes(password) or len(normalise(password)) > LONGEST:
        raise WeakPassword(f"Use at most {LONGEST} characters.")
    if len(normalise(password)) < SHORTEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters.")
    if any(unicodedata.category(each) == "Cs" for each in password):  # half a character, from a terminal
        raise WeakPassword("The password is not written in UTF-8.")
    plain = _plain(password)
    if plain in _common_passwords() or len(set(plain)) < 4:
        raise WeakPassword("Too many people use this password. Choose another one.")
    if plain.strip("0123456789!?.,-_ ") in {_plain(word) for word in _words(about)}:
        raise WeakPassword("This password is easy to guess for you. Choose another one.")


def normalise(password: str) -> str:
    """Return ``password`` by RFC 8265 (OpaqueString): spaces as U+0020, then NFC."""
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in password)
    return unicodedata.normalize("NFC", spaced)


def hash_password(password: str) -> str:
    """Return the argon2id hash to store, with its salt and cost. Raises ``HashingBusy``.

    It may wait for seconds: hold no transaction meanwhile.
    """
    with hashing():
        return _HASHER.hash(normalise(password))


def verify_password(password_hash: str | None, password: str) -> tuple[bool, str | None]:
    """Return whether ``password`` is the one hashed, and a better hash of it where there is one to store.

    ``None``, for nobody, takes as long and never matches. Raises ``HashingBusy``. It may wait for seconds:
    hold no transaction meanwhile.
    """
    if _too_many_bytes(password):
        return False, None
    normal = normalise(password)
    with hashing():
        nobody = _nobody()
        known = password_hash or nobody
        matches = {spelling: _matches(known, spelling) for spelling in {normal, password}}
        if password_hash is None or not any(matches.values()):
            return False, None
        stale = not matches[normal] or _HASHER.check_needs_rehash(known)
        return True, _HASHER.hash(normal) if stale else None


@contextmanager
def hashing() -> Iterator[None]:
    """Be one of the few that hash in this process. Raises ``HashingBusy`` where that would take too long."""
    if not _waiting.acquire(blocking=False):
        raise HashingBusy
    try:
        if not _hashing.acquire(timeout=LONGEST_WAIT):
            raise HashingBusy
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _waiting.release()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _too_many_bytes(password: str) -> bool:
    """Whether a text is too long to look at: to normalise costs more than its length."""
    return len(password.encode(errors="replace")) > LONGEST_BYTES


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
