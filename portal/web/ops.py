"""Probes and metrics: ``/healthz``, ``/readyz``, ``/metrics``."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import Final

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.config import VERSION
from portal.db import can_save, session
from portal.live.hub import Hub
from portal.queues import can_write, count_workers, is_reachable, queue_length, sent_lately, ticked_lately
from portal.store import runs as run_store
from portal.store.mails import mail_figures
from portal.store.outgoing.deliveries import count_all_waiting

MAIL_PATIENCE = timedelta(minutes=15)
REMEMBERED_SECONDS: Final = 3.0


def database_answers() -> bool:
    """Whether the database answers."""
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def database_saves() -> bool:
    """Whether something can be saved in the database; tried every few seconds, however often it is asked."""
    check: SaveCheck = current_app.extensions.setdefault("save_check", SaveCheck())
    return check()


class SaveCheck:
    """Remembers what the last try showed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._again_at = 0.0
        self._saves = False

    def __call__(self) -> bool:
        """Return whether something can be saved; of several who ask at once one tries."""
        session().rollback()  # the try takes a connection of its own
        with self._lock:
            if monotonic() >= self._again_at:
                try:
                    self._saves = can_save()
                except SQLAlchemyError:
                    self._saves = False
                self._again_at = monotonic() + REMEMBERED_SECONDS
            return self._saves


def redis_saves() -> bool:
    """Whether something can be saved in Redis: it is neither full nor a replica."""
    try:
        can_write()
    except RedisError:
        return False
    return True


def workers_answer() -> bool:
    """Whether any worker has said lately that it is there."""
    try:
        return count_workers() > 0
    except RedisError:
        return False


def ticks() -> bool:
    """Whether a tick went through lately: without it nothing that is scheduled starts."""
    try:
        return ticked_lately()
    except RedisError:
        return False


def live_hub_answers() -> bool:
    """Whether the pages that this process streams to hear of changes."""
    return bool(current_app.extensions["live_hub"].is_up)


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    "database": database_answers,
    "database_saves": database_saves,
    "redis": is_reachable,
    "redis_saves": redis_saves,
    "workers": workers_answer,
    "tick": ticks,
    "live": live_hub_answers,
}
"""Without these the portal cannot do its work: probes take it out of rotation."""


def mails_are_sent() -> bool:
    """Whether mails get as far as a mail server; one that it then refuses is no fault of the portal's."""
    try:
        since = mail_figures().untried_since
    except SQLAlchemyError:
        session().rollback()
        return False
    return since is None or since > datetime.now(UTC) - MAIL_PATIENCE


def webhooks_are_sent() -> bool:
    """Whether a process that sends webhooks is there; where receivers do not answer is no fault of its."""
    try:
        return sent_lately()
    except RedisError:
        return False


SIDE_CHECKS: Final[Mapping[str, Callable[[], bool]]] = {"mail": mails_are_sent, "webhooks": webhooks_are_sent}
"""Where these fail, pages and syncs work all the same: ``degraded``, and no reason to stop serving."""


class Figures(Collector):
    """What database and queue say at ``now``."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every figure that can be read."""
        yield GaugeMetricFamily("portal_database_up", "Whether the database answers.", database_answers())
        yield GaugeMetricFamily("portal_database_saves", "Whether the database can save.", database_saves())
        yield GaugeMetricFamily("portal_redis_up", "Whether Redis answers.", is_reachable())
        yield GaugeMetricFamily("portal_redis_saves", "Whether Redis can save.", redis_saves())
        yield GaugeMetricFamily("portal_tick_up", "Whether a tick went through lately.", ticks())
        yield from self._of_live_hub()
        try:
            yield from self._of_database()
        except SQLAlchemyError:
            session().rollback()
        try:
            yield from self._of_queue()
        except RedisError:
            return

    def _of_database(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily(
            "portal_sync_runs", "Sync runs: unfinished, or finished in the last hour.", labels=["status"]
        )
        for status, total in run_store.runs_by_status(self.now).items():
            runs.add_metric([status], total)
        yield runs
        connections, failing = run_store.connections()
        yield GaugeMetricFamily("portal_connections", "Connections to Greenhouse.", connections)
        yield GaugeMetricFamily("portal_connections_failing", "Connections whose last sync failed.", failing)
        yield GaugeMetricFamily(
            "portal_oldest_queued_run_seconds",
            "How long the oldest run that may start has waited.",
            run_store.oldest_queued_seconds(self.now),
        )
        yield from self._of_mails()
        waiting, receivers = count_all_waiting()
        yield GaugeMetricFamily("portal_webhook_messages_waiting", "Messages to be delivered.", waiting)
        yield GaugeMetricFamily(
            "portal_webhooks_failing", "Receivers that a message was given up for.", receivers
        )

    def _of_mails(self) -> Iterator[Metric]:
        mails = mail_figures()
        yield GaugeMetricFamily("portal_mails_waiting", "Mails that are to be sent.", mails.waiting)
        yield GaugeMetricFamily(
            "portal_mails_oldest_waiting_seconds",
            "How long ago the oldest mail was written that is to be sent.",
            run_store.seconds_since(mails.oldest_waiting_since, self.now),
        )
        yield GaugeMetricFamily("portal_mails_given_up", "Mails that were given up.", mails.given_up)

    def _of_live_hub(self) -> Iterator[Metric]:
        """Each web process has its own: these are of the one that answers."""
        hub: Hub = current_app.extensions["live_hub"]
        yield GaugeMetricFamily("portal_live_hub_up", "Whether open pages hear of changes.", hub.is_up)
        yield GaugeMetricFamily("portal_live_streams", "Pages that listen for changes.", hub.streams)
        yield CounterMetricFamily(
            "portal_live_errors", "What the live hub failed at, tried again or not.", hub.failures.total
        )

    def _of_queue(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("portal_queue_length", "Tasks waiting for a worker.", queue_length())
        yield GaugeMetricFamily("portal_workers", "Workers that are there.", count_workers())


def scrape(now: datetime) -> bytes:
    """Return the figures as Prometheus text."""
    registry = CollectorRegistry()
    registry.register(Figures(now))
    return generate_latest(registry)


bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers, and says which version it runs."""
    return {"status": "ok", "version": VERSION}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database and Redis answer and save, workers are there, the tick goes, pages hear of changes.

    Each is named with its state. Mails or webhooks that are not sent make it ``degraded``, which is answered
    200: it serves as well as before.
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
