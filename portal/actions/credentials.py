"""Secrets at rest: encrypted, and bound to the one connection and the one use they belong to."""

import json
from enum import StrEnum

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select

from portal.config import current_settings
from portal.domain.board_tokens import ApiKey
from portal.models import Connection
from portal.store.transactions import write

CIPHERTEXTS = ("api_key_ciphertext", "hook_secret_ciphertext")


class Use(StrEnum):
    """What a secret is for."""

    API_KEY = "api_key"
    HOOK_SECRET = "hook_secret"  # noqa: S105 - a name, not a secret


class UnreadableCredential(Exception):
    """No key of ``CREDENTIAL_KEYS`` opens the stored secret, or it belongs to another connection."""

    def __init__(self) -> None:
        super().__init__("The stored API key cannot be read. Enter it again under Greenhouse settings.")


class LostCredentialKey(Exception):
    """A stored secret was encrypted with a key that ``CREDENTIAL_KEYS`` does not hold (any more)."""

    def __init__(self) -> None:
        super().__init__(
            "No key of CREDENTIAL_KEYS opens what is stored, so nothing was changed. Put the new key in "
            "front of the old ones, run this again, and take the old ones away only then."
        )


def seal(public_key: str, secret: str, use: Use = Use.API_KEY) -> bytes:
    """Encrypt a secret with the newest key, for one use by the connection of this public key alone."""
    return _fernet().encrypt(json.dumps({"for": public_key, "use": use, "secret": secret}).encode())


def unseal(connection: Connection) -> ApiKey:
    """Return a connection's API key; raises ``UnreadableCredential``."""
    return ApiKey(open_sealed(connection.public_key, connection.api_key_ciphertext, Use.API_KEY))


def open_sealed(public_key: str, ciphertext: bytes, use: Use) -> str:
    """Return a sealed secret; raises ``UnreadableCredential`` where it was sealed for something else."""
    try:
        content = json.loads(_fernet().decrypt(ciphertext))
    except InvalidToken:
        raise UnreadableCredential from None
    if (content["for"], content["use"]) != (public_key, use):
        raise UnreadableCredential
    return str(content["secret"])


def rotate() -> int:
    """Encrypt every stored secret anew with the newest key; return for how many connections.

    Raises ``LostCredentialKey``, with nothing changed, where one cannot be opened.
    """
    fernet = _fernet()
    with write() as session:
        held = list(session.scalars(select(Connection).with_for_update()))
        for connection in held:
            for column in CIPHERTEXTS:
                if (ciphertext := getattr(connection, column)) is not None:
                    setattr(connection, column, _rotated(fernet, ciphertext))
            connection.old_hook_secrets = [
                old | {"sealed": _rotated(fernet, old["sealed"].encode()).decode()}
                for old in connection.old_hook_secrets
            ]
    return len(held)


def _rotated(fernet: MultiFernet, ciphertext: bytes) -> bytes:
    try:
        return fernet.rotate(ciphertext)
    except InvalidToken:
        raise LostCredentialKey from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_settings().credential_keys])
