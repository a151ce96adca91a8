"""Passkeys (WebAuthn): added to an account, and signed in with, alone or as the second step.

Each challenge is stored by its hash, for five minutes, and used up by the first answer, right or wrong.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal.actions.accounts.account import check_own_password
from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.second_step import pending_sign_in
from portal.actions.accounts.sign_in import SignInContext, begin_sign_in, hash_token
from portal.actions.audit import record_everywhere
from portal.config import current_settings
from portal.db import end_read, session, write
from portal.domain.accounts import letters
from portal.domain.accounts.sign_ins import Means
from portal.domain.audit import Action
from portal.domain.people import LinkKind, clean_name
from portal.models import Passkey, User
from portal.models.base import utc_now
from portal.store.accounts import factors, links, passkeys
from portal.store.people import SignIn

MOST: Final = 20
LONGEST_ANSWER: Final = 20_000
LONGEST_NAME: Final = 80
LONGEST_ID: Final = 1023  # bytes, as WebAuthn has it
MILLISECONDS: Final = 5 * 60 * 1000

log = structlog.get_logger()


class PasskeyRefused(PeopleError):
    """What a browser sent is no passkey of this site and account, or came too late."""

    def __init__(self) -> None:
        super().__init__("That did not work: the passkey is not known here, or it took too long. Try again.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is to be asked, as JSON, and the challenge in it, which the browser's session keeps."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Site:
    """Whom passkeys are made for: ``rp_id`` is the host's name, ``origin`` the address without a path."""

    rp_id: str
    origin: str


def site_at(address: str) -> Site:
    """Return the site at an address; a port that its scheme implies is left out, as browsers do."""
    parts = urlsplit(address)
    host, usual = parts.hostname or "", {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return Site(host, f"{parts.scheme}://{host}{port}")


def ask_for_new(signed_in: SignIn, password: str, site: Site) -> Asked:
    """Return what makes a passkey, to who knows the password. Raises ``PeopleError`` and ``HashingBusy``."""
    check_own_password(signed_in.user_id, password)
    held = passkeys.passkeys_of(signed_in.user_id)
    if len(held) >= MOST:
        raise PeopleError(f"No more than {MOST} passkeys can be kept. Remove one first.")
    user = session().get_one(User, signed_in.user_id)
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=current_settings().site_name,
        user_name=user.email,
        user_display_name=user.name or user.email,
        user_id=_handle(user),
        timeout=MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in held
        ],
    )
    return _asked(options_to_json(options), options.challenge, LinkKind.PASSKEY_NEW, user.id)


def ask_to_sign_in(site: Site) -> Asked:
    """Return what has a browser offer the passkeys that it has for this site."""
    options = generate_authentication_options(
        rp_id=site.rp_id, timeout=MILLISECONDS, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(options_to_json(options), options.challenge, LinkKind.PASSKEY, None)


def add(signed_in: SignIn, challenge: str, answer: str, name: str, site: Site) -> str:
    """Add the passkey that a browser has made; return its name. Raises ``PeopleError``."""
    now = utc_now()
    _take(LinkKind.PASSKEY_NEW, challenge, signed_in.user_id)
    made = _verify_new(challenge, answer, site)
    if len(made.credential_id) > LONGEST_ID:
        raise PasskeyRefused
    name = clean_name(name)[:LONGEST_NAME] or "Passkey"
    try:
        with write() as writing:
            user = factors.lock_user(signed_in.user_id)
            if user is None or user.disabled_at or len(passkeys.passkeys_of(user.id)) >= MOST:
                raise PasskeyRefused
            writing.add(
                Passkey(
                    user_id=user.id,
                    credential_id=bytes_to_base64url(made.credential_id),
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    name=name,
                    created_at=now,
                )
            )
            add_letter(letters.passkey_added(name, address_of("/account"), now), user.email, now)
            record_everywhere(user.id, Action.PASSKEY_ADDED, name)
    except IntegrityError:  # it is somebody's already
        raise PasskeyRefused from None
    return name


def remove(signed_in: SignIn, passkey_id: int, password: str) -> None:
    """Remove a passkey. Raises ``PeopleError`` and ``HashingBusy``."""
    check_own_password(signed_in.user_id, password)
    now = utc_now()
    with write():
        held = {each.id: each.name for each in passkeys.passkeys_of(signed_in.user_id)}
        if not passkeys.delete_passkey(signed_in.user_id, passkey_id):
            raise PeopleError("This passkey is removed already.")
        letter = letters.passkey_removed(held[passkey_id], address_of("/account"), now)
        add_letter(letter, signed_in.email, now)
        record_everywhere(signed_in.user_id, Action.PASSKEY_REMOVED)


def sign_in_with_passkey(
    challenge: str,
    answer: str,
    site: Site,
    pending: str | None,
    sign_in_context: Callable[[str], SignInContext],
) -> tuple[str, str]:
    """Return the token of a new sign-in, and whose address it is. Raises ``PeopleError``.

    ``pending`` is the token of a sign-in that waits for its second step: its person's passkey finishes it.
    """
    now = utc_now()
    _take(LinkKind.PASSKEY, challenge, None)
    passkey = passkeys.passkey_of(_credential_id(answer))
    if passkey is None:
        raise PasskeyRefused
    user = session().get_one(User, passkey.user_id)
    passkey_id, user_id, seen = passkey.id, user.id, passkey.sign_count
    used = _verify(challenge, answer, site, passkey, user)
    context = sign_in_context(user.email)
    end_read()
    with write():
        locked = factors.lock_user(user_id)
        if locked is None or locked.disabled_at or not _is_pending_sign_in_of(pending, user_id, now):
            raise PasskeyRefused
        if not passkeys.note_use(passkey_id, seen, used.new_sign_count, now):
            raise PasskeyRefused
        means = Means.PASSWORD_AND_PASSKEY if pending else Means.PASSKEY
        return begin_sign_in(locked, context, now, means), locked.email


def _is_pending_sign_in_of(token: str | None, user_id: int, now: datetime) -> bool:
    """Whether what waits for a second step, if anything does, waits for this person; it is used up."""
    if not token:
        return True
    pending = pending_sign_in(token, now)
    return pending.user_id == user_id and links.use_link(pending.id)


def _asked(options: str, challenge: bytes, kind: LinkKind, user_id: int | None) -> Asked:
    text = bytes_to_base64url(challenge)
    with write():
        links.add_link(kind, hash_token(text), utc_now(), user_id=user_id)
    return Asked(options, text)


def _take(kind: LinkKind, challenge: str, user_id: int | None) -> None:
    """Use a challenge up, whatever becomes of its answer."""
    with write():
        asked = links.link_of(kind, hash_token(challenge), utc_now())
        if asked is None or asked.user_id != user_id or not links.use_link(asked.id):
            raise PasskeyRefused


def _verify_new(challenge: str, answer: str, site: Site) -> VerifiedRegistration:
    try:
        return verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:  # the parsers of the library raise whatever a hostile answer leads to
        raise _refused(error) from None


def _verify(challenge: str, answer: str, site: Site, passkey: Passkey, user: User) -> VerifiedAuthentication:
    try:
        content = _parsed(answer)
        named = content["response"].get("userHandle")
        if named is not None and base64url_to_bytes(named) != _handle(user):
            raise PasskeyRefused
        return verify_authentication_response(
            credential=content,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise _refused(error) from None


def _refused(error: Exception) -> PasskeyRefused:
    log.info("passkey_refused", cause=type(error).__name__)
    return PasskeyRefused()


def _credential_id(answer: str) -> str:
    with suppress(PasskeyRefused):
        named = _parsed(answer).get("id")
        if isinstance(named, str) and named.isascii() and named.isprintable():
            return named
    return ""


def _parsed(answer: str) -> dict[str, Any]:
    try:
        content = json.loads(answer[: LONGEST_ANSWER + 1]) if len(answer) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise PasskeyRefused
    return content


def _handle(user: User) -> bytes:
    """Return what devices know a person by: it says nothing of them, and stays the same."""
    return sha256(f"passkeys of user {user.id} since {user.created_at.isoformat()}".encode()).digest()
