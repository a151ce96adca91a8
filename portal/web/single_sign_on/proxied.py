"""Read ``TRUSTED_USER_HEADER``, by which a proxy in front names the person; only that proxy is believed."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import structlog
from flask import Flask, request

from portal.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAMED: Final = "portal.named_person"
BY_PROXY: Final = "by_proxy"
"""What of the browser's session says whom the proxy named as it began: it is good for nobody else."""

log = structlog.get_logger()


class UserHeader:
    """Takes the header off every request, and keeps what it says where the proxy itself has sent it.

    It is asked before anything believes what proxies say of who the client is: the address looked at is the
    connection's. A connection without one is a Unix socket, which only this machine reaches.
    """

    def __init__(self, wsgi: "WSGIApplication", settings: Settings) -> None:
        self._wsgi, self._from, self._warned = wsgi, settings.trusted_user_from, False
        self._key = f"HTTP_{(settings.trusted_user_header or '').upper().replace('-', '_')}"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""
        named = environ.pop(self._key, "").strip().lower()
        environ.pop(NAMED, None)
        if named and self._is_proxy(environ.get("REMOTE_ADDR", "")):
            environ[NAMED] = named
        return self._wsgi(environ, start_response)

    def _is_proxy(self, sender: str) -> bool:
        try:
            address = ip_address(sender.partition("%")[0]) if sender else None
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped is None or any(mapped in network for network in self._from):
            return True
        if not self._warned:
            self._warned = True
            log.warning("user_header_ignored", sender=sender, remedy="Set TRUSTED_USER_FROM to the proxy.")
        return False


def init_app(app: Flask, settings: Settings) -> None:
    """Look at every request's header first, where one is configured."""
    if settings.trusted_user_header:
        app.wsgi_app = UserHeader(app.wsgi_app, settings)  # type: ignore[method-assign] # the documented way


def named_person() -> str | None:
    """Return the address that the proxy names now, if it names anybody."""
    named: str | None = request.environ.get(NAMED)
    return named
