"""ID tokens: verified by the provider's keys, and read for who signs in."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from portal.actions.single_sign_on.provider import SIGNED_BY, Endpoints, ProviderError, Tokens
from portal.domain.accounts.mail_domains import domain_of
from portal.domain.people import clean_name, is_email

LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ."""
LONGEST_SUBJECT: Final = 255
LONGEST_TOKEN: Final = 64 * 1024
MOST_KEYS: Final = 50
LEAST_RSA: Final = 2048
VERIFIED: Final = (True, "true", 1, "1")
"""Some providers send the word, or the number."""
KINDS: Final = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("Ed",)}
Claims = dict[str, Any]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for: its own ``subject``, and an address that it has verified."""

    subject: str
    email: str
    name: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return domain_of(self.email)


def verified_claims(
    endpoints: Endpoints, keys: list[Any], tokens: Tokens, client_id: str, nonce: str, now: int
) -> dict[str, Any]:
    """Return what an ID token says that is signed by one of the keys, for this client and this sign-in.

    Raises ``ProviderError``.
    """
    try:
        header, said = _signed(tokens.id_token, keys, endpoints.algorithms)
        claims = CodeIDToken(
            said,
            header,
            options={
                "iss": {"essential": True, "value": endpoints.issuer},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            params={"client_id": client_id, "nonce": nonce, "access_token": tokens.access_token},
        )
        claims.validate(now=now, leeway=LEEWAY)
    except ProviderError:
        raise
    except Exception as error:  # the parsers of the libraries raise whatever a hostile token leads to
        log.info("id_token_refused", cause=type(error).__name__, claim=getattr(error, "claim", None))
        raise ProviderError(_said(error)) from None
    return said


def _said(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    match claim:
        case "aud" | "azp":
            return "The ID token was made for another client: check the client ID."
        case "iss":
            return "The ID token is of another issuer."
        case "exp" | "iat" | "nbf":
            return "The ID token ran out, or is not good yet: check the provider’s clock."
        case "nonce":
            return "The ID token was made for another sign-in."
    if type(error).__name__ == "ExpiredTokenError":
        return "The ID token ran out: check the provider’s clock."
    return "The ID token could not be verified."


def _signed(
    token: str, keys: list[Any], algorithms: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token that one of the keys has signed."""
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise ProviderError("The ID token could not be verified.")
    parsed = jws.extract_compact(token.encode())
    header = parsed.headers()
    algorithm, named = header.get("alg"), header.get("kid")
    if algorithm not in SIGNED_BY or algorithm not in algorithms:
        raise ProviderError("The ID token is signed in a way that the provider did not announce.")
    usable = _public_keys(keys, algorithm, named)
    for key in usable:
        with suppress(JoseError):
            verified = jws.deserialize_compact(token, key, algorithms=[algorithm])
            said = json.loads(verified.payload)
            if isinstance(said, dict):
                return header, said
    raise ProviderError("The ID token is signed by none of the provider’s keys.")


def _public_keys(keys: list[Any], algorithm: str, named: Any) -> list[Key]:
    """Return the keys that may have made a signature: of its algorithm's kind, and by the name it gives."""
    usable: list[Key] = []
    for each in keys[:MOST_KEYS]:
        if not isinstance(each, dict) or not algorithm.startswith(KINDS.get(str(each.get("kty")), ("-",))):
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", algorithm) != algorithm:
            continue
        if named is not None and each.get("kid", named) != named:
            continue
        with suppress(JoseError, ValueError, KeyError, TypeError):
            key = JWKRegistry.import_key({name: each[name] for name in each if name in _PUBLIC})
            if isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_RSA:
                continue
            if isinstance(key, RSAKey | ECKey | OKPKey):
                usable.append(key)
    return usable


_PUBLIC: Final = frozenset({"kty", "n", "e", "crv", "x", "y"})


def vouched_by(claims: Mapping[str, Any], more: Mapping[str, Any]) -> Vouched:
    """Return whom the claims of a token, and ``more`` of the same subject, are about.

    Raises ``ProviderError``. The address must be verified: of a provider that lets people enter any, it would
    be anybody's word. Microsoft Entra says so by another claim (``xms_edov``).
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderError("The ID token names nobody (sub).")
    source = claims if claims.get("email") else more
    if source is more and more and more.get("sub") != subject:
        raise ProviderError("The provider’s userinfo address speaks of somebody else.")
    email = source.get("email")
    if not isinstance(email, str) or not is_email(email.strip().lower()):
        raise ProviderError("The provider says no e-mail address: let it send the claim “email”.")
    if source.get("email_verified") not in VERIFIED and source.get("xms_edov") not in VERIFIED:
        raise ProviderError(
            "The provider does not say that it has verified the e-mail address: let it send the claim "
            "“email_verified” (Microsoft Entra: “xms_edov”)."
        )
    name = source.get("name") or claims.get("name")
    return Vouched(subject, email.strip().lower(), clean_name(name) if isinstance(name, str) else "")
