"""One log line a request: what was asked, what was answered, how long it took; never what was sent."""

import time
from functools import partial

import structlog
from flask import Flask, Response, current_app, g, request

from portal.config import current_settings

QUIET = frozenset({"assets.show", "ops.healthz", "ops.readyz", "ops.metrics"})
PROXY_REMEDY = "Set TRUSTED_PROXIES to the number of proxies in front; everybody shares one address now."
log = structlog.get_logger("portal.web")


def init_app(app: Flask) -> None:
    """Time every request, and log it once its answer is on its way."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started_at = time.perf_counter()
    if "X-Forwarded-For" in request.headers:
        _warn_once_of_proxy()


def _warn_once_of_proxy() -> None:
    """Say that a proxy is not believed: to every limit all who come through it are one address."""
    if not current_settings().trusted_proxies and not current_app.extensions.get("proxy_warned"):
        current_app.extensions["proxy_warned"] = True
        log.warning("proxy_not_trusted", header="X-Forwarded-For", remedy=PROXY_REMEDY)


def _finish(response: Response) -> Response:
    if request.endpoint in QUIET and response.status_code < 500:
        return response
    milliseconds = round((time.perf_counter() - g.get("started_at", time.perf_counter())) * 1000, 1)
    tell = partial(
        log.info,
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=milliseconds,
        org=g.org.slug if "org" in g else None,
    )
    if response.is_streamed:  # it may be under way for hours
        tell()
    else:
        response.call_on_close(tell)
    return response
