"""Pages rendered once for everybody whose address bears the same tracking parameters, whatever their values.

The values stand in addresses that the page links to and in inputs alone, so they are filled in afterwards.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from flask import Response
from markupsafe import escape

from portal.web.cache import LRUCache
from portal.web.traffic.tracking import Tracking, asked_tracking, tracking_is

MOST_BYTES: Final = 8 * 2**20
_STAND_IN: Final = secrets.token_hex(12)
"""Stands in a draft for a value, with its place behind it; no stored text can hold it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A page in which the values are to be filled in."""

    status: int
    content_type: str
    text: str

    def filled(self) -> Response:
        """Return the page for the address that is asked for."""
        text, tracking = self.text, asked_tracking()
        for (_, value), (_, stand_in) in zip(tracking, _stand_ins(tracking), strict=True):
            text = text.replace(f'value="{stand_in}"', f'value="{escape(value)}"')
            text = text.replace(stand_in, quote_plus(value))
        return Response(text, self.status, content_type=self.content_type)


def make_drafts() -> LRUCache[Draft]:
    """Return the memory of a process for drafts."""
    return LRUCache[Draft](MOST_BYTES, lambda draft: len(draft.text))


@contextmanager
def drafting() -> Iterator[None]:
    """Take stand-ins for the values that the address asked for bears."""
    with tracking_is(_stand_ins(asked_tracking())):
        yield


def draft_of(render: Callable[[], Response]) -> Draft:
    """Render a draft of the page that is asked for."""
    with drafting():
        rendered = render()
    return Draft(rendered.status_code, rendered.headers["Content-Type"], rendered.get_data(as_text=True))


def _stand_ins(tracking: Tracking) -> Tracking:
    return tuple((name, f"{_STAND_IN}{place}") for place, (name, _) in enumerate(tracking))
