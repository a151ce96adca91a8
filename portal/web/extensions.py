"""The Flask extensions, made once and bound to an application by ``create_app``."""

import secrets
from base64 import b64decode, urlsafe_b64encode
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final, cast

from flask import Flask, g, request
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from htmx_flask import Htmx


def remote_network() -> str:
    """Return where the request comes from: an IPv4 address, or the /64 that one customer of IPv6 has."""
    sender = request.remote_addr or ""
    try:
        address = ip_address(sender.partition("%")[0])
    except ValueError:
        return sender or "nowhere"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:  # how a socket that listens for both spells IPv4
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


class RouteLimiter(Limiter):
    """Its limits stand at routes, which check them themselves: before all others it looks up none."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


class MaskedCSRFProtect(CSRFProtect):  # type: ignore[misc] # flask-wtf ships no types
    """Flask-WTF's protection, whose token looks different in every response.

    Pages are compressed, and the length of a compressed page tells, over many requests, a text that it
    repeats (BREACH). All tokens of a session are good as long as the session.
    """

    def init_app(self, app: Flask) -> None:
        """Check every unsafe request, and give the templates ``csrf_token()``."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_csrf_token
        app.context_processor(lambda: {"csrf_token": masked_csrf_token})

    def _get_csrf_token(self) -> str:
        return unmasked(super()._get_csrf_token() or "")


_MASKED: Final = "masked_csrf_token"


def masked_csrf_token() -> str:
    """Return the session's CSRF token under a mask of this response's own."""
    if _MASKED not in g:
        setattr(g, _MASKED, masked(generate_csrf()))
    return cast(str, g.get(_MASKED))


def masked(token: str) -> str:
    """Return a token behind a random mask: the mask, then the token XOR the mask."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(mask + _xor(mask, plain)).decode()


def unmasked(text: str) -> str:
    """Return the token that was masked; anything else becomes no token at all, or one that no check takes."""
    try:
        data = b64decode(text, altchars=b"-_", validate=True)
    except ValueError:
        return ""
    half, odd = divmod(len(data), 2)
    return "" if odd else _xor(data[:half], data[half:]).decode(errors="replace")


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


login_manager = LoginManager()
csrf = MaskedCSRFProtect()
htmx = Htmx()
limiter = RouteLimiter(key_func=remote_network)


if not TYPE_CHECKING:  # the login page names itself; a flashed English sentence would only repeat it
    login_manager.login_message = None
