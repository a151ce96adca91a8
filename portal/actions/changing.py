"""The one way to change an organisation: lock it, write, raise its revision, commit, publish."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from portal.db import session, transaction
from portal.live.publish import announce
from portal.models.base import utc_now
from portal.store.people import lock_organisation, next_revision


class OrganisationLocked(Exception):
    """Somebody else holds the organisation's lock at the moment."""


class Change:
    """What a block of ``changing`` works with: its session, the time, and the revision that it makes."""

    def __init__(self, organisation_id: int) -> None:
        self.now: datetime = utc_now()
        self._organisation_id = organisation_id
        self._revision: int | None = None

    @property
    def session(self) -> Session:
        """The session, made where it is first asked for."""
        return session()

    @property
    def revision(self) -> int:
        """The revision to stamp changed rows with; the first use raises it."""
        if self._revision is None:
            self._revision = next_revision(self._organisation_id)
        return self._revision

    @property
    def is_raised(self) -> bool:
        """Whether anything changed so far."""
        return self._revision is not None

    def raise_revision(self) -> None:
        """Say that something changed that pages show, where no row is stamped with the revision."""
        _ = self.revision


@contextmanager
def changing(organisation_id: int, *, wait: bool = True) -> Iterator[Change]:
    """Open a write transaction in which the organisation is locked; commit and publish at the end.

    A block that never asks for the revision has changed nothing: no revision is raised and nothing is
    published. It may end early by ``return``; after an exception nothing is written. Raises
    ``OrganisationLocked`` where the lock is taken and the caller would not ``wait``.
    """
    with transaction(owner=organisation_id):
        if not lock_organisation(organisation_id, wait=wait):
            raise OrganisationLocked
        change = Change(organisation_id)
        yield change
    if change.is_raised:
        announce(organisation_id, change.revision)
