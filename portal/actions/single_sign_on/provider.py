"""An OpenID provider (OpenID Connect Core, code flow): its discovery, and what it says of who signs in."""

from base64 import b64encode
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url

from portal.boards.providers import ProviderSilent, Reply, ask_provider
from portal.config import current_settings
from portal.domain.outgoing.addresses import parse_receiver
from portal.domain.texts import InvalidValue

SECONDS: Final = 5.0
SECONDS_IN_ALL: Final = 10.0
SIGNED_BY: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Algorithms with a public key: neither ``none`` nor one with a shared secret is ever taken."""
SCOPE: Final = "openid email profile"
WELL_KNOWN: Final = "/.well-known/openid-configuration"
LONGEST_ISSUER: Final = 500


class ProviderError(Exception):
    """The provider cannot be used, or does not vouch: ``str()`` says why, fit for an admin."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a provider's discovery document says, as far as it is used."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    algorithms: tuple[str, ...]
    posts_secret: bool
    names_itself: bool

    def as_json(self) -> dict[str, Any]:
        """The values as they are kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Endpoints":
        """Return what was kept."""
        return cls(**{**kept, "algorithms": tuple(kept["algorithms"])})


@dataclass(frozen=True, slots=True)
class Client:
    """What the portal is known by at a provider."""

    id: str
    secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave for a code."""

    id_token: str
    access_token: str


class Deadline:
    """What one sign-in may take in all, so that a slow provider holds nobody's thread for long."""

    def __init__(self) -> None:
        self._ends = monotonic() + SECONDS_IN_ALL

    def ask(self, url: str, **more: Any) -> Reply:
        """Ask the provider within what is left. Raises ``ProviderSilent``."""
        left = self._ends - monotonic()
        if left <= 0:
            raise ProviderSilent("It did not answer in time.")
        settings = current_settings()
        private = settings.providers_at_private_addresses
        return ask_provider(
            url, min(SECONDS, left), private=private, ca_bundle=settings.requests_ca_bundle, **more
        )


def parse_issuer(typed: str) -> str:
    """Return an issuer's address, that of its discovery document taken too; raises ``InvalidValue``."""
    address = parse_receiver(typed, private=current_settings().providers_at_private_addresses)
    address = address.partition("?")[0].removesuffix(WELL_KNOWN).rstrip("/")
    if len(address) > LONGEST_ISSUER:
        raise InvalidValue("The address is too long.")
    return address


def discover(issuer: str, deadline: Deadline) -> Endpoints:
    """Read an issuer's discovery document. Raises ``ProviderError``.

    It must be the document of that very issuer: what it says later in its tokens is compared with that.
    """
    where = "The discovery document"
    try:
        reply = deadline.ask(get_well_known_url(issuer, external=True))
    except ProviderSilent as error:
        raise ProviderError(f"{where} could not be read. {error}") from None
    said = reply.content
    if not reply.is_good or not isinstance(said, dict):
        raise ProviderError(
            f"{where} could not be read: {issuer}{WELL_KNOWN} answered {reply.code}"
            f"{'' if isinstance(said, dict) else ', without JSON'}. Check the address of the issuer."
        )
    named = said.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer or len(named) > LONGEST_ISSUER:
        shown = named[:200] if isinstance(named, str) else "none"
        raise ProviderError(f"{where} is of another issuer ({shown}). Enter that one, if you trust it.")
    return Endpoints(
        issuer=named,
        authorization=_endpoint(said, "authorization_endpoint"),
        token=_endpoint(said, "token_endpoint"),
        keys=_endpoint(said, "jwks_uri"),
        userinfo=_endpoint(said, "userinfo_endpoint") if said.get("userinfo_endpoint") else "",
        algorithms=_algorithms(said),
        posts_secret=_posts_secret(said),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(said: dict[str, Any], name: str) -> str:
    private = current_settings().providers_at_private_addresses
    try:
        return parse_receiver(str(said.get(name) or ""), private=private)
    except InvalidValue:
        raise ProviderError(f"The discovery document names no usable {name}.") from None


def _list(said: dict[str, Any], name: str, default: str) -> list[Any]:
    found = said.get(name, [default])
    return found if isinstance(found, list) else []


def _algorithms(said: dict[str, Any]) -> tuple[str, ...]:
    offered = _list(said, "id_token_signing_alg_values_supported", "RS256")
    found = tuple(each for each in SIGNED_BY if each in offered)
    if not found:
        raise ProviderError("The provider signs its tokens with no public key (RS256, ES256 or the like).")
    return found


def _posts_secret(said: dict[str, Any]) -> bool:
    methods = _list(said, "token_endpoint_auth_methods_supported", "client_secret_basic")
    if "client_secret_basic" in methods:
        return False
    if "client_secret_post" in methods:
        return True
    raise ProviderError("The provider takes no client secret (client_secret_basic or client_secret_post).")


def sign_in_address(
    endpoints: Endpoints, client: Client, state: str, nonce: str, verifier: str, email: str = ""
) -> str:
    """Return where somebody is sent to sign in; the provider may fill in their address."""
    address: str = prepare_grant_uri(
        endpoints.authorization,
        client.id,
        "code",
        redirect_uri=client.redirect_uri,
        scope=SCOPE,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
        code_challenge_method="S256",
        login_hint=email or None,
    )
    return address


def exchange(endpoints: Endpoints, client: Client, code: str, verifier: str, deadline: Deadline) -> Tokens:
    """Return what a provider gives for a code. Raises ``ProviderError``."""
    reply = _token_request(endpoints, client, code, verifier, deadline)
    said = reply.content if isinstance(reply.content, dict) else {}
    tokens = said.get("id_token"), said.get("access_token", "")
    if not reply.is_good:
        raise ProviderError(_refusal(reply))
    if not isinstance(tokens[0], str) or not isinstance(tokens[1], str):
        raise ProviderError("The provider sent no ID token.")
    return Tokens(tokens[0], tokens[1])


def try_client(endpoints: Endpoints, client: Client, deadline: Deadline) -> None:
    """Ask with a code that cannot be good: the answer tells whether the provider knows this client.

    Raises ``ProviderError``.
    """
    reply = _token_request(endpoints, client, "no-such-code", "x" * 43, deadline)
    if _error_of(reply) not in ("invalid_grant", "invalid_request"):
        raise ProviderError(_refusal(reply))


def _token_request(
    endpoints: Endpoints, client: Client, code: str, verifier: str, deadline: Deadline
) -> Reply:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {}
    if endpoints.posts_secret:
        form |= {"client_id": client.id, "client_secret": client.secret}
    else:  # encoded as RFC 6749, 2.3.1, has it
        pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    try:
        return deadline.ask(endpoints.token, form=urlencode(form).encode(), headers=headers)
    except ProviderSilent as error:
        raise ProviderError(f"The provider’s token address did not serve. {error}") from None


def _error_of(reply: Reply) -> str:
    said = reply.content.get("error") if isinstance(reply.content, dict) else None
    return said if isinstance(said, str) and said.isascii() and said.isprintable() else ""


def _refusal(reply: Reply) -> str:
    error = _error_of(reply)[:60]
    match error:
        case "invalid_client" | "unauthorized_client":
            return "The provider does not know this client: check client ID and client secret."
        case "invalid_grant":
            return "The provider refused the code: it was used, ran out, or is of another redirect address."
        case "redirect_uri_mismatch":
            return "The provider does not know this redirect address: add it there."
        case _:
            return f"The provider refused: its token address answered {reply.code}{error and f' ({error})'}."


def read_userinfo(endpoints: Endpoints, access_token: str, deadline: Deadline) -> dict[str, Any]:
    """Return what the provider says of who signed in, beside the ID token. Raises ``ProviderError``."""
    if not access_token.isascii() or not access_token.isprintable():
        raise ProviderError("The provider sent an access token that cannot be used.")
    try:
        headers = {"Authorization": f"Bearer {access_token}"}
        reply = deadline.ask(endpoints.userinfo, headers=headers)
    except ProviderSilent as error:
        raise ProviderError(f"The provider’s userinfo address did not serve. {error}") from None
    if not reply.is_good or not isinstance(reply.content, dict):
        raise ProviderError(f"The provider’s userinfo address answered {reply.code}, without what it knows.")
    return reply.content


def read_keys(endpoints: Endpoints, deadline: Deadline) -> list[Any]:
    """Return the provider's keys as they are at this moment: a key that was replaced signs no more.

    Raises ``ProviderError``.
    """
    try:
        reply = deadline.ask(endpoints.keys)
    except ProviderSilent as error:
        raise ProviderError(f"The provider’s keys could not be read. {error}") from None
    keys = reply.content.get("keys") if reply.is_good and isinstance(reply.content, dict) else None
    if not isinstance(keys, list):
        raise ProviderError(f"The provider’s keys could not be read: their address answered {reply.code}.")
    return keys
