"""The Flask extensions, made once and bound to an application by ``create_app``."""

import secrets
from base64 import b64decode, urlsafe_b64encode
from copy import deepcopy
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from time import time
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, same_origin, validate_csrf
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import ValidationError

from portal.web.cache import LRUCache
from portal.web.requests import this_request
from portal.web.tokens.bearer import program


def remote_network() -> str:
    """Return where the request comes from: an IPv4 address, or the /64 that one customer of IPv6 has."""
    return _network_of(request.remote_addr or "")


@lru_cache(maxsize=1_000)
def _network_of(sender: str) -> str:
    try:
        address = ip_address(sender.partition("%")[0])
    except ValueError:
        return sender or "nowhere"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:  # how a socket that listens for both spells IPv4
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


def person_or_network() -> str:
    """Return what requests are counted by: who is signed in, or else the network they come from."""
    return str(current_user.user_id) if current_user.is_authenticated else remote_network()


CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRFToken"
UNSAFE_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SIGNED_BLUEPRINTS: Final = frozenset({"hooks", "alerts"})
"""Nobody's sign-in gives these requests any power: a signature proves each of them."""
BEACONS: Final = frozenset({"traffic.seen"})
"""What changes nothing of anybody's: public pages, which bear no token, send it."""
OWN_TOKENS: Final = frozenset({"jobs.apply"})
"""Forms of people without a sign-in, and so without a cookie: each has a signed token of its own."""


class OldToken(CSRFError):  # type: ignore[misc] # flask-wtf ships no types
    """The token is not the session's (any more), or there is none."""


def protect_from_csrf(app: Flask) -> None:
    """Check the token of every unsafe request; templates have ``csrf_token()``, and ``csrf()`` for forms.

    The token looks different in every response. Pages are compressed, and the length of a compressed page
    tells, over many requests, a text that it repeats (BREACH). All tokens of a session are good as long as
    the session. It is not signed, as Flask-WTF's is: the session that it is compared with is, and a page
    bears it in each form.
    """
    app.before_request(check_csrf)
    app.jinja_env.globals.update(csrf_token=masked_csrf_token, csrf=csrf_field)


def check_csrf() -> None:
    """Refuse an unsafe request without the session's token, or over https from a page of another site."""
    asked = this_request()
    if asked.method not in UNSAFE_METHODS or asked.endpoint is None or is_exempt_from_csrf(asked.endpoint):
        return
    if _is_program(asked):
        return
    token = unmasked(asked.form.get(CSRF_FIELD) or asked.headers.get(CSRF_HEADER, ""))
    known = session.get(CSRF_FIELD) or secrets.token_hex()
    if not secrets.compare_digest(token.encode(), known.encode()):
        _check_signed(token)
    if asked.is_secure and not _is_from(asked.host_url):
        raise CSRFError("The request comes from another site.")
    g.csrf_valid = True  # a form of Flask-WTF does not check it again


def _is_from(host_url: str) -> bool:
    """Whether the page that sent the request is of this host, as far as its address can be read."""
    try:
        return bool(same_origin(request.referrer or "", host_url))
    except ValueError:
        return False


def is_exempt_from_csrf(endpoint: str) -> bool:
    """Whether what an endpoint is sent proves itself, or gives nobody's sign-in any power."""
    return endpoint.partition(".")[0] in SIGNED_BLUEPRINTS or endpoint in BEACONS | OWN_TOKENS


def _is_program(asked: Request) -> bool:
    """Whether an API token proves the request, and no browser's session came with it."""
    return program() is not None and current_app.config["SESSION_COOKIE_NAME"] not in asked.cookies


def _check_signed(token: str) -> None:
    """Take the token of a page that was opened under version 1.1, which is signed."""
    try:
        validate_csrf(token)
    except ValidationError as error:
        raise OldToken(str(error)) from None


_MASKED: Final = "masked_csrf_token"


def masked_csrf_token() -> str:
    """Return the session's CSRF token under a mask of this response's own."""
    if _MASKED not in g:
        token = session.setdefault(CSRF_FIELD, secrets.token_urlsafe(16))
        setattr(g, _MASKED, masked(token))
    return cast(str, g.get(_MASKED))


def csrf_field() -> Markup:
    """Return the field of a form that holds the token."""
    return Markup(f'<input type="hidden" name="{CSRF_FIELD}" value="{masked_csrf_token()}">')  # noqa: S704 - base64


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


MOST_READ: Final = 1_000


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, whose signer is made once: that takes longer than to find that no session came.

    An answer has something to do with cookies where one changes; whom it is for, its own headers say.
    """

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None
        self._read = LRUCache[SecureCookieSession](MOST_READ)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what a cookie says. Browsers send it with every request: each minute it is verified once."""
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return self.session_class()
        key = (cookie, time() // 60)
        found = self._read.get(key)
        if found is None and (found := super().open_session(app, request)):
            self._read.set(key, found)
        return self.session_class(deepcopy(dict(found or {})))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie of a session that was changed, or take it back where nothing is left in it."""
        if session.modified:
            super().save_session(app, session, response)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookies of sessions."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class Values(ImmutableMultiDict[str, str]):
    """What an address, a form or the cookies say."""

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override] # overloads
        """Return a value; where there is none, no error is made first, which would take ten times as long."""
        return super().get(key, default, type) if key in self else default


class PortalRequest(HtmxAwareRequest):  # type: ignore[misc] # htmx-flask ships no types
    """A request that htmx may have sent."""

    parameter_storage_class = dict_storage_class = Values


login_manager = LoginManager()
htmx = Htmx()
limiter = Limiter(key_func=remote_network)


def limit_requests(app: Flask) -> None:
    """Bind the limiter. Each limit stands at the view or function that it limits, and is counted there.

    The three functions that it adds around every request are taken off again: there are no limits of the
    whole application to look for, and only webhooks have one that is counted by their answer.
    """
    limiter.init_app(app)
    app.before_request_funcs[None].pop()
    app.after_request_funcs["hooks"].append(app.after_request_funcs[None].pop())
    app.teardown_request_funcs[None].pop()


if not TYPE_CHECKING:  # the login page names itself; a flashed English sentence would only repeat it
    login_manager.login_message = None
