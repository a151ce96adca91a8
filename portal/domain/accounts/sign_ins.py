"""How somebody signed in, in words."""

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

LONGEST_PROVIDER: Final = 80
_PROVIDERS: Final = {
    "okta.com": "Okta",
    "oktapreview.com": "Okta",
    "okta-emea.com": "Okta",
    "accounts.google.com": "Google",
    "login.microsoftonline.com": "Microsoft Entra ID",
    "sts.windows.net": "Microsoft Entra ID",
    "ciamlogin.com": "Microsoft Entra ID",
    "auth0.com": "Auth0",
    "onelogin.com": "OneLogin",
    "jumpcloud.com": "JumpCloud",
    "pingone.com": "PingOne",
    "pingone.eu": "PingOne",
}


class Means(StrEnum):
    """By what a sign-in began. The value is stored: it never changes."""

    PASSWORD = "password"  # noqa: S105 - no secret
    PASSWORD_AND_CODE = "password-code"  # noqa: S105
    PASSWORD_AND_PASSKEY = "password-passkey"  # noqa: S105
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single-sign-on"
    PROXY = "proxy"
    """A trusted header named the person."""


_WORDS: Final = {
    Means.PASSWORD: "Signed in with a password",
    Means.PASSWORD_AND_CODE: "Signed in with a password and a code",
    Means.PASSWORD_AND_PASSKEY: "Signed in with a password and a passkey",
    Means.PASSKEY: "Signed in with a passkey",
    Means.SINGLE_SIGN_ON: "Signed in by single sign-on",
    Means.PROXY: "Signed in by the proxy in front of the portal",
}


def means_words(means: str, provider: str = "") -> str:
    """Return "Signed in by single sign-on (Okta)" and the like; empty where it is not known."""
    words = _WORDS.get(Means(means), "") if means in list(Means) else ""
    return f"{words} ({provider})" if words and provider else words


def provider_name(issuer: str) -> str:
    """Return what people call an OpenID provider: by its issuer's host, or that host itself."""
    try:
        host = (urlsplit(issuer[:500]).hostname or "")[-253:]
    except ValueError:
        return ""
    labels = host.split(".")
    known = (_PROVIDERS.get(".".join(labels[start:])) for start in range(len(labels)))
    return next(filter(None, known), host[:LONGEST_PROVIDER])
