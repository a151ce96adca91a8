"""Authenticator apps and recovery codes: a statement whose count is looked at uses each code up."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, or_, select, update

from portal.db import count_deleted, session
from portal.models import Authenticator, RecoveryCode, User


def lock_user(user_id: int) -> User | None:
    """Return the person, locked until the commit: what they prove is looked at by one at a time."""
    return session().get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)


def authenticator_of(user_id: int) -> Authenticator | None:
    """Return somebody's authenticator app, if their two-step sign-in is on."""
    return session().get(Authenticator, user_id, populate_existing=True)


def with_authenticator(user_ids: Collection[int]) -> set[int]:
    """Return those of the people whose two-step sign-in is on."""
    query = select(Authenticator.user_id).where(Authenticator.user_id.in_(user_ids))
    return set(session().scalars(query))


def every_authenticator() -> Sequence[Authenticator]:
    """Return all of them, locked until the commit."""
    return session().scalars(select(Authenticator).with_for_update()).all()


def add_authenticator(user_id: int, secret_ciphertext: bytes, last_step: int, now: datetime) -> None:
    """Switch two-step sign-in on."""
    session().add(
        Authenticator(
            user_id=user_id, secret_ciphertext=secret_ciphertext, last_step=last_step, created_at=now
        )
    )


def use_time_step(user_id: int, step: int, latest: int) -> bool:
    """Use up the code of a time step; ``False`` where it, or a later one, was used before.

    One later than ``latest`` was stored by a clock that was wrong: it does not count.
    """
    columns = Authenticator.last_step
    statement = update(Authenticator).where(
        Authenticator.user_id == user_id, or_(columns < step, columns > latest)
    )
    statement = statement.values(last_step=step).execution_options(synchronize_session=False)
    result = session().execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def delete_recovery_code(user_id: int, code_hash: str) -> bool:
    """Use a recovery code up; ``False`` where there is none such, or somebody else has done so."""
    mine = RecoveryCode.user_id == user_id
    return count_deleted(delete(RecoveryCode).where(mine, RecoveryCode.code_hash == code_hash)) == 1


def replace_recovery_codes(user_id: int, code_hashes: Collection[str]) -> None:
    """Let these be somebody's recovery codes; all former ones work no more."""
    session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session().add_all(RecoveryCode(user_id=user_id, code_hash=each) for each in code_hashes)


def count_recovery_codes(user_id: int) -> int:
    """Return how many recovery codes somebody has left."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return session().scalar(query) or 0


def delete_authenticator(user_id: int) -> bool:
    """Switch two-step sign-in off, with its recovery codes; ``False`` where it was off."""
    replace_recovery_codes(user_id, ())
    return count_deleted(delete(Authenticator).where(Authenticator.user_id == user_id)) == 1
