"""The log: one event a line, as JSON in production and readable otherwise."""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog

SECRET_WORDS = ("password", "secret", "token", "api_key", "authorization", "cookie", "credential")
HIDDEN = "[hidden]"
Event = MutableMapping[str, Any]


def hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Blank every value whose key names a secret, should one ever be logged by mistake."""
    for name in event:
        if _is_secret(name):
            event[name] = HIDDEN
    return event


@lru_cache(maxsize=1_000)
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS) and name != "board_token"


def configure_logging(*, production: bool) -> None:
    """Send structlog and the standard library's records the same way, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    if not structlog.is_configured():  # the same every time: each logger is put together once
        structlog.configure(
            processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == "portal"]:
        root.removeHandler(handler)
    root.addHandler(_handler(shared, production=production))
    root.setLevel(logging.INFO)
    for name in ("werkzeug", "rq.worker", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _handler(shared: list[structlog.typing.Processor], *, production: bool) -> logging.Handler:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    traces: list[structlog.typing.Processor] = [structlog.processors.format_exc_info] if production else []
    handler = logging.StreamHandler()
    handler.set_name("portal")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traces, renderer],
        )
    )
    return handler
