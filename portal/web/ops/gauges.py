"""The figures that Prometheus collects, read when it asks; one that cannot be read is left out."""

from collections.abc import Iterator
from datetime import datetime

from flask import current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import session
from portal.live.hub import Hub
from portal.queue import count_workers, queue_length
from portal.store import figures
from portal.store.mails import mail_figures
from portal.web.ops.checks import database_answers, database_saves, redis_answers, redis_saves, ticks


class Figures(Collector):
    """What database and queue say at ``now``."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every figure that can be read."""
        yield GaugeMetricFamily("portal_database_up", "Whether the database answers.", database_answers())
        yield GaugeMetricFamily("portal_database_saves", "Whether the database can save.", database_saves())
        yield GaugeMetricFamily("portal_redis_up", "Whether Redis answers.", redis_answers())
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
        for status, total in figures.runs_by_status(self.now).items():
            runs.add_metric([status], total)
        yield runs
        connections, failing = figures.connections()
        yield GaugeMetricFamily("portal_connections", "Connections to Greenhouse.", connections)
        yield GaugeMetricFamily("portal_connections_failing", "Connections whose last sync failed.", failing)
        yield GaugeMetricFamily(
            "portal_oldest_queued_run_seconds",
            "How long the oldest run that may start has waited.",
            figures.oldest_queued_seconds(self.now),
        )
        yield from self._of_mails()

    def _of_mails(self) -> Iterator[Metric]:
        mails = mail_figures()
        yield GaugeMetricFamily("portal_mails_waiting", "Mails that are to be sent.", mails.waiting)
        yield GaugeMetricFamily(
            "portal_mails_oldest_waiting_seconds",
            "How long ago the oldest mail was written that is to be sent.",
            figures.seconds_since(mails.oldest_waiting_since, self.now),
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
