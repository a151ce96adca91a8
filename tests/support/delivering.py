"""Applications in tests of their delivery, and the Greenhouse that they are sent to."""

import json
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from portal.db import end_read, session, write
from portal.models import Application, ApplicationFile, Job
from portal.models.base import utc_now
from tests.support.fault_server import FaultServer
from tests.support.faults import plain, post

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


def form_of(post_id: int, *names: str) -> bytes:
    """A post whose form asks these questions."""
    fields = [{"name": name, "type": "input_text", "values": []} for name in names]
    questions = [{"label": each["name"], "required": False, "fields": [each]} for each in fields]
    return json.dumps(post(post_id) | {"questions": questions}).encode()


def move_to_post(job: Job, post_id: int, *, paired: bool = False) -> None:
    """Give the job another post: its own, or that of the job that it is paired into."""
    with write() as current:
        held = current.get_one(Job, job.id)
        if not paired:
            held.external_id = post_id
            return
        heir = Job(
            organisation_id=held.organisation_id,
            source=held.source,
            board_token=held.board_token,
            external_id=post_id,
            title=held.title,
        )
        current.add(heir)
        current.flush()
        held.listed, held.merged_into_id = False, heir.id


def make_due(application_id: int) -> None:
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(not_before=None))


def let_lapse(application_id: int) -> None:
    past = utc_now() - timedelta(seconds=1)
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(lease_until=past))
