"""An organisation's connection to Greenhouse: connect, sync, settings, disconnect."""

from portal.web.connection import connect, fields, settings
from portal.web.connection.blueprint import bp

__all__ = ["bp", "connect", "fields", "settings"]
