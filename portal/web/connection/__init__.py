"""An organisation's connection to Greenhouse: connect, sync, settings, disconnect."""

from portal.web.connection import pausing, routes, settings, webhooks
from portal.web.connection.blueprint import bp

__all__ = ["bp", "pausing", "routes", "settings", "webhooks"]
