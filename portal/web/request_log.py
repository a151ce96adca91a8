"""One log line a request: what was asked, what was answered, how long it took; never what was sent."""

import time

import structlog
from flask import Flask, Response, g, request

QUIET = frozenset({"assets.show", "ops.healthz", "ops.readyz", "ops.metrics"})
log = structlog.get_logger("portal.web")


def init_app(app: Flask) -> None:
    """Time every request and log it once it is answered."""
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started_at = time.perf_counter()


def _finish(response: Response) -> Response:
    if request.endpoint in QUIET and response.status_code < 500:
        return response
    milliseconds = round((time.perf_counter() - g.get("started_at", time.perf_counter())) * 1000, 1)
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=milliseconds,
        org=g.org.slug if "org" in g else None,
    )
    return response
