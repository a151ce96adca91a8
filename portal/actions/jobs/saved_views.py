"""Saved views of Manage jobs, and each member's columns: which, in which order, and how wide."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.db import write
from portal.domain.audit import Action
from portal.domain.jobs.columns import (
    ColumnLayout,
    layout_of,
    preferences_with_layout,
    preferences_without_views,
)
from portal.domain.texts import InvalidValue, one_line
from portal.models import SavedView
from portal.store import shortcuts
from portal.store.people import membership_of
from portal.store.shortcuts import RemovedView

LONGEST_NAME: Final = 60
MOST_VIEWS: Final = 20


def save_view(
    organisation_id: int, name: str, query: str, user_id: int, columns: dict[str, Any] | None = None
) -> str:
    """Keep a query string and columns under a name, in the place of what it stood for; return the name.

    Raises ``InvalidValue``, a sentence for whoever typed it.
    """
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and (known.query, known.columns) == (query, columns):
            return name
        record(organisation_id, Action.VIEW_SAVED, name, user_id=user_id)
        change.raise_revision()
        if known is not None:
            known.query, known.columns = query, columns
        else:
            change.session.add(_new_view(organisation_id, name, query, user_id, columns))
    return name


def update_view(organisation_id: int, view_id: int, query: str, user_id: int) -> str | None:
    """Save a query string and the columns that a member sees in a view to it, and return its name.

    ``None`` when there is no such view.
    """
    with changing(organisation_id) as change:
        view = next((each for each in shortcuts.saved_views(organisation_id) if each.id == view_id), None)
        membership = membership_of(organisation_id, user_id, lock=True)
        if view is None or membership is None:
            return None
        columns = layout_of(membership.preferences, view_id, view.columns).stored()
        membership.preferences = preferences_with_layout(membership.preferences, view_id, columns, None)
        if (view.query, view.columns) != (query, columns):
            view.query, view.columns = query, columns
            record(organisation_id, Action.VIEW_SAVED, view.name, user_id=user_id)
            change.raise_revision()
        return view.name


def rename_view(organisation_id: int, view_id: int, name: str) -> str | None:
    """Give a view another name and return it, or ``None`` without such a view. Raises ``InvalidValue``."""
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and known.id != view_id:
            raise InvalidValue(f"Another view is called “{name}” already.")
        if not shortcuts.rename(organisation_id, view_id, name):
            return None
        record(organisation_id, Action.VIEW_RENAMED, name)
        change.raise_revision()
    return name


def delete_view(organisation_id: int, view_id: int) -> RemovedView | None:
    """Delete a view and return what it was; ``None`` when there is no such view."""
    with changing(organisation_id) as change:
        removed = shortcuts.remove(organisation_id, view_id)
        if removed is not None:
            record(organisation_id, Action.VIEW_DELETED, removed.name)
            change.raise_revision()
    return removed


def restore_view(
    organisation_id: int, name: str, query: str, user_id: int, columns: dict[str, Any] | None = None
) -> str:
    """Keep a deleted view again and return its name; what was saved under that meanwhile stays.

    Raises ``InvalidValue``.
    """
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and (known.query, known.columns) == (query, columns):
            raise InvalidValue("This was undone already.")
        if known is not None:
            raise InvalidValue(f"Not undone: another view was saved as “{name}” since.")
        change.session.add(_new_view(organisation_id, name, query, user_id, columns))
        record(organisation_id, Action.VIEW_SAVED, name, user_id=user_id)
        change.raise_revision()
    return name


def choose_columns(
    organisation_id: int, user_id: int, names: Iterable[str] | None, view_id: int | None = None
) -> None:
    """Remember the columns that a member wants to see, in their order, everywhere or in a view.

    ``None``: those of the view, or the usual ones, as wide as they usually are.
    """

    def choosing(layout: ColumnLayout) -> ColumnLayout | None:
        return None if names is None else layout.choosing(names)

    _change_layout(organisation_id, user_id, view_id, choosing)


def resize_columns(
    organisation_id: int, user_id: int, widths: Mapping[str, int | None], view_id: int | None = None
) -> None:
    """Remember how wide a member wants some columns, everywhere or in a view; ``None``: as usual."""
    _change_layout(organisation_id, user_id, view_id, lambda layout: layout.resizing(widths))


def _change_layout(
    organisation_id: int,
    user_id: int,
    view_id: int | None,
    changed: Callable[[ColumnLayout], ColumnLayout | None],
) -> None:
    with write():
        membership = membership_of(organisation_id, user_id, lock=True)
        if membership is None:
            return
        columns_of = {view.id: view.columns for view in shortcuts.saved_views(organisation_id)}
        columns = None if view_id is None else columns_of.get(view_id)
        kept = preferences_without_views(membership.preferences, but=columns_of)
        layout = changed(layout_of(kept, view_id, columns))
        membership.preferences = preferences_with_layout(kept, view_id, columns, layout)


def _new_view(
    organisation_id: int, name: str, query: str, user_id: int, columns: dict[str, Any] | None
) -> SavedView:
    if shortcuts.count_views_kept(organisation_id) >= MOST_VIEWS:
        raise InvalidValue(f"There are {MOST_VIEWS} saved views already. Delete one first.")
    return SavedView(
        organisation_id=organisation_id, name=name, query=query, columns=columns, created_by_id=user_id
    )


def _name(typed: str) -> str:
    name = one_line(typed, LONGEST_NAME)
    if not name:
        raise InvalidValue("Give the view a name.")
    return name
