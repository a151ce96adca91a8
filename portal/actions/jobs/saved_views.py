"""Saved views of Manage jobs, and each member's choice of columns."""

from collections.abc import Sequence
from typing import Final

from portal.actions.changing import changing
from portal.db import write
from portal.domain.texts import InvalidValue, one_line
from portal.models import SavedView
from portal.store import shortcuts
from portal.store.people import membership_of
from portal.store.shortcuts import RemovedView

LONGEST_NAME: Final = 60
MOST_VIEWS: Final = 20


def save_view(organisation_id: int, name: str, query: str, user_id: int) -> str:
    """Keep a query string under a name, in the place of what it stood for before; return the name.

    Raises ``InvalidValue``, a sentence for whoever typed it.
    """
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and known.query == query:
            return name
        change.raise_revision()
        if known is not None:
            known.query = query
        else:
            change.session.add(_new_view(organisation_id, name, query, user_id))
    return name


def rename_view(organisation_id: int, view_id: int, name: str) -> str | None:
    """Give a view another name and return it, or ``None`` without such a view. Raises ``InvalidValue``."""
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and known.id != view_id:
            raise InvalidValue(f"Another view is called “{name}” already.")
        if not shortcuts.rename(organisation_id, view_id, name):
            return None
        change.raise_revision()
    return name


def delete_view(organisation_id: int, view_id: int) -> RemovedView | None:
    """Delete a view and return what it was; ``None`` when there is no such view."""
    with changing(organisation_id) as change:
        removed = shortcuts.remove(organisation_id, view_id)
        if removed is not None:
            change.raise_revision()
    return removed


def restore_view(organisation_id: int, name: str, query: str, user_id: int) -> str:
    """Keep a deleted view again and return its name; what was saved under that meanwhile stays.

    Raises ``InvalidValue``.
    """
    name = _name(name)
    with changing(organisation_id) as change:
        known = shortcuts.view_named(organisation_id, name)
        if known is not None and known.query == query:
            raise InvalidValue("This was undone already.")
        if known is not None:
            raise InvalidValue(f"Not undone: another view was saved as “{name}” since.")
        change.session.add(_new_view(organisation_id, name, query, user_id))
        change.raise_revision()
    return name


def choose_columns(organisation_id: int, user_id: int, columns: Sequence[str] | None) -> None:
    """Remember the columns that a member wants to see in Manage jobs; ``None``: the usual ones."""
    with write():
        membership = membership_of(organisation_id, user_id)
        if membership is None:
            return
        kept = {name: value for name, value in membership.preferences.items() if name != "columns"}
        membership.preferences = kept if columns is None else {**kept, "columns": list(columns)}


def _new_view(organisation_id: int, name: str, query: str, user_id: int) -> SavedView:
    if shortcuts.count_views_kept(organisation_id) >= MOST_VIEWS:
        raise InvalidValue(f"There are {MOST_VIEWS} saved views already. Delete one first.")
    return SavedView(organisation_id=organisation_id, name=name, query=query, created_by_id=user_id)


def _name(typed: str) -> str:
    name = one_line(typed, LONGEST_NAME)
    if not name:
        raise InvalidValue("Give the view a name.")
    return name
