"""What follows from a job's columns follows them, whichever way they are written, on both databases."""

import ast
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import add_job
from portal.db import db, end_read, session, write
from portal.domain.jobs.derived import DERIVED, derived_from
from portal.models import Job
from portal.models.base import utc_now
from portal.store.edits import version_of
from portal.store.job_columns import JobUpdates, NewJobs, release_board, set_columns_of
from tests.support.app import Cast
from tests.support.derived_columns import wrong_columns
from tests.support.statements import statements_sent

OFFICES = [None, "Berlin, Germany", "Cambridge, MA; Parow, South Africa"]
WORDS = [
    "Cambridge",
    "Łódź",
    "Berlin; Lisbon",
    "remote",
    "Schweißer",
    "R-7",
    "Öl & Gas",
    "",
    "Porto, Portugal",
]
TEXTS = {
    "location": WORDS,
    "department": WORDS,
    "tags": ["Nacht, Öl", "", "a"],
    "employment_type": ["", "contract"],
}
TEXTS |= {"salary": ["", "90k EUR", "25.50 EUR per hour"], "title": WORDS[:4], "description": ["", "one two"]}


class Writer:
    """Writes jobs of one organisation in every way there is, at random."""

    def __init__(self, org_id: int, user_id: int, chance: random.Random) -> None:
        self.org_id, self.user_id, self.chance = org_id, user_id, chance
        self.posts = 0

    def step(self) -> None:
        ways = [
            self.add,
            self.edit,
            self.edit,
            self.import_new,
            self.import_again,
            self.write_many,
            self.let_go,
        ]
        self.chance.choice(ways)()

    def add(self) -> None:
        columns = {"title": self.word() or "x", "location": self.word(), "description_html": "<p>one two</p>"}
        add_job(self.org_id, columns)

    def edit(self) -> None:
        jobs = self.ids(Job.source == "own")
        if not jobs:
            return
        job, field = self.chance.choice(jobs), self.chance.choice(list(TEXTS))
        version = version_of(job, field)
        saved = edit_field(self.org_id, job, field, self.chance.choice(TEXTS[field]), version, self.user_id)
        for name, (sources, make) in DERIVED.items():
            told = make(*(getattr(saved.job, source) for source in sources))
            assert getattr(saved.job, name) == told

    def import_new(self) -> None:
        with write():
            rows = NewJobs()
            for _ in range(3):
                rows.add(self.imported() | self.place())
            rows.insert(lambda _done: None)

    def import_again(self) -> None:
        with write():
            updates = JobUpdates()
            for job in self.ids(Job.external_id.is_not(None)):
                updates.add(self.imported() | {"id": job})
            updates.write(lambda _done: None)

    def write_many(self) -> None:
        jobs = self.ids()
        word, type_ = self.word(), self.chance.choice([None, "contract"])
        is_same = self.chance.random() < 0.5
        with write():
            after = {
                job: {"location": word if is_same else self.word(), "employment_type": type_} for job in jobs
            }
            set_columns_of(after, utc_now(), 1)

    def let_go(self) -> None:
        with write():
            release_board(self.org_id, "n", utc_now(), 1, keep=self.chance.random() < 0.5)

    def imported(self) -> dict[str, Any]:
        return {
            "title": self.word() or "x",
            "requisition_id": self.word(),
            "description_html": "<p>a b c</p>",
        }

    def place(self) -> dict[str, Any]:
        self.posts += 1
        columns = {"organisation_id": self.org_id, "source": "greenhouse", "board_token": "n"}
        return (
            columns
            | {
                "external_id": self.posts,
                "location": self.word(),
                "office_places": self.chance.choice(OFFICES),
            }
            | {"tags": ["Öl"]}
        )

    def word(self) -> str | None:
        return self.chance.choice(WORDS) or None

    def ids(self, *conditions: Any) -> list[int]:
        return list(session().scalars(select(Job.id).where(*conditions).order_by(Job.id)))


@pytest.mark.parametrize("seed", range(6))
def test_no_way_of_writing_a_job_forgets_what_follows(app: Flask, cast: Cast, seed: int) -> None:
    with app.app_context():
        writer = Writer(cast.northwind.id, cast.mara.id, random.Random(seed))
        for _ in range(40):
            writer.step()
            end_read()
            assert wrong_columns() == []


PORTAL = Path(__file__).parent.parent.parent / "portal"


def test_one_module_makes_every_statement_that_writes_jobs() -> None:
    """What it writes, it writes along with what follows; any other way might forget that."""
    texts = {path.relative_to(PORTAL).as_posix(): path.read_text() for path in PORTAL.rglob("*.py")}
    naming_it = {path: text for path, text in texts.items() if re.search(r"\bJob\b", text)}
    writers = {path for path, text in naming_it.items() if statements_that_write_jobs(ast.parse(text))}
    assert writers == {"store/job_columns.py"}


def statements_that_write_jobs(tree: ast.AST) -> list[int]:
    """Lines that call ``update``, ``insert``, ``Rows`` or ``Updates`` with the table of jobs, or its rows."""
    names = {"Job", "Job.__table__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.value) == "Job.__table__":
            names.add(ast.unparse(node.target))
    writes = {"update", "insert", "Rows", "Updates"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in writes:
            called, given = ast.unparse(node.func), {ast.unparse(each) for each in node.args}
            method = called.rpartition(".")
            if (called in writes and given & names) or (method[0] in names and method[2] in writes):
                found.append(node.lineno)
    return found


def test_columns_written_without_their_sources_are_refused(app: Flask, make_job: Callable[..., int]) -> None:
    job = make_job(title="Welder", requisition_id="R-1")
    with app.app_context(), pytest.raises(KeyError, match="requisition_id"):
        JobUpdates().add({"title": "Rigger", "id": job})


def test_a_statement_that_writes_a_source_writes_what_follows(
    app: Flask, cast: Cast, make_job: Callable[..., int]
) -> None:
    """An edit is one UPDATE of the job: nobody ever reads the row between two."""
    job = make_job()
    with app.app_context(), statements_sent(db.engine) as sent:
        edit_field(cast.northwind.id, job, "location", "Łódź", 0, cast.mara.id)
    updates = [each.statement for each in sent if each.statement.startswith("UPDATE jobs")]
    assert len(updates) == 1
    assert all(name in updates[0] for name in derived_from({"location"}))
