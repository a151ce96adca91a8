"""Two-step sign-in: the codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import structlog
from pyotp.exceptions import OTPVerificationError

from portal.actions.accounts.account import WrongPassword, check_own_password
from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.people import PeopleError, normal_email
from portal.actions.accounts.sign_in import hash_token
from portal.actions.audit import record, record_everywhere
from portal.actions.sync.credentials import UnreadableCredential, Use, open_sealed, seal
from portal.config import current_settings
from portal.db import write
from portal.domain.accounts import letters
from portal.domain.audit import Action
from portal.live.publish import announce_sign_outs
from portal.models import Authenticator, Organisation, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import factors
from portal.store.people import SignIn, lock_organisation

DRIFT: Final = 1
"""Time steps of 30 seconds by which the clock of a phone may be wrong."""
SETUP_SECONDS: Final = 30 * 60
CODES: Final = 10
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for something else when it is written down."""
CODE_LENGTH: Final = 16
"""79 bits: what is stored is a plain hash."""
GROUP: Final = 4
IS_ON: Final = "Two-step sign-in is on already."
IS_OFF: Final = "Two-step sign-in is off."

log = structlog.get_logger()


class WrongCode(PeopleError):
    """A code that is not, or no longer, good."""

    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used already. Enter the one that the app shows now.")


class WrongProof(PeopleError):
    """Neither the password nor a code."""

    def __init__(self) -> None:
        super().__init__("This is neither your password nor a code that the app shows now.")


class SetupGone(PeopleError):
    """A key that was offered too long ago, or elsewhere."""

    def __init__(self) -> None:
        super().__init__("This took longer than half an hour. Begin again: the app needs another key.")


@dataclass(frozen=True, slots=True)
class Setup:
    """A key that is offered to an app. ``sealed`` is what the form brings back; ``uri`` is in the QR code."""

    sealed: str
    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class State:
    """Since when two-step sign-in is on, if it is, and how many recovery codes are left."""

    since: datetime | None
    codes: int


def state_of(user_id: int) -> State:
    """Return the state of somebody's two-step sign-in."""
    held = factors.authenticator_of(user_id)
    return State(held.created_at, factors.count_recovery_codes(user_id)) if held else State(None, 0)


def begin(signed_in: SignIn, password: str) -> Setup:
    """Offer a new key to who knows the password. Nothing is stored: the page brings it back, encrypted.

    Raises ``PeopleError`` and ``HashingBusy``.
    """
    check_own_password(signed_in.user_id, password)
    if factors.authenticator_of(signed_in.user_id):
        raise PeopleError(IS_ON)
    secret = pyotp.random_base32()
    return _setup(signed_in, seal(_offered_to(signed_in), secret, Use.AUTHENTICATOR_SETUP).decode(), secret)


def offered(signed_in: SignIn, sealed: str) -> Setup:
    """Return the key that was offered to this very sign-in. Raises ``SetupGone``."""
    try:
        secret = open_sealed(
            _offered_to(signed_in),
            sealed.encode(errors="replace"),
            Use.AUTHENTICATOR_SETUP,
            seconds=SETUP_SECONDS,
        )
    except UnreadableCredential:
        raise SetupGone from None
    return _setup(signed_in, sealed, secret)


def switch_on(signed_in: SignIn, setup: Setup, code: str) -> list[str]:
    """Switch it on for who shows that the app has the key; return the recovery codes, this once.

    Raises ``PeopleError``.
    """
    now = utc_now()
    step = step_of(setup.secret, code, now)
    if step is None:
        raise WrongCode
    codes = _new_codes()
    with write():
        user = _locked(signed_in.user_id)
        if factors.authenticator_of(user.id):
            raise PeopleError(IS_ON)
        factors.add_authenticator(user.id, seal(_owner(user.id), setup.secret, Use.AUTHENTICATOR), step, now)
        factors.replace_recovery_codes(user.id, [code_hash(user.id, each) for each in codes])
        add_letter(letters.two_step_on(address_of("/account"), now), user.email, now)
        record_everywhere(user.id, Action.TWO_STEP_ON)
    return codes


def renew_codes(signed_in: SignIn, proof: str) -> list[str]:
    """Return new recovery codes, this once; the former ones work no more.

    ``proof`` is the password or a code of the app. Raises ``PeopleError`` and ``HashingBusy``.
    """
    known, codes = _known(signed_in.user_id, proof), _new_codes()
    with write():
        user = _proved(signed_in.user_id, proof, known)
        if factors.authenticator_of(user.id) is None:
            raise PeopleError(IS_OFF)
        factors.replace_recovery_codes(user.id, [code_hash(user.id, each) for each in codes])
    return codes


def switch_off(signed_in: SignIn, proof: str) -> None:
    """Switch it off, with the recovery codes. Raises what ``renew_codes`` does."""
    known = _known(signed_in.user_id, proof)
    with write():
        _switch_off(_proved(signed_in.user_id, proof, known))
    announce_sign_outs()


def switch_off_of(email: str) -> None:
    """Switch it off for somebody who lost their phone and their codes. Raises ``PeopleError``."""
    email = normal_email(email)
    with write():
        user = people.user_by_email(email)
        if user is None:
            raise PeopleError(f"Nobody signs in with “{email}”.")
        _switch_off(_locked(user.id))
    announce_sign_outs()


def require(organisation_id: int, by_id: int, *, wanted: bool) -> None:
    """Let an organisation require it of its people, or no longer. Raises ``PeopleError``.

    Whoever switches it on has it on themselves: one admin at least must get in.
    """
    with write() as session:
        lock_organisation(organisation_id)
        if wanted and factors.authenticator_of(by_id) is None:
            raise PeopleError("Set up two-step sign-in for your own account first.")
        organisation = session.get_one(Organisation, organisation_id)
        if organisation.requires_two_step != wanted:
            organisation.requires_two_step = wanted
            action = Action.TWO_STEP_REQUIRED if wanted else Action.TWO_STEP_NOT_REQUIRED
            record(organisation_id, action, user_id=by_id)
    announce_sign_outs()


def _switch_off(user: User) -> None:
    if not factors.delete_authenticator(user.id):
        raise PeopleError(IS_OFF)
    now = utc_now()
    add_letter(letters.two_step_off(address_of("/forgot"), now), user.email, now)
    record_everywhere(user.id, Action.TWO_STEP_OFF, user.email)


def is_code(typed: str) -> bool:
    """Whether something typed can only be a code of the app: no password is as short."""
    return len(typed) == 6 and typed.isascii() and typed.isdigit()


def use_code(user_id: int, typed: str, now: datetime) -> bool:
    """Use up a code of the app within the caller's transaction; ``False`` where it is not good."""
    held = factors.authenticator_of(user_id)
    step = step_of(_secret_of(held), typed, now) if held else None
    return step is not None and factors.use_time_step(user_id, step, _step_at(now) + DRIFT)


def use_recovery_code(user: User, typed: str, now: datetime) -> bool:
    """Use up a recovery code within the caller's transaction, and mail about it; ``False`` for any other."""
    if not factors.delete_recovery_code(user.id, code_hash(user.id, typed)):
        return False
    left = factors.count_recovery_codes(user.id)
    add_letter(letters.recovery_code_used(left, address_of("/account/two-step"), now), user.email, now)
    return True


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, if it is one of those around the present."""
    if not secret or not is_code(code := "".join(code.split())):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=DRIFT)
    except OTPVerificationError:
        return None


def code_hash(user_id: int, typed: str) -> str:
    """Return what the database knows a recovery code by, however it is spelled."""
    plain = "".join(each for each in typed[:200].lower() if each.isalnum())
    return hash_token(f"{user_id} {plain}")


def _step_at(now: datetime) -> int:
    return int(now.timestamp()) // 30


def _new_codes() -> list[str]:
    return [_new_code() for _ in range(CODES)]


def _new_code() -> str:
    letters_ = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters_[at : at + GROUP] for at in range(0, CODE_LENGTH, GROUP))


def _secret_of(held: Authenticator) -> str:
    try:
        return open_sealed(_owner(held.user_id), held.secret_ciphertext, Use.AUTHENTICATOR)
    except UnreadableCredential:
        log.warning("authenticator_unreadable", user=held.user_id)
        return ""


def _owner(user_id: int) -> str:
    return f"user {user_id}"


def _offered_to(signed_in: SignIn) -> str:
    return f"sign-in {signed_in.id} of user {signed_in.user_id}"


def _setup(signed_in: SignIn, sealed: str, secret: str) -> Setup:
    uri = pyotp.TOTP(secret).provisioning_uri(name=signed_in.email, issuer_name=current_settings().site_name)
    return Setup(sealed, secret, uri)


def _known(user_id: int, proof: str) -> str | None:
    """Return the hash that the proof matches as a password, or ``None`` where it can only be a code."""
    if is_code(proof.strip()):
        return None
    try:
        return check_own_password(user_id, proof)
    except WrongPassword:
        raise WrongProof from None


def _proved(user_id: int, proof: str, known: str | None) -> User:
    """Return the person, locked, whose password is still that, or whose code this is."""
    user = _locked(user_id)
    if user.password_hash != known if known else not use_code(user_id, proof.strip(), utc_now()):
        raise WrongProof
    return user


def _locked(user_id: int) -> User:
    user = factors.lock_user(user_id)
    if user is None or user.disabled_at:
        raise WrongProof
    return user
