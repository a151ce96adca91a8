"""What every application compiles alike, compiled once in a test process: URL rules, templates and SQL.

Each test makes an application of its own; without this, more than half of the time that this takes, and a
tenth of what its pages take, would be spent on compiling the same again. Rules and SQL reach into their
libraries.
"""

from collections.abc import Iterable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import BaseConverter, Rule

from portal.db import db

_parsed: dict[str, tuple[list[Any], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}
_builders: dict[tuple[object, ...], Any] = {}
_codes: dict[tuple[str, str], CodeType | None] = {}
_engines: dict[str, Engine] = {}


class SharedRule(Rule):
    """A URL rule whose parts follow from its text alone, and its builders from its parts."""

    def _parse_rule(self, rule: str) -> Iterable[Any]:
        if rule not in _parsed:
            before = len(self._trace)
            parts = list(super()._parse_rule(rule))
            _parsed[rule] = parts, self._trace[before:], dict(self._converters)
            return parts
        parts, trace, converters = _parsed[rule]
        self._trace += trace
        self._converters |= converters
        self.arguments |= converters.keys()
        return parts

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (*self._trace, append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


Flask.url_rule_class = SharedRule


class SharedTemplates(BytecodeCache):
    """Templates as they were compiled, in memory."""

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = _codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        _codes[bucket.key, bucket.checksum] = bucket.code


def share_what_is_compiled(app: Flask) -> None:
    """Let the application use what those before it compiled; call it before it connects."""
    app.jinja_env.bytecode_cache = SharedTemplates()
    with app.app_context():
        engine: Any = db.engine
    known: Any = _engines.get(engine.dialect.name)
    if known is None or known.dialect.server_version_info is None:  # it has never connected
        _engines[engine.dialect.name] = engine
        return
    engine.dialect = engine.pool._dialect = known.dialect
    engine._compiled_cache = known._compiled_cache
