"""How one person likes to see one organisation."""

from collections.abc import Sequence

from portal.store.members import membership_of
from portal.store.transactions import write


def choose_columns(organisation_id: int, user_id: int, columns: Sequence[str] | None) -> None:
    """Remember the columns that a member wants to see in Manage jobs; ``None``: the usual ones."""
    with write():
        membership = membership_of(organisation_id, user_id)
        if membership is None:
            return
        kept = {name: value for name, value in membership.preferences.items() if name != "columns"}
        membership.preferences = kept if columns is None else {**kept, "columns": list(columns)}
