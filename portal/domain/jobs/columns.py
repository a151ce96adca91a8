"""The columns of Manage jobs as somebody sees them: which, in which order, and how wide."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from portal.domain.jobs.fields import FIELDS

_FIELD_COLUMNS: Final = (
    "department",
    "location",
    "workplace_type",
    "employment_type",
    "salary",
    "seniority",
    "hiring_manager",
    "tags",
    "closes_on",
    "featured",
)
COLUMNS: Final = {
    **{name: FIELDS[name].label for name in _FIELD_COLUMNS},
    "requisition_id": "Requisition",
    "state": "State",
    "changed_at": "Changed",
}
"""Name and label of each column beside the title, in their usual order."""

USUAL_COLUMNS: Final = (
    "department",
    "location",
    "workplace_type",
    "employment_type",
    "salary",
    "state",
    "changed_at",
)
NARROWEST: Final = 64
WIDEST: Final = 640


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The columns shown, in their order, and the width in pixels of those that somebody gave one."""

    names: tuple[str, ...] = USUAL_COLUMNS
    widths: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def every_name(self) -> list[str]:
        """The shown columns in their order, and each hidden one behind the column that it usually follows."""
        names = list(self.names)
        before = -1
        for name in COLUMNS:
            if name not in names:
                names.insert(before + 1, name)
            before = names.index(name)
        return names

    def choosing(self, names: Iterable[str]) -> "ColumnLayout":
        """Return the layout with these columns; those that do not exist, or come again, are left out."""
        return replace(self, names=_known(names))

    def placing(self, name: str, place: int) -> "ColumnLayout":
        """Return the layout with a shown column in another place, counted from 1."""
        if name not in self.names:
            return self
        names = [each for each in self.names if each != name]
        names.insert(max(0, place - 1), name)
        return replace(self, names=tuple(names))

    def resizing(self, widths: Mapping[str, int | None]) -> "ColumnLayout":
        """Return the layout with columns as wide as they may be; ``None`` is the usual width."""
        merged = {**self.widths, **widths}
        known = {name: width for name in COLUMNS if (width := merged.get(name)) is not None}
        return replace(self, widths={name: _clamped(width) for name, width in known.items()})

    def stored(self) -> dict[str, Any]:
        """Return what is stored of the layout."""
        return {"columns": list(self.names)} | ({"widths": dict(self.widths)} if self.widths else {})


def read_layout(stored: Mapping[str, Any]) -> ColumnLayout:
    """Read a stored layout; what this version of the portal does not know counts as not said."""
    names, widths = stored.get("columns"), stored.get("widths")
    layout = ColumnLayout() if not isinstance(names, list) else ColumnLayout(_known(names))
    if not isinstance(widths, dict):
        return layout
    return layout.resizing({name: width for name, width in widths.items() if type(width) is int})


def layout_of(
    preferences: Mapping[str, Any], view_id: int | None, view: Mapping[str, Any] | None
) -> ColumnLayout:
    """Return the columns that a member sees in a saved view: as they changed them there, or as the view says.

    Where no view says any, they are the member's own.
    """
    if view is None:
        return read_layout(preferences)
    changed = changed_views(preferences).get(str(view_id))
    return read_layout(view if changed is None else changed)


VIEWS: Final = "view_columns"


def changed_views(preferences: Mapping[str, Any]) -> dict[str, Any]:
    """Return the layouts that a member uses in the place of those of saved views, by the view's id."""
    kept = preferences.get(VIEWS)
    layouts = kept if isinstance(kept, dict) else {}
    return {view_id: layout for view_id, layout in layouts.items() if isinstance(layout, dict)}


def preferences_without_views(preferences: Mapping[str, Any], *, but: Collection[int]) -> dict[str, Any]:
    """Return a member's preferences without the layouts that they use in views other than these."""
    if VIEWS not in preferences:
        return dict(preferences)
    kept = {each: layout for each, layout in changed_views(preferences).items() if each in map(str, but)}
    return {**preferences, VIEWS: kept}


def preferences_with_layout(
    preferences: Mapping[str, Any],
    view_id: int | None,
    view: Mapping[str, Any] | None,
    layout: ColumnLayout | None,
) -> dict[str, Any]:
    """Return a member's preferences with a layout, or without one: their own, or theirs in a view."""
    if view is None:
        others = {name: value for name, value in preferences.items() if name not in ("columns", "widths")}
        return others if layout is None else others | layout.stored()
    views = {each: kept for each, kept in changed_views(preferences).items() if each != str(view_id)}
    if layout is not None and layout != read_layout(view):
        views[str(view_id)] = layout.stored()
    return {**preferences, VIEWS: views}


def _known(names: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name in COLUMNS))


def _clamped(width: int) -> int:
    return min(max(width, NARROWEST), WIDEST)
