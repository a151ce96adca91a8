"""Files of applications, and of forms that are not sent yet."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import undefer

from portal.db import count_deleted, session
from portal.models import ApplicationFile


def files_of_form(form_key: str, since: datetime) -> Sequence[ApplicationFile]:
    """Return the files that were chosen for a form lately, in the order of their coming."""
    query = select(ApplicationFile).where(
        ApplicationFile.form_key == form_key,
        ApplicationFile.application_id.is_(None),
        ApplicationFile.created_at > since,
    )
    return session().scalars(query.order_by(ApplicationFile.id)).all()


def files_of_application(application_id: int) -> Sequence[ApplicationFile]:
    """Return the files of an application, with their contents."""
    query = select(ApplicationFile).where(ApplicationFile.application_id == application_id)
    return (
        session().scalars(query.order_by(ApplicationFile.id).options(undefer(ApplicationFile.content))).all()
    )


def drop_files(form_key: str, fields: Collection[str]) -> None:
    """Delete the files that were chosen at these inputs of a form."""
    statement = delete(ApplicationFile).where(
        ApplicationFile.form_key == form_key,
        ApplicationFile.application_id.is_(None),
        ApplicationFile.field.in_(fields),
    )
    session().execute(statement.execution_options(synchronize_session=False))


def hand_over_files(form_key: str, fields: Collection[str], application_id: int) -> None:
    """Give the files of these inputs of a form to its application, and delete the others."""
    mine = (ApplicationFile.form_key == form_key) & ApplicationFile.application_id.is_(None)
    statement = update(ApplicationFile).where(mine, ApplicationFile.field.in_(fields))
    session().execute(
        statement.values(application_id=application_id).execution_options(synchronize_session=False)
    )
    session().execute(delete(ApplicationFile).where(mine).execution_options(synchronize_session=False))


def delete_old_files(before: datetime, limit: int) -> tuple[int, int]:
    """Delete files of forms that were never sent."""
    over = select(ApplicationFile.id).where(
        ApplicationFile.application_id.is_(None), ApplicationFile.created_at <= before
    )
    gone = count_deleted(delete(ApplicationFile).where(ApplicationFile.id.in_(over.limit(limit))))
    return gone, gone
