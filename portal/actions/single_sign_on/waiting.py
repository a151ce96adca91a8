"""Bound how many requests of a process wait for OpenID providers and DNS at once: each holds a thread."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from portal.actions.single_sign_on.provider import ProviderError

AT_ONCE: Final = 8
OF_ONE_ORGANISATION: Final = 4
"""While one organisation's provider does not answer, people of others get in."""
_lock = Lock()
_waiting: Counter[int] = Counter()


@contextmanager
def waiting(organisation_id: int) -> Iterator[None]:
    """Be one of the few that wait. Raises ``ProviderError`` where there are too many already."""
    with _lock:
        if _waiting.total() >= AT_ONCE or _waiting[organisation_id] >= OF_ONE_ORGANISATION:
            raise ProviderError("Many people wait for answers at this moment. Try again in some seconds.")
        _waiting[organisation_id] += 1
    try:
        yield
    finally:
        with _lock:
            _waiting.subtract([organisation_id])
            if not _waiting[organisation_id]:
                del _waiting[organisation_id]
