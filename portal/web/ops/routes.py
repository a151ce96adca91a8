"""``/healthz``, ``/readyz``, ``/metrics``: sums only, nothing of any organisation."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from portal.web.ops.checks import CHECKS, SIDE_CHECKS
from portal.web.ops.gauges import scrape

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database and Redis answer and save, workers are there, the tick goes, pages hear of changes.

    Each is named with its state. Mails that are not sent make it ``degraded``, which is answered 200:
    it serves as well as before.
    """
    states = {name: check() for name, check in CHECKS.items()}
    aside = {name: check() for name, check in SIDE_CHECKS.items()}
    ready = all(states.values())
    return {
        "status": ("ok" if all(aside.values()) else "degraded") if ready else "failing",
        "checks": {name: "ok" if state else "failing" for name, state in (states | aside).items()},
    }, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus text."""
    return Response(scrape(datetime.now(UTC)), content_type=CONTENT_TYPE_LATEST)
