"""The passkeys of people."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, select, update

from portal.db import count_deleted, session
from portal.models import Passkey


def passkeys_of(user_id: int) -> Sequence[Passkey]:
    """Return somebody's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def passkey_of(credential_id: str) -> Passkey | None:
    """Return the passkey that a device names."""
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    return session().scalar(query.execution_options(populate_existing=True))


def note_use(passkey_id: int, seen: int, count: int, now: datetime) -> bool:
    """Store a new count; ``False`` where the passkey is gone, or was used since its count was ``seen``."""
    statement = update(Passkey).where(Passkey.id == passkey_id, Passkey.sign_count == seen)
    statement = statement.values(sign_count=count, used_at=now)
    result = session().execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def delete_passkey(user_id: int, passkey_id: int) -> bool:
    """Delete one of somebody's passkeys; ``False`` where they have no such."""
    mine = Passkey.user_id == user_id
    return count_deleted(delete(Passkey).where(mine, Passkey.id == passkey_id)) == 1
