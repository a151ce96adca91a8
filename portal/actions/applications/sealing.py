"""Encrypt what applicants wrote and sent, bound to the row that it belongs to."""

from enum import StrEnum

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.actions.sync.credentials import cipher
from portal.db import end_read, session, write
from portal.models import Application, ApplicationFile


class Use(StrEnum):
    """What an encrypted text is."""

    ANSWERS = "answers"
    APPLICANT = "applicant"
    FILE = "file"
    FILE_NAME = "file name"


class UnreadableApplication(Exception):
    """No key of ``CREDENTIAL_KEYS`` opens the application, or it was sealed for another row."""

    def __init__(self) -> None:
        super().__init__("It cannot be read any more: the portal's keys were changed.")


def seal(key: str, use: Use, content: bytes) -> bytes:
    """Encrypt for one use in the row of this key alone."""
    return cipher().encrypt(_bound_to(key, use) + content)


def unseal(key: str, use: Use, sealed: bytes | None) -> bytes:
    """Return what was sealed; raises ``UnreadableApplication``."""
    try:
        content = cipher().decrypt(sealed or b"")
    except InvalidToken:
        raise UnreadableApplication from None
    prefix = _bound_to(key, use)
    if not content.startswith(prefix):
        raise UnreadableApplication
    return content[len(prefix) :]


def _bound_to(key: str, use: Use) -> bytes:
    return f"{use}:{key}\n".encode()


def rotate_applications() -> int:
    """Encrypt what waits anew with the newest key, a row at a time; return how many rows could not be."""
    applications = session().scalars(select(Application.id)).all()
    files = session().scalars(select(ApplicationFile.id)).all()
    end_read()
    lost = sum(not _rotate(Application, row_id) for row_id in applications)
    return lost + sum(not _rotate(ApplicationFile, row_id) for row_id in files)


_SEALED = {Application: ("answers", "applicant"), ApplicationFile: ("name", "content")}


def _rotate(model: type[Application] | type[ApplicationFile], row_id: int) -> bool:
    columns = _SEALED[model]
    with write() as current:
        query = select(model).where(model.id == row_id).with_for_update()
        row = current.scalar(query.options(*(undefer(getattr(model, column)) for column in columns)))
        try:
            for column in columns:
                if row is not None and (sealed := getattr(row, column)) is not None:
                    setattr(row, column, cipher().rotate(sealed))
        except InvalidToken:
            return False
    return True
