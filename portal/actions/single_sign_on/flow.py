"""Signing in through an organisation's provider: sent there, back with a code, into that organisation alone.

What keeps a hostile provider from anything else (its admins could vouch for everybody):

* the address it names must lie in a domain that is proved to be its organisation's, and be verified;
* the sign-in hangs on the membership there and reaches nothing else, the account itself included;
* after the first time a person is known by the provider's own name for them, not by the address, so that
  who is given a former colleague's address is not that colleague.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from portal.actions.accounts.mails import add_letter, address_of
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import TOKEN_BYTES, SignInContext, begin_sign_in, hash_token
from portal.actions.audit import record
from portal.actions.single_sign_on.id_tokens import Vouched, verified_claims, vouched_by
from portal.actions.single_sign_on.provider import (
    Client,
    Deadline,
    Endpoints,
    ProviderError,
    discover,
    exchange,
    read_keys,
    read_userinfo,
    sign_in_address,
)
from portal.actions.single_sign_on.settings import client_of, keep_endpoints
from portal.actions.single_sign_on.waiting import waiting
from portal.db import detached, end_read, session, write
from portal.domain.accounts import letters
from portal.domain.accounts.sign_ins import Means, provider_name
from portal.domain.audit import Action
from portal.domain.people import LinkKind
from portal.models import ExternalIdentity, Membership, SingleSignOn, User
from portal.models.base import utc_now
from portal.store import people
from portal.store.accounts import factors, links
from portal.store.accounts import single_sign_on as store
from portal.store.accounts.members import add_membership
from portal.store.people import lock_organisation

READ_ANEW: Final = timedelta(days=1)

log = structlog.get_logger()


class NotLetIn(PeopleError):
    """Somebody whom the provider vouches for, or does not, gets no sign-in: ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser that was sent to a provider keeps, and the ``address`` it was sent to."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back: the provider's code, who the provider says it is, and what was kept."""

    state: str
    code: str
    issuer: str | None
    error: str
    nonce: str
    verifier: str


def begin(held: SingleSignOn, redirect_uri: str, email: str = "") -> Begun:
    """Note that somebody is sent to a provider, and return where. Raises ``ProviderError``."""
    state, nonce, verifier = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
    endpoints, client = Endpoints.from_json(held.endpoints), client_of(held, redirect_uri)
    address = sign_in_address(endpoints, client, state, nonce, verifier, email)
    with write():
        columns = {"organisation_id": held.organisation_id}
        links.add_link(LinkKind.PROVIDER, hash_token(state), utc_now(), **columns)
    return Begun(address, state, nonce, verifier)


def finish(
    held: SingleSignOn, returned: Returned, redirect_uri: str, sign_in_context: Callable[[str], SignInContext]
) -> tuple[str, str]:
    """Return the token of a new sign-in in the organisation, and whose address it is.

    Raises ``NotLetIn`` and ``ProviderError``. Whatever becomes of it, what was begun is used up.
    """
    held = detached(held)  # it may be removed while it is asked
    _use_up(held.organisation_id, returned.state)
    vouched, issuer, client_id = _vouched(held, returned, redirect_uri)
    context = sign_in_context(vouched.email)
    end_read()
    try:
        with write(owner=held.organisation_id):
            lock_organisation(held.organisation_id)
            now = utc_now()
            provider = _unchanged(held.organisation_id, issuer, client_id)
            membership, user = _member(provider, vouched, now)
            named = provider_name(provider.issuer)
            means = Means.SINGLE_SIGN_ON
            return begin_sign_in(user, context, now, means, only=membership, provider=named), vouched.email
    except IntegrityError:  # an account of this address was made in another way at this moment
        raise NotLetIn("That did not work. Try again.") from None


def _use_up(organisation_id: int, state: str) -> None:
    with write():
        begun = links.link_of(LinkKind.PROVIDER, hash_token(state), utc_now())
        if begun is None or begun.organisation_id != organisation_id or not links.use_link(begun.id):
            raise NotLetIn("This sign-in took too long, or was used already. Try again.")


def _vouched(held: SingleSignOn, returned: Returned, redirect_uri: str) -> tuple[Vouched, str, str]:
    """Return whom the provider vouches for, and as which issuer and client it was asked."""
    organisation_id, client_id, read_at = held.organisation_id, held.client_id, held.read_at
    endpoints, client = Endpoints.from_json(held.endpoints), client_of(held, redirect_uri)
    _check_return(endpoints, returned)
    end_read()  # nothing is held while the provider is asked
    with waiting(organisation_id):
        deadline = Deadline()
        if utc_now() - read_at > READ_ANEW:
            endpoints = _read_anew(organisation_id, endpoints, deadline)
        return _asked(endpoints, client, returned, deadline), endpoints.issuer, client_id


def _check_return(endpoints: Endpoints, returned: Returned) -> None:
    """Refuse what another provider sent (RFC 9207), and say what the provider refused."""
    is_mixed_up = returned.issuer is not None and returned.issuer != endpoints.issuer
    if is_mixed_up or (returned.issuer is None and endpoints.names_itself):
        raise ProviderError("The answer is of another provider than the one that was asked.")
    if returned.error == "access_denied":
        raise NotLetIn("Your organisation’s sign-in did not let you in, or you stopped it there.")
    if returned.error or not returned.code:
        raise ProviderError(f"The provider refused{_shown(returned.error)}.")


def _shown(error: str) -> str:
    return f" ({error[:60]})" if error and error.isascii() and error.isprintable() else ""


def _read_anew(organisation_id: int, endpoints: Endpoints, deadline: Deadline) -> Endpoints:
    """Read the discovery document where it was read long ago; the former one does while it is away."""
    try:
        endpoints = discover(endpoints.issuer.rstrip("/"), deadline)
    except ProviderError:
        return endpoints
    keep_endpoints(organisation_id, endpoints)
    return endpoints


def _asked(endpoints: Endpoints, client: Client, returned: Returned, deadline: Deadline) -> Vouched:
    tokens = exchange(endpoints, client, returned.code, returned.verifier, deadline)
    keys = read_keys(endpoints, deadline)
    now = int(utc_now().timestamp())
    claims = verified_claims(endpoints, keys, tokens, client.id, returned.nonce, now)
    more = {}
    if not claims.get("email") and endpoints.userinfo and tokens.access_token:
        more = read_userinfo(endpoints, tokens.access_token, deadline)
    return vouched_by(claims, more)


def _unchanged(organisation_id: int, issuer: str, client_id: str) -> SingleSignOn:
    """Return the provider, unless it was changed or switched off while it was asked."""
    held = store.single_sign_on_of(organisation_id)
    if held is None or not held.is_on or (held.issuer, held.client_id) != (issuer, client_id):
        raise NotLetIn("Single sign-on was changed a moment ago. Try again.")
    return held


def _member(held: SingleSignOn, vouched: Vouched, now: datetime) -> tuple[Membership, User]:
    """Return whom the provider means, in its organisation, within the caller's transaction."""
    organisation_id = held.organisation_id
    if not store.has_proved(organisation_id, vouched.domain):
        raise NotLetIn(
            f"The provider says that you are {vouched.email}. "
            f"{held.organisation.name} has not proved that domain."
        )
    known = store.identity_of(organisation_id, held.issuer, vouched.subject)
    if known is not None:
        return known.membership, _locked(known.membership.user_id)
    found = people.user_by_email(vouched.email)
    user = _locked(found.id) if found else None
    membership = people.membership_of(organisation_id, user.id) if user else None
    if membership is None:
        membership, user = _joined(held, vouched, user, now)
    elif user is not None:
        _greet(held, user, now)
    if user is None or store.identity_of_member(membership.id) is not None:
        raise NotLetIn(
            f"{vouched.email} is known here as somebody else’s at your provider. Ask an admin to remove "
            "that person and to let you join."
        )
    session().add(
        ExternalIdentity(
            membership_id=membership.id,
            organisation_id=organisation_id,
            issuer=held.issuer,
            subject=vouched.subject,
            created_at=now,
        )
    )
    return membership, user


def _locked(user_id: int) -> User:
    user = factors.lock_user(user_id)
    if user is None or user.disabled_at:
        raise NotLetIn("Your account is disabled. Ask an admin.")
    return user


def _joined(
    held: SingleSignOn, vouched: Vouched, user: User | None, now: datetime
) -> tuple[Membership, User]:
    """Add a membership for who is invited, or whom the organisation lets join by its provider."""
    organisation = held.organisation
    invitation = links.invitation_to(organisation.id, vouched.email, now)
    if invitation is None and not held.creates_members:
        raise NotLetIn(f"{vouched.email} is no member of {organisation.name}. Ask an admin to invite you.")
    role = (invitation.role if invitation else None) or held.role
    if user is None:
        user = User(email=vouched.email, name=vouched.name, password_hash="")
        session().add(user)
        session().flush()
    else:
        _greet(held, user, now)
    membership = add_membership(organisation.id, user, role)
    session().flush()
    about = f"{user.email} as {role}, by single sign-on"
    record(organisation.id, Action.JOINED, about, user_id=user.id)
    return membership, user


def _greet(held: SingleSignOn, user: User, now: datetime) -> None:
    """Tell somebody who has an account already that the organisation's provider signs them in, too."""
    letter = letters.provider_linked(held.organisation.name, address_of("/account"), now)
    add_letter(letter, user.email, now)
