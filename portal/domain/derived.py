"""Columns of a job that follow from others of it, so that lists can be searched and counted quickly.

None follows from Greenhouse's columns and the organisation's at once: whoever writes a column has all
that it takes to write what follows from it.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from portal.domain.attention import count_words, kept_lacks
from portal.domain.search import place_keys, search_text

Sources = tuple[str, ...]

DERIVED: Mapping[str, tuple[Sources, Callable[..., Any]]] = MappingProxyType(
    {
        "search_source": (("title", "requisition_id"), search_text),
        "words": (("description_html",), count_words),
        "search_own": (("department", "location", "tags"), search_text),
        "places": (("location",), place_keys),
        "lacks": (("location", "employment_type", "salary_min", "salary_max"), kept_lacks),
    }
)
"""Each with the columns that it follows from, and how."""


def derive(name: str, row: Mapping[str, Any]) -> Any:
    """The value of one derived column; what ``row`` does not name counts as empty."""
    sources, make = DERIVED[name]
    return make(*(row.get(source) for source in sources))


def derived(written: Mapping[str, Any], stored: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Every derived column that has to be written along with ``written``.

    Sources that are not written are read from ``stored``; raises ``KeyError`` where one is in neither.
    """
    row = {**stored, **written}
    return {
        name: derive(name, {source: row[source] for source in DERIVED[name][0]}) for name in touched(written)
    }


def touched(columns: Collection[str]) -> list[str]:
    """The derived columns that have to be made anew once these columns are written."""
    return [name for name, (sources, _) in DERIVED.items() if set(columns) & set(sources)]
