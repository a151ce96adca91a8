"""Applications in tests of their delivery, and the Greenhouse that they are sent to."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from portal.db import end_read, session, write
from portal.models import Application, ApplicationFile
from portal.models.base import utc_now
from tests.support.fault_server import FaultServer
from tests.support.faults import plain

TAKEN = plain(b'{"success":"Candidate saved successfully"}')


KEY = "a-key-of-some-thirty-characters"


PARTS = [("first_name", "Ada"), ("email", "ada@example.com"), ("question_1[]", "1"), ("question_1[]", "2")]


def now_of(application_id: int) -> Application:
    end_read()
    query = select(Application).where(Application.id == application_id).options(undefer(Application.answers))
    found = session().scalar(query.execution_options(populate_existing=True))
    assert found is not None
    session().expunge(found)
    end_read()
    return found


def contents() -> int:
    """How many answers and files are stored."""
    end_read()
    files = session().scalar(select(func.count(ApplicationFile.id))) or 0
    answers = session().scalar(select(func.count(Application.answers))) or 0
    end_read()
    return files + answers


def posted(greenhouse: FaultServer) -> int:
    return len([request for request in greenhouse.requests if request.path.endswith("/jobs/7")])


def make_due(application_id: int) -> None:
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(not_before=None))


def let_lapse(application_id: int) -> None:
    past = utc_now() - timedelta(seconds=1)
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(lease_until=past))
