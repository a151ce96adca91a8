"""What every application compiles alike, compiled once in a test process: URL rules, templates and SQL.

Each test makes an application of its own; without this, more than half of the time that this takes, and a
tenth of what its pages take, would be spent on compiling the same again. Rules and SQL reach into their
libraries. The descriptions of the demo board, which hundreds of tests import, are cleaned once, too.
"""

from functools import lru_cache
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Map, Rule, RuleFactory

from portal.db import db
from portal.domain.sync import reading

reading.clean_description = lru_cache(maxsize=500)(reading.clean_description)

_maps: dict[tuple[object, ...], tuple[Any, Any]] = {}
_codes: dict[tuple[str, str], CodeType | None] = {}
_engines: dict[str, Engine] = {}


class SharedMap(Map):
    """URL rules that are compiled when they are first needed, unless another map has compiled the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._added: list[Rule] = []
        super().__init__(*args, **kwargs)

    def add(self, rulefactory: RuleFactory) -> None:
        self._added += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        if not self._remap:
            return
        with self._remap_lock:
            key = (self.host_matching, *map(_said_by, self._added))
            if key not in _maps:
                _maps[key] = self._compiled()
            self._matcher, self._rules_by_endpoint = _maps[key]
            self._remap = False

    def _compiled(self) -> tuple[Any, Any]:
        fresh = Map(merge_slashes=self.merge_slashes)
        fresh.converters, fresh.host_matching = self.converters, self.host_matching
        for rule in self._added:
            rule.map = None  # one that is added late is compiled together with those before it
            fresh.add(rule)
        fresh.update()
        return fresh._matcher, fresh._rules_by_endpoint


def _said_by(rule: Rule) -> tuple[object, ...]:
    """All that a rule of the portal and of its helpers is given."""
    methods, defaults = tuple(sorted(rule.methods or ())), tuple((rule.defaults or {}).items())
    options = (rule.strict_slashes, rule.merge_slashes, rule.subdomain, rule.host, rule.alias)
    return (
        rule.rule,
        rule.endpoint,
        methods,
        defaults,
        *options,
        rule.build_only,
        rule.redirect_to,
        rule.websocket,
        getattr(rule, "provide_automatic_options", None),
    )


Flask.url_map_class = SharedMap


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
