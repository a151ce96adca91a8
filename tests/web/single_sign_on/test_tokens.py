"""ID tokens of a provider that lies, and of others that say to be it."""

import json
import time
from collections.abc import Callable
from functools import cache, partial

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from portal.models import LoginSession, User
from tests.support.app import PortalClient
from tests.support.openid import CLIENT, Claims, OpenIdProvider, public
from tests.support.signing_in import count, refused, sign_in

MANAGE = "/orgs/northwind/jobs/manage"


@cache
def other_key() -> RSAKey:
    """A key that the provider does not know, under the name of one of its own."""
    return RSAKey.generate_key(2048, {"kid": "key-0"})


LIES: dict[str, tuple[Callable[[Claims], Claims], str]] = {
    "another client": (lambda said: said | {"aud": "somebody-else"}, "made for another client"),
    "several clients": (lambda said: said | {"aud": [CLIENT, "other"], "azp": "other"}, "another client"),
    "another issuer": (lambda said: said | {"iss": "https://accounts.example"}, "of another issuer"),
    "expired": (lambda said: said | {"exp": int(time.time()) - 3600}, "ran out"),
    "without end": (lambda said: {name: said[name] for name in said if name != "exp"}, "ran out, or is not"),
    "from the future": (lambda said: said | {"iat": int(time.time()) + 3600}, "ran out, or is not good yet"),
    "wrong nonce": (lambda said: said | {"nonce": "x"}, "made for another sign-in"),
    "without nonce": (lambda said: {name: said[name] for name in said if name != "nonce"}, "another sign-in"),
    "foreign domain": (lambda said: said | {"email": "noor@b.example"}, "not proved that domain"),
    "below the domain": (
        lambda said: said | {"email": "noor@mail.example.com"},
        "not proved that domain",
    ),
    "two addresses": (
        lambda said: said | {"email": "noor@example.com@b.example"},
        "no e-mail address",
    ),
    "not verified": (lambda said: said | {"email_verified": False}, "has verified the e-mail address"),
    "verified unsaid": (lambda said: said | {"email_verified": None}, "has verified the e-mail address"),
    "nobody": (lambda said: said | {"sub": ""}, "could not be verified"),
    "a number": (lambda said: said | {"sub": 7}, "could not be verified"),
    "a stranger": (lambda said: said | {"email": "zoe@example.com", "sub": "zoe"}, "is no member"),
}


def test_a_token_that_is_not_what_it_should_be_signs_nobody_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    before = count(app, User)
    for provider.bend, sentence in LIES.values():
        refused(sign_in(browser, provider), sentence)
    assert (count(app, LoginSession), count(app, User)) == (0, before)
    assert browser.get(MANAGE).location.startswith("/login")


def unsigned(provider: OpenIdProvider, claims: Claims) -> str:
    _, body, _ = provider.signed(claims).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def by_another(header: Claims, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256"} | header, claims, other_key())


def changed(provider: OpenIdProvider, claims: Claims) -> str:
    head, _, signature = provider.signed(claims).split(".")
    return ".".join((head, provider.signed(claims | {"x": 1}).split(".")[1], signature))


FORGERIES: dict[str, Callable[[OpenIdProvider, Claims], str]] = {
    "none": unsigned,
    "the public key as a secret": lambda provider, claims: provider.by_secret(claims),
    "another key of the same name": lambda _, claims: by_another({"kid": "key-0"}, claims),
    "a key of a name that is not published": lambda _, claims: by_another({"kid": "x"}, claims),
    "its own key in the header": lambda _, claims: by_another({"jwk": public(other_key())}, claims),
    "a changed body": lambda provider, claims: changed(provider, claims),
    "no token": lambda *_: "x",
    "deep nesting": lambda *_: "eyJhbGciOiJSUzI1NiJ9." + "W" * 60_000 + ".eA",
}


def test_a_token_that_the_provider_has_not_signed_signs_nobody_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    for forge in FORGERIES.values():
        provider.sign = partial(forge, provider)
        assert sign_in(browser, provider).status_code == 403
    assert count(app, LoginSession) == 0


ANSWERS = {
    "a redirect": (302, b"{}", {"Location": "http://127.0.0.1:9/"}),
    "too much": (200, b" " * 600_000, {}),
    "no JSON": (200, b"<html>", {}),
    "a list": (200, b"[]", {}),
    "nesting": (200, b"[" * 100_000, {}),
    "an error": (500, json.dumps({"error": "<script>" * 40}).encode(), {}),
}


@pytest.mark.parametrize("path", ["token", "keys"])
def test_a_provider_that_answers_nonsense_lets_nobody_in_and_breaks_nothing(
    browser: PortalClient, provider: OpenIdProvider, path: str
) -> None:
    for answer in ANSWERS.values():
        provider.answers[f"/realm/{path}"] = answer
        refused(sign_in(browser, provider), "The provider")
