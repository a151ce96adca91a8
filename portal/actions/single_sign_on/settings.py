"""An organisation's OpenID provider: saved, tried, switched on and off."""

from dataclasses import dataclass
from typing import Final

from portal.actions.accounts.people import PeopleError
from portal.actions.audit import record
from portal.actions.single_sign_on.provider import (
    Client,
    Deadline,
    Endpoints,
    ProviderError,
    discover,
    parse_issuer,
    read_keys,
    try_client,
)
from portal.actions.single_sign_on.waiting import waiting
from portal.actions.sync.credentials import UnreadableCredential, Use, open_sealed, seal
from portal.db import end_read, session, write
from portal.domain.audit import Action
from portal.domain.people import Role
from portal.domain.texts import InvalidValue, one_line
from portal.live.publish import announce_sign_outs
from portal.models import Organisation, SingleSignOn
from portal.models.base import utc_now
from portal.store.accounts import single_sign_on as store
from portal.store.accounts.factors import authenticator_of
from portal.store.people import lock_organisation, membership_of, organisation_by_slug

LONGEST_ID: Final = 255
LONGEST_SECRET: Final = 1000
NOT_SET_UP: Final = "Set up the provider first."


class FieldError(PeopleError):
    """A value that cannot be kept; ``field`` names it."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


@dataclass(frozen=True, slots=True)
class Access:
    """Who gets in by single sign-on, and whether by nothing else."""

    is_on: bool
    creates_members: bool
    role: Role
    is_required: bool


def owner_of_secret(organisation_id: int) -> str:
    """Return what a client secret is bound to."""
    return f"provider of organisation {organisation_id}"


def client_of(held: SingleSignOn, redirect_uri: str) -> Client:
    """Return what the portal is known by at a provider. Raises ``ProviderError``."""
    try:
        secret = open_sealed(
            owner_of_secret(held.organisation_id), held.client_secret_ciphertext, Use.PROVIDER_SECRET
        )
    except UnreadableCredential:
        raise ProviderError("The stored client secret cannot be read. Enter it again.") from None
    return Client(held.client_id, secret, redirect_uri)


def save(organisation_id: int, issuer: str, client_id: str, client_secret: str) -> None:
    """Keep a provider, once its discovery document is read; an empty secret keeps the present one.

    Another issuer or client is another provider: its sign-ins end, and whom it named is forgotten.
    Raises ``FieldError``.
    """
    named, wanted_id, secret = _typed(organisation_id, issuer, client_id, client_secret)
    end_read()  # nothing is held while the provider is asked
    try:
        with waiting(organisation_id):
            endpoints = discover(named, Deadline())
    except ProviderError as error:
        raise FieldError("issuer", str(error)) from None
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.single_sign_on_of(organisation_id)
        _refuse_sharing(held, named, wanted_id, secret)  # another admin may have changed it meanwhile
        if held is None:
            held = SingleSignOn(organisation_id=organisation_id, role=Role.MEMBER)
            session().add(held)
        elif (held.issuer.rstrip("/"), held.client_id) != (named, wanted_id):
            store.end_sign_ins_through(organisation_id)
            store.forget_identities(organisation_id)
        elif held.issuer != endpoints.issuer:
            store.rename_issuer(organisation_id, endpoints.issuer)
        held.issuer, held.client_id = endpoints.issuer, wanted_id
        held.endpoints, held.read_at = endpoints.as_json(), utc_now()
        if secret:
            sealed = seal(owner_of_secret(organisation_id), secret, Use.PROVIDER_SECRET)
            held.client_secret_ciphertext = sealed
        record(organisation_id, Action.PROVIDER_SAVED, f"{endpoints.issuer} as {wanted_id}")
    announce_sign_outs()


def _typed(organisation_id: int, issuer: str, client_id: str, secret: str) -> tuple[str, str, str]:
    """Return what was typed as it is kept. Raises ``FieldError``."""
    try:
        named = parse_issuer(issuer)
    except InvalidValue as error:
        raise FieldError("issuer", str(error).replace("/hooks/jobs", "")) from None
    try:
        wanted_id = one_line(client_id, LONGEST_ID)
    except InvalidValue as error:
        raise FieldError("client_id", str(error)) from None
    if not wanted_id:
        raise FieldError("client_id", "Enter the client ID.")
    secret = secret.strip()
    if len(secret) > LONGEST_SECRET or not secret.isprintable():
        raise FieldError("client_secret", "This is no client secret.")
    _refuse_sharing(store.single_sign_on_of(organisation_id), named, wanted_id, secret)
    return named, wanted_id, secret


def _refuse_sharing(held: SingleSignOn | None, issuer: str, client_id: str, secret: str) -> None:
    """Raise ``FieldError`` where the present secret would be sent to whomever another issuer names."""
    is_other = held is None or (held.issuer.rstrip("/"), held.client_id) != (issuer, client_id)
    if is_other and not secret:
        raise FieldError("client_secret", "Enter the client secret.")


def try_out(organisation_id: int, redirect_uri: str) -> None:
    """Read the provider's document and keys, and ask whether it knows the client; keep what it says now.

    Raises ``ProviderError``, which says what is wrong.
    """
    held = store.single_sign_on_of(organisation_id)
    if held is None:
        raise ProviderError(NOT_SET_UP)
    client, issuer, deadline = client_of(held, redirect_uri), held.issuer, Deadline()
    end_read()
    with waiting(organisation_id):
        endpoints = discover(issuer.rstrip("/"), deadline)
        if not read_keys(endpoints, deadline):
            raise ProviderError("The provider publishes no keys, so no token of it can be verified.")
        try_client(endpoints, client, deadline)
    keep_endpoints(organisation_id, endpoints)


def keep_endpoints(organisation_id: int, endpoints: Endpoints) -> None:
    """Keep what a provider says now, unless another was set up meanwhile.

    With a slash at the end of its name, or without it, it knows the same people.
    """
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.single_sign_on_of(organisation_id)
        if held is not None and held.issuer.rstrip("/") == endpoints.issuer.rstrip("/"):
            if held.issuer != endpoints.issuer:
                held.issuer = endpoints.issuer
                store.rename_issuer(organisation_id, endpoints.issuer)
            held.endpoints, held.read_at = endpoints.as_json(), utc_now()


def change_access(organisation_id: int, access: Access, by_id: int) -> None:
    """Switch single sign-on on or off, and say for whom. Raises ``PeopleError``.

    Nobody else gets in once it is required, so whoever requires it has come in by it, and has two-step
    sign-in, by which they come in when the provider is away.
    """
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.single_sign_on_of(organisation_id)
        if held is None:
            raise PeopleError(NOT_SET_UP)
        organisation = session().get_one(Organisation, organisation_id, populate_existing=True)
        is_required = access.is_required and access.is_on
        if access.is_on and not any(each.proved_at for each in store.domains_of(organisation_id)):
            raise PeopleError("Prove a domain first: people are told by it where they sign in.")
        if is_required and not organisation.requires_single_sign_on:
            _refuse_lockout(organisation_id, by_id)
        if held.is_on and not access.is_on:
            store.end_sign_ins_through(organisation_id)
        held.is_on, held.creates_members, held.role = access.is_on, access.creates_members, access.role
        organisation.requires_single_sign_on = is_required
        record(organisation_id, Action.PROVIDER_ACCESS, _in_words(held, is_required=is_required))
    announce_sign_outs()


def _refuse_lockout(organisation_id: int, by_id: int) -> None:
    membership = membership_of(organisation_id, by_id)
    if membership is None or store.identity_of_member(membership.id) is None:
        raise PeopleError("Sign in by single sign-on once yourself before you require it of everybody.")
    if authenticator_of(by_id) is None:
        raise PeopleError(
            "Set up two-step sign-in for your own account first: it lets you in when the provider is away."
        )


def _in_words(held: SingleSignOn, *, is_required: bool) -> str:
    if not held.is_on:
        return "off"
    who = f"new people become {held.role}s" if held.creates_members else "members only"
    return f"on, {who}{', required of everybody' if is_required else ''}"


def disconnect(organisation_id: int) -> None:
    """Forget the provider, its secret, and whom it named; its sign-ins end."""
    with write(owner=organisation_id):
        lock_organisation(organisation_id)
        held = store.single_sign_on_of(organisation_id)
        if held is None:
            return
        record(organisation_id, Action.PROVIDER_DELETED, held.issuer)
        store.end_sign_ins_through(organisation_id)
        store.forget_identities(organisation_id)
        session().get_one(Organisation, organisation_id).requires_single_sign_on = False
        store.delete_provider(organisation_id)
    announce_sign_outs()


def require_no_longer(slug: str) -> None:
    """Let an organisation's people sign in by password again: for when its provider is away.

    Raises ``PeopleError``.
    """
    organisation = organisation_by_slug(slug)
    if organisation is None:
        raise PeopleError(f"There is no organisation at “{slug}”.")
    with write(owner=organisation.id):
        lock_organisation(organisation.id)
        session().get_one(Organisation, organisation.id).requires_single_sign_on = False
        record(organisation.id, Action.PROVIDER_ACCESS, "required no longer")
    announce_sign_outs()
