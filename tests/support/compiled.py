"""What every application compiles alike, compiled once in a test process: URL builders and SQL.

Each test makes an application of its own; without this, half of the time that this takes, and a tenth
of what its pages take, would be spent on compiling the same again. Both reach into their libraries.
"""

from typing import Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule

from portal.db import db

_builders: dict[tuple[object, ...], Any] = {}
_engines: dict[str, Engine] = {}


class SharedRule(Rule):
    """A URL rule whose builders follow from its parts alone."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (*self._trace, append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


Flask.url_rule_class = SharedRule


def share_what_is_compiled(app: Flask) -> None:
    """Let the application's engine use the SQL that those before it compiled; call it before it connects."""
    with app.app_context():
        engine: Any = db.engine
    known: Any = _engines.get(engine.dialect.name)
    if known is None or known.dialect.server_version_info is None:  # it has never connected
        _engines[engine.dialect.name] = engine
        return
    engine.dialect = engine.pool._dialect = known.dialect
    engine._compiled_cache = known._compiled_cache
