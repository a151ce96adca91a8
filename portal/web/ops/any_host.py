"""Probes send the address of a machine as their host: these pages answer them, and no others do."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask

from portal.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PROBED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""They build no address, so the host that is asked for cannot lead anybody astray."""


class AnyHost:
    """Gives requests for these pages the host that is trusted, whatever they say."""

    def __init__(self, wsgi: "WSGIApplication", host: str) -> None:
        self._wsgi, self._host = wsgi, host

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""
        if environ.get("PATH_INFO") in PROBED:
            environ["HTTP_HOST"] = self._host
        return self._wsgi(environ, start_response)


def init_app(app: Flask) -> None:
    """Stand between the proxies that are believed and the application."""
    settings: Settings = app.extensions["settings"]
    if hosts := settings.trusted_hosts:
        app.wsgi_app = AnyHost(app.wsgi_app, hosts[0])  # type: ignore[method-assign] # the documented way
