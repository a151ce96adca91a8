"""The steps of an application's delivery: each one conditional update."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import undefer

from portal.db import count_deleted, session
from portal.domain.applications.states import (
    KEPT,
    LONGEST_PAUSE,
    UNDELIVERED,
    ApplicationStatus,
    sources_of,
)
from portal.domain.sync.runs import LONGEST_LEASE
from portal.models import Application, ApplicationFile
from portal.models.base import has_passed

# A planner that is shown a parameter cannot tell that the index of waiting applications will do.
_IS_QUEUED = Application.status == literal_column(f"'{ApplicationStatus.QUEUED}'")
_KEY = re.compile("[A-Za-z0-9_-]{1,43}")
_IS_SENDING = Application.status == literal_column(f"'{ApplicationStatus.SENDING}'")


class WaitingApplication(NamedTuple):
    """A queued application, as it is handed to the workers."""

    application_id: int
    generation: int


def application_by_form(form_key: str) -> Application | None:
    """Return what was sent with a form, if anything was."""
    return session().scalar(select(Application).where(Application.form_key == form_key))


def application_by_key(organisation_id: int, key: str) -> Application | None:
    """Return the application that an address names."""
    if not _KEY.fullmatch(key):
        return None  # PostgreSQL refuses even to look for some texts
    query = select(Application).where(Application.organisation_id == organisation_id, Application.key == key)
    return session().scalar(query)


def waiting_application(waiting: WaitingApplication) -> Application | None:
    """Return a queued application with its answers; ``None`` where somebody else took or decided it."""
    query = select(Application).where(_is(waiting), _IS_QUEUED).options(undefer(Application.answers))
    return session().scalar(query)


def any_due(now: datetime, again_after: timedelta) -> bool:
    """Whether a queued application waits for no worker yet, or a worker fell silent while it sent."""
    query = select(Application.id).where(or_(_may_be_enqueued(now, again_after), _is_lapsed(now)))
    return session().scalar(query.limit(1)) is not None


def claim_for_enqueueing(now: datetime, again_after: timedelta) -> list[WaitingApplication]:
    """Note such applications as enqueued, and return them."""
    statement = update(Application).where(_may_be_enqueued(now, again_after)).values(enqueued_at=now)
    returned = statement.returning(Application.id, Application.generation)
    rows = session().execute(returned.execution_options(synchronize_session=False))
    return [WaitingApplication(*row) for row in rows]


def note_enqueued(waiting: WaitingApplication, now: datetime) -> None:
    """Note that a queued application is handed to the workers."""
    _change(and_(_is(waiting), _IS_QUEUED), enqueued_at=now)


def note_not_enqueued(waiting: Sequence[WaitingApplication]) -> None:
    """Note that applications are in no queue after all."""
    ids = [each.application_id for each in waiting]
    _change(and_(Application.id.in_(ids), _IS_QUEUED), enqueued_at=None)


def _may_be_enqueued(now: datetime, again_after: timedelta) -> ColumnElement[bool]:
    free = or_(Application.not_before.is_(None), has_passed(Application.not_before, now, LONGEST_PAUSE))
    at = Application.enqueued_at
    is_in_no_queue = or_(at.is_(None), has_passed(at, now - again_after, again_after))
    return and_(_IS_QUEUED, free, is_in_no_queue)


def confirm(waiting: WaitingApplication, now: datetime) -> bool:
    """Queue an application that its sender confirmed, once."""
    condition = and_(_is(waiting), Application.status == ApplicationStatus.UNCONFIRMED)
    return _change(condition, status=ApplicationStatus.QUEUED, enqueued_at=now, forget_at=now + KEPT)


def claim(
    waiting: WaitingApplication, lease_until: datetime, holds: ColumnElement[bool]
) -> WaitingApplication | None:
    """Claim a queued application right before it is sent; ``None`` where somebody else did.

    ``holds`` is what else must be true as it is claimed.
    """
    claimed = _change(
        and_(_is(waiting), _IS_QUEUED, holds),
        status=ApplicationStatus.SENDING,
        generation=Application.generation + 1,
        attempt=Application.attempt + 1,
        lease_until=lease_until,
    )
    return WaitingApplication(waiting.application_id, waiting.generation + 1) if claimed else None


def move(waiting: WaitingApplication, status: ApplicationStatus, **values: Any) -> bool:
    """Move an application of this generation into a state that it may get into; return whether it was."""
    condition = and_(_is(waiting), Application.status.in_(sources_of(status)))
    return _change(condition, status=status, lease_until=None, enqueued_at=None, **values)


def lapsed(now: datetime) -> list[tuple[int, WaitingApplication]]:
    """Return the organisations and applications whose worker fell silent while it sent."""
    query = select(Application.organisation_id, Application.id, Application.generation)
    query = query.where(_is_lapsed(now))
    return [(row[0], WaitingApplication(row[1], row[2])) for row in session().execute(query)]


def store_applicant(application_id: int, applicant: bytes) -> None:
    """Replace what is known of who applied."""
    _change(Application.id == application_id, applicant=applicant)


def _is_lapsed(now: datetime) -> ColumnElement[bool]:
    return and_(_IS_SENDING, has_passed(Application.lease_until, now, LONGEST_LEASE))


def wipe(application_id: int) -> None:
    """Delete an application's files; its other contents go with the state that it moves to."""
    session().execute(delete(ApplicationFile).where(ApplicationFile.application_id == application_id))


def undelivered_of(organisation_id: int, limit: int) -> Sequence[Application]:
    """Return what was not delivered, the newest first."""
    query = select(Application).where(_undelivered(organisation_id))
    return (
        session()
        .scalars(query.order_by(Application.created_at.desc(), Application.id.desc()).limit(limit))
        .all()
    )


def count_undelivered(organisation_id: int) -> int:
    """Return how many applications wait for an admin's decision."""
    return session().scalar(_count_undelivered(), {"organisation_id": organisation_id}) or 0


@cache  # every list of jobs says it
def _count_undelivered() -> Select[int]:
    return select(func.count()).where(_undelivered(bindparam("organisation_id")))


def undelivered_application(organisation_id: int, application_id: int) -> Application | None:
    """Return one of them."""
    return session().scalar(
        select(Application).where(_undelivered(organisation_id), Application.id == application_id)
    )


def delete_old_applications(now: datetime, limit: int) -> tuple[int, int]:
    """Delete applications whose time is over, whatever became of them; their files go with them."""
    over = select(Application.id).where(Application.forget_at <= now).limit(limit)
    gone = count_deleted(delete(Application).where(Application.id.in_(over)))
    return gone, gone


def _undelivered(organisation_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    return and_(Application.organisation_id == organisation_id, Application.status.in_(UNDELIVERED))


def _is(waiting: WaitingApplication) -> ColumnElement[bool]:
    return and_(Application.id == waiting.application_id, Application.generation == waiting.generation)


def _change(condition: ColumnElement[bool], **values: Any) -> bool:
    statement = update(Application).where(condition).values(**values)
    result = session().execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount > 0
