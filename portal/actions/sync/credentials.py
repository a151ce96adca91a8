"""Encrypt secrets, each bound to its owner and its use, and rotate the keys that encrypt them."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.config import current_settings
from portal.db import write
from portal.domain.audit import Action
from portal.domain.sync.board_tokens import ApiKey
from portal.models import Authenticator, Connection, SingleSignOn, WebhookEndpoint
from portal.models.base import Json, has_passed, utc_now
from portal.store.accounts.factors import every_authenticator
from portal.store.accounts.single_sign_on import every_provider
from portal.store.connections import locked_connection
from portal.store.outgoing.endpoints import every_endpoint


class Use(StrEnum):
    """What a secret is for."""

    API_KEY = "api_key"
    HOOK_SECRET = "hook_secret"  # noqa: S105 - a name, not a secret
    RECEIVER_SECRET = "receiver_secret"  # noqa: S105 - a name, not a secret
    RECEIVER_ADDRESS = "receiver_address"
    AUTHENTICATOR = "authenticator"
    AUTHENTICATOR_SETUP = "authenticator_setup"
    PROVIDER_SECRET = "provider_secret"  # noqa: S105 - a name, not a secret


class UnreadableCredential(Exception):
    """No key of ``CREDENTIAL_KEYS`` opens the stored secret, or it belongs to another connection."""

    def __init__(self) -> None:
        super().__init__("The stored API key cannot be read. Enter it again under Greenhouse settings.")


CIPHERTEXTS = {Use.API_KEY: "api_key_ciphertext", Use.HOOK_SECRET: "hook_secret_ciphertext"}
NAMES = {Use.API_KEY: "API key", Use.HOOK_SECRET: "webhook secret"}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What rotating came to: ``connections`` and receivers of webhooks that are under the newest key.

    ``unreadable`` names the secrets that no key opens, which stay as they are.
    """

    connections: int
    unreadable: tuple[str, ...]


def seal(public_key: str, secret: str, use: Use = Use.API_KEY) -> bytes:
    """Encrypt a secret with the newest key, for one use by the connection of this public key alone."""
    return cipher().encrypt(json.dumps({"for": public_key, "use": use, "secret": secret}).encode())


def unseal(connection: Connection) -> ApiKey:
    """Return a connection's API key; raises ``UnreadableCredential``."""
    return ApiKey(open_sealed(connection.public_key, connection.api_key_ciphertext, Use.API_KEY))


def open_sealed(public_key: str, ciphertext: bytes, use: Use, *, seconds: int | None = None) -> str:
    """Return a sealed secret, of the last ``seconds`` only where they are given.

    Raises ``UnreadableCredential`` where it was sealed for something else.
    """
    try:
        content = json.loads(cipher().decrypt(ciphertext, seconds))
    except InvalidToken:
        raise UnreadableCredential from None
    if (content["for"], content["use"]) != (public_key, use):
        raise UnreadableCredential
    return str(content["secret"])


def is_readable(connection: Connection, use: Use) -> bool:
    """Whether a key of ``CREDENTIAL_KEYS`` opens this secret, if the connection has one."""
    ciphertext = getattr(connection, CIPHERTEXTS[use])
    try:
        return ciphertext is None or bool(open_sealed(connection.public_key, ciphertext, use))
    except UnreadableCredential:
        return False


def rotate() -> Rotation:
    """Encrypt every stored secret anew with the newest key; what no key opens is left and named."""
    fernet, now = cipher(), utc_now()
    unreadable: list[str] = []
    with write() as session:
        held = list(session.scalars(select(Connection).with_for_update()))
        whole = sum(_rotate(fernet, connection, now, unreadable) for connection in held)
        whole += sum(_rotate_receiver(fernet, each, now, unreadable) for each in every_endpoint())
        whole += sum(_rotate_authenticator(fernet, each, unreadable) for each in every_authenticator())
        whole += sum(_rotate_provider(fernet, each, unreadable) for each in every_provider())
    return Rotation(whole, tuple(unreadable))


def _rotate(fernet: MultiFernet, connection: Connection, now: datetime, unreadable: list[str]) -> bool:
    """Encrypt one connection's secrets anew; add to ``unreadable`` what could not be."""
    lost: set[str] = set()
    for use, column in CIPHERTEXTS.items():
        try:
            if (ciphertext := getattr(connection, column)) is not None:
                setattr(connection, column, fernet.rotate(ciphertext))
        except InvalidToken:
            lost.add(NAMES[use])
    connection.old_hook_secrets = _rotated(fernet, connection.old_hook_secrets, now, lost)
    organisation = connection.organisation
    unreadable += [f"{organisation.name} ({organisation.slug}): {name}" for name in sorted(lost)]
    return not lost


def _rotate_receiver(
    fernet: MultiFernet, endpoint: WebhookEndpoint, now: datetime, unreadable: list[str]
) -> bool:
    """Encrypt a receiver's secrets anew; add to ``unreadable`` what could not be."""
    lost: set[str] = set()
    for column, name in (("secret_ciphertext", "signing secret"), ("address_ciphertext", "address")):
        try:
            setattr(endpoint, column, fernet.rotate(getattr(endpoint, column)))
        except InvalidToken:
            lost.add(name)
    endpoint.old_secrets = _rotated(fernet, endpoint.old_secrets, now, lost)
    unreadable += [f"webhook {endpoint.name} (number {endpoint.id}): {name}" for name in sorted(lost)]
    return not lost


def _rotate_authenticator(fernet: MultiFernet, held: Authenticator, unreadable: list[str]) -> bool:
    """Encrypt the secret of somebody's authenticator app anew; add to ``unreadable`` what could not be."""
    try:
        held.secret_ciphertext = fernet.rotate(held.secret_ciphertext)
    except InvalidToken:
        unreadable.append(f"authenticator app of the person with number {held.user_id}")
        return False
    return True


def _rotate_provider(fernet: MultiFernet, held: SingleSignOn, unreadable: list[str]) -> bool:
    """Encrypt the client secret of a sign-in provider anew; add to ``unreadable`` what could not be."""
    try:
        held.client_secret_ciphertext = fernet.rotate(held.client_secret_ciphertext)
    except InvalidToken:
        unreadable.append(f"client secret of the organisation with number {held.organisation_id}")
        return False
    return True


def _rotated(fernet: MultiFernet, old: list[Json], now: datetime, lost: set[str]) -> list[Json]:
    """Encrypt old secrets anew. One that no key opens stays as long as it is good, and is ``lost``."""
    kept: list[Json] = []
    for each in old:
        try:
            kept.append(each | {"sealed": fernet.rotate(each["sealed"]).decode()})
        except InvalidToken:
            if datetime.fromisoformat(each["until"]) > now:  # nobody needs the others
                kept.append(each)
                lost.add("an older webhook secret")
    return kept


def cipher() -> MultiFernet:
    """Return what encrypts with the newest of ``CREDENTIAL_KEYS`` and opens with any of them."""
    return MultiFernet([Fernet(key) for key in current_settings().credential_keys])


SECRET_OVERLAP = timedelta(days=1)
"""How long a replaced secret of webhooks is good beside the new one."""
MOST_OLD_ONES = 4


def make_hook_secret(connection: Connection, seen_set_at: datetime | None) -> str | None:
    """Make a new secret and return it: this is the only time that it is told.

    Those before stay good for a day each. ``seen_set_at`` is when the secret was set that the asker saw:
    ``None`` is returned, and nothing made, where there is a newer one (a page sent twice must not undo
    what was just copied to Greenhouse). Raises ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    secret = secrets.token_urlsafe(32)
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        if held.hook_secret_set_at != seen_set_at:
            return None
        held.old_hook_secrets = _with_replaced(held, change.now)
        held.hook_secret_ciphertext = seal(held.public_key, secret, Use.HOOK_SECRET)
        held.hook_secret_set_at = change.now
        record(organisation_id, Action.HOOK_SECRET_MADE)
        change.raise_revision()
    return secret


def valid_secrets(connection: Connection, now: datetime) -> list[bytes]:
    """Return the sealed secrets that may sign now, the newest first."""
    newest = [connection.hook_secret_ciphertext] if connection.hook_secret_ciphertext else []
    old = unexpired(connection.old_hook_secrets, now)
    return newest + [each["sealed"].encode() for each in reversed(old)]


def old_secrets_end(connection: Connection, now: datetime) -> list[datetime]:
    """Return when each of the old secrets that still work stops working, the first to stop first."""
    return [datetime.fromisoformat(each["until"]) for each in unexpired(connection.old_hook_secrets, now)]


def unexpired(old_secrets: list[Json], now: datetime) -> list[Json]:
    """Return the old secrets that are still good, in their order."""

    def is_over(until: str) -> bool:
        return has_passed(datetime.fromisoformat(until), now, 2 * SECRET_OVERLAP)

    return [each for each in old_secrets if not is_over(each["until"])]


def _with_replaced(held: Connection, now: datetime) -> list[Json]:
    """The old secrets and the present one. Of too many the first stays, which Greenhouse may still have."""
    old = unexpired(held.old_hook_secrets, now)
    if held.hook_secret_ciphertext:
        until = (now + SECRET_OVERLAP).isoformat()
        old.append({"sealed": held.hook_secret_ciphertext.decode(), "until": until})
    return old if len(old) <= MOST_OLD_ONES else [old[0], *old[1 - MOST_OLD_ONES :]]
