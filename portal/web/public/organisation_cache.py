"""What every public page asks of an organisation, read once as long as nothing changes."""

from typing import Final

from flask import Flask, current_app, g, request
from flask_login import current_user

from portal.actions.applications.switch import applied_board
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.store.people import Access, access_to
from portal.web.cache import LRUCache
from portal.web.requests import READ, SAME_FOR_ALL

MOST: Final = 1_000
_SEEN: Final = "organisations_of_strangers"
_BOARDS: Final = "boards_applied_to"


def init_app(app: Flask) -> None:
    """Give the application its caches."""
    app.extensions[_SEEN] = LRUCache[Access](MOST)
    app.extensions[_BOARDS] = LRUCache[str](MOST)


def access_of(slug: str) -> Access | None:
    """Return the organisation at ``slug``, and the place in it of who asks."""
    if request.endpoint not in SAME_FOR_ALL and current_user.is_authenticated:
        found: Access | None = g.access if "access" in g else access_to(slug, current_user.user_id)
        return found
    state = request.environ.get(READ)
    cache: LRUCache[Access] = current_app.extensions[_SEEN]
    access = cache.get(state) if state else None
    if access is None and (access := access_to(slug, None)) and state:
        cache.set(state, access)
    return access


def board_applied_to(org: Organisation) -> str:
    """Return the board for whose jobs people apply here; empty where they do so elsewhere."""
    boards: LRUCache[str] = current_app.extensions[_BOARDS]
    return boards.get_or_make((org.id, org.revision), lambda: applied_board(connection_of(org.id)))
