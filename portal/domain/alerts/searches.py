"""The search of an alert: as it is stored, and in words fit for a mail that nobody has asked for yet."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from portal.domain.jobs.public_list import FILTERS, PublicFilter, read_filter
from portal.domain.jobs.public_words import SETS, filter_words
from portal.domain.texts import name_key

OPEN_SETS: Final = ("department", "location")
"""Filters whose values anybody can make up in an address."""


def stored(wanted: PublicFilter) -> dict[str, Any]:
    """Return the parameters of the Jobs tab that ask for the same."""
    return {**({"q": wanted.q} if wanted.q else {}), **{name: list(values) for name, values in wanted.chosen}}


def parse_stored(parameters: Mapping[str, Any]) -> PublicFilter:
    """Return the search that was stored."""
    return read_filter(parameters.get("q", ""), {name: parameters.get(name, ()) for name in FILTERS})


def search_key(wanted: PublicFilter) -> str:
    """Return what tells a search from all others, in whatever order and case its values were named."""
    values = {name: sorted({name_key(value) for value in values}) for name, values in wanted.chosen}
    text = json.dumps([name_key(wanted.q), values], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def harmless_words(wanted: PublicFilter, choices: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return what a search says without anything that whoever asked made up: ``choices`` are the list's own.

    The mail that asks to confirm goes to any address that somebody typed.
    """
    said, whole = [], not wanted.q
    for name, values in wanted.chosen:
        known = {name_key(value): value for value in choices.get(name, {})} | SETS.get(name, {})
        if name in OPEN_SETS:
            found = tuple(known[name_key(value)] for value in values if name_key(value) in known)
        else:
            found = tuple(value for value in values if value in known)
        whole = whole and len(found) == len(values)
        said += [filter_words(name, found)] if found else []
    return said if whole else [*said, "the words you searched for"]
