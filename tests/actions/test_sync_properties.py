"""Any mixture of syncs, edits, closures, faults and reconnections keeps the promises of a sync.

What the portal stores is compared, step by step, with a model that knows them and nothing of how
they are kept: the last complete answer, the acknowledged edits, and what a guard may hold.
"""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from itertools import count
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from portal.actions import run_sync as running
from portal.actions.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.decide_closings import approve_closings, discard_closings
from portal.actions.disconnect import disconnect
from portal.actions.edit_field import Conflict, edit_field
from portal.actions.end_run import sweep
from portal.actions.pause import pause, resume
from portal.actions.run_sync import run_sync
from portal.actions.start_sync import start_sync
from portal.actions.undo_edit import undo_edit
from portal.domain.bulk_changes import How
from portal.domain.descriptions import PIPELINE_VERSION
from portal.domain.job_fields import FIELDS
from portal.domain.run_states import MAX_ATTEMPTS, RunStatus, Trigger
from portal.extensions import session
from portal.greenhouse import payloads
from portal.models import Connection, HeldClosing, HoldStatus, Job, Organisation, Source, SyncRun
from portal.models.base import utc_now
from portal.store.edits import version_of
from portal.store.run_steps import claim
from portal.store.sync_runs import queued_run
from portal.store.transactions import as_read, end_read, write
from tests.actions.test_run_sync import job_writes
from tests.demo.board_server import DemoBoard
from tests.faults.faults import post
from tests.support.words import letters_of

ORGANISATION_COLUMNS = sorted({column for field in FIELDS.values() for column in field.columns})
EDITS = {
    "location": ["Faro", "Oslo", "São Paulo", ""],
    "workplace_type": ["onsite", "remote", ""],
    "salary": ["25.50 EUR per hour", "90000 USD per year", ""],
    "tags": ["sea, wind", ""],
    "closes_on": ["2031-05-04", ""],
    "visibility": ["hidden", "shown"],
    "featured": ["true", "false"],
    "summary": ["One.", "Two <b>&amp;</b> more", ""],
}
WORDS = st.lists(
    st.sampled_from(["Wind", "R&D", "ÅØ", "<5 years", "“keep”", "日本", "a b", "100 %"]),
    min_size=1,
    max_size=4,
).map(" ".join)
NUMBER = st.integers(0, 10_000)
EVERY_TIME, NIGHTLY = 100, 1_000  # sequences on each database
SEED = os.environ.get("PROMISES_SEED")  # repeats what failed
Row = dict[str, Any]
FAULTS = ["none", "none", "none", "none", "server error", "cut", "lying total", "doubled id", "odd id"]
_numbers = count(1)


def text_as_html(words: str) -> str:
    """Words as a paragraph, escaped once as HTML and once more as Greenhouse sends it."""
    for _ in range(2):
        words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"&lt;p&gt;{words}&lt;/p&gt;"


class Hold(NamedTuple):
    """A closing that is held, or that was decided and stands."""

    job_id: int
    status: str


@dataclass
class Drop:
    """Closings that were held at once."""

    held: int
    came_back: int = 0


class Bulk(NamedTuple):
    """A bulk edit that can be undone: what stood before in each job that it changed, and its versions."""

    edit_id: int
    field: str
    before: dict[int, Row]
    versions: dict[int, int]


class Promises(RuleBasedStateMachine):
    """An organisation with two boards, one connected at a time, and all that can happen to them."""

    board: DemoBoard

    def __init__(self) -> None:
        super().__init__()
        number = next(_numbers)
        self.tokens = (f"board-{number}", f"another-{number}")
        self.token = self.tokens[0]
        self.organisation = Organisation(slug=self.token, name="Northwind")
        with write() as current:
            current.add(self.organisation)
        as_read(self.organisation)
        self.posts: dict[int, dict[str, Any]] = {}
        self.home: dict[int, str] = {}
        self.lists: dict[str, list[int]] = {token: [] for token in self.tokens}
        self.served: dict[str, list[Row]] = {}
        self.unreadable: set[int] = set()
        self.prospects = False
        self.rows_of: dict[int, int] = {}
        self.theirs: dict[int, dict[str, Any]] = {}
        self.drop_of: dict[int, Drop] = {}
        self.bulk: Bulk | None = None
        self.connection: Connection | None = None
        self.connect(elsewhere=False)

    def teardown(self) -> None:
        set_pipeline(PIPELINE_VERSION)

    @property
    def listed(self) -> list[int]:
        """What the board lists that is connected, or was at last."""
        return self.lists[self.token]

    # What happens in Greenhouse

    @rule(titles=st.lists(WORDS, min_size=1, max_size=5), prospect=st.sampled_from([False, False, True]))
    def list_new_posts(self, titles: list[str], prospect: bool) -> None:
        for title in titles:
            post_id = 1000 + len(self.posts)
            inner = None if prospect else post_id
            made = post(post_id, title=title, content=text_as_html(title), internal_job_id=inner)
            self.posts[post_id] = made
            self.home[post_id] = self.token
            self.listed.append(post_id)

    @precondition(lambda self: self.listed)
    @rule(
        which=NUMBER,
        words=WORDS,
        name=st.sampled_from(
            ["title", "content", "location", "internal_job_id", "language", "requisition_id"]
        ),
    )
    def change_a_post(self, which: int, words: str, name: str) -> None:
        values = {
            "content": text_as_html(words),
            "location": {"name": words},
            "internal_job_id": 5000 + len(words),
            "language": "de" if len(words) % 2 else "en",
        }
        self.posts[self.pick(self.listed, which)][name] = values.get(name, words)

    @precondition(lambda self: self.listed)
    @rule(which=NUMBER, many=st.sampled_from([1, 1, 2, 8, 1000]))
    def take_off_posts(self, which: int, many: int) -> None:
        for _ in range(min(many, len(self.listed))):
            self.listed.remove(self.pick(self.listed, which))

    @rule(which=NUMBER, many=st.sampled_from([1, 2, 1000]))
    def list_again(self, which: int, many: int) -> None:
        gone = [key for key in self.posts if self.home[key] == self.token and key not in self.listed]
        self.listed.extend(gone[(which + step) % len(gone)] for step in range(min(many, len(gone))))

    @rule(order=st.randoms(use_true_random=False))
    def reorder(self, order: Any) -> None:
        order.shuffle(self.listed)

    @precondition(lambda self: self.posts)
    @rule(which=NUMBER)
    def garble_or_mend(self, which: int) -> None:
        self.unreadable ^= {self.pick(list(self.posts), which)}

    # What admins do

    @precondition(lambda self: self.rows_of)
    @rule(which=NUMBER, name=st.sampled_from(sorted(EDITS)), value=NUMBER, stale=st.booleans())
    def edit(self, which: int, name: str, value: int, stale: bool) -> None:
        job_id = self.pick(list(self.rows_of.values()), which)
        self.save(job_id, name, EDITS[name][value % len(EDITS[name])], stale=stale)

    @precondition(lambda self: self.rows_of)
    @rule(name=st.sampled_from(sorted(EDITS)), value=NUMBER, every=st.sampled_from([1, 2, 3]))
    def edit_many(self, name: str, value: int, every: int) -> None:
        text, jobs = EDITS[name][value % len(EDITS[name])], sorted(self.rows_of.values())[::every]
        values = FIELDS[name].parse(text)
        before = {job_id: {key: self.theirs[job_id][key] for key in values} for job_id in jobs}
        changed = {job_id: stood for job_id, stood in before.items() if stood != values}
        change = checked_change(self.organisation.id, name, How.SET, text)
        done = bulk_edit(self.organisation.id, Selection(tuple(jobs)), change, None)
        assert (done.changed, done.same, done.unfit) == (len(changed), len(jobs) - len(changed), 0)
        for job_id in changed:
            self.theirs[job_id] |= values
        if done.edit_id is not None:
            end_read()
            versions = {job_id: version_of(job_id, name) for job_id in changed}
            self.bulk = Bulk(done.edit_id, name, changed, versions)

    @precondition(lambda self: self.bulk is not None)
    @rule()
    def undo(self) -> None:
        bulk, self.bulk = self.bulk, None
        end_read()
        still = {
            job_id: stood
            for job_id, stood in bulk.before.items()
            if version_of(job_id, bulk.field) == bulk.versions[job_id]
        }
        undone = undo_edit(self.organisation.id, bulk.edit_id, None)
        assert undone is not None
        assert (undone.restored, undone.left) == (len(still), len(bulk.before) - len(still))
        for job_id, stood in still.items():
            self.theirs[job_id] |= stood

    @precondition(lambda self: self.connection is not None)
    @rule()
    def pause_or_resume(self) -> None:
        self.paused = not self.paused
        if not self.paused:
            resume(self.connection, None)
            assert queued_run(self.connection.id) is not None
        else:
            pause(self.connection)
            assert queued_run(self.connection.id) is None
            assert start_sync(self.connection, Trigger.WEBHOOK) is None

    @precondition(lambda self: self.connection is not None)
    @rule()
    def switch_prospects(self) -> None:
        self.prospects = not self.prospects
        with write() as current:
            current.get_one(Connection, self.connection.id).include_prospects = self.prospects

    @precondition(lambda self: self.connection is not None)
    @rule(approved=st.booleans(), whole=st.booleans())
    def decide(self, approved: bool, whole: bool) -> None:
        holds = self.standing_holds().values()
        pending = sorted(hold.job_id for hold in holds if hold.status == HoldStatus.PENDING)
        some = pending if whole else pending[::2]
        if some:
            act = approve_closings if approved else discard_closings
            assert act(self.connection, None, some) == len(some)

    @precondition(lambda self: self.connection is not None)
    @rule(keep=st.booleans())
    def disconnect(self, keep: bool) -> None:
        before = self.stored()
        assert disconnect(self.organisation.id, keep_jobs=keep)
        self.connection = None
        self.drop_of.clear()
        for post_id, row in self.stored().items():
            assert row["listed"] == (
                before[post_id]["listed"] and (keep or before[post_id]["source"] == "own")
            )
        assert self.standing_holds() == {}

    @precondition(lambda self: self.connection is None)
    @rule(elsewhere=st.booleans())
    def connect(self, elsewhere: bool) -> None:
        if elsewhere:
            self.token = self.tokens[self.token == self.tokens[0]]
        self.is_first, self.paused = True, False
        made = Connection(
            organisation_id=self.organisation.id,
            public_key=f"key-{next(_numbers)}",
            board_token=self.token,
            board_name="Northwind",
            include_prospects=self.prospects,
            api_key_ciphertext=b"",
            api_key_last_four="",
        )
        with write() as current:
            current.add(made)
        self.connection = as_read(made)

    @precondition(lambda self: self.connection is None and self.rows_of)
    @rule(which=NUMBER, title=WORDS)
    def retitle_a_kept_job(self, which: int, title: str) -> None:
        job_id = self.pick(list(self.rows_of.values()), which)
        row = next(row for row in self.stored().values() if row["id"] == job_id)
        if row["source"] == Source.OWN:
            self.save(job_id, "title", title, stale=False)
            assert self.stored()[row["external_id"]]["title"] == title

    # What the portal does

    @rule()
    def change_the_pipeline(self) -> None:
        """Every post is made anew then, whatever Greenhouse says; what comes of it is the same."""
        set_pipeline(running.PIPELINE_VERSION + 1)

    @precondition(lambda self: self.may_sync())
    @rule(behind=st.booleans())
    def lose_a_worker(self, behind: bool) -> None:
        """Its lease runs out; the run waits again unless another one does, and nothing was changed."""
        before, holds = self.stored(), self.standing_holds()
        run = start_sync(self.connection, Trigger.MANUAL)
        assert run is not None
        with write():
            assert claim(run.id, run.generation, utc_now() - timedelta(seconds=10), timedelta(seconds=1))
        next_run = start_sync(self.connection, Trigger.WEBHOOK) if behind else None
        assert sweep(utc_now()) == 1
        end_read()
        lost = session().get_one(SyncRun, run.id, populate_existing=True)
        waits = not behind and lost.attempt < MAX_ATTEMPTS
        assert lost.status == (RunStatus.QUEUED if waits else RunStatus.FAILED)
        waiting = queued_run(self.connection.id)
        expected = next_run or (run if waits else None)
        assert (waiting and waiting.id) == (expected and expected.id)
        end_read()
        run_sync(run.id, 0)  # a late message
        assert (self.stored(), self.standing_holds()) == (before, holds)

    @precondition(lambda self: self.may_sync())
    @rule(fault=st.sampled_from(FAULTS), again=st.booleans())
    def sync(self, fault: str, again: bool) -> None:
        before, holds = self.stored(), self.standing_holds()
        odd = self.serve(fault)
        run = self.carry_out(Trigger.MANUAL)
        self.board.faults.clear()
        if run.status == RunStatus.SUCCEEDED:
            assert not odd or (fault == "cut" and self.board.requests[-1].status == 304)
            self.check_answer(before, holds)
        else:
            assert odd, run.error
            assert run.status in (RunStatus.QUEUED, RunStatus.FAILED)
            assert run.error
            assert self.stored() == before
        if again and run.status == RunStatus.SUCCEEDED:
            self.serve("none")
            with write() as current:
                current.execute(update(Connection).values(etag=None))
            with job_writes() as writes:
                assert self.carry_out(Trigger.MANUAL).status == RunStatus.SUCCEEDED
            assert writes == []

    @precondition(lambda self: self.connection is not None)
    @rule()
    def preview(self) -> None:
        if queued_run(self.connection.id) is not None:
            return  # it would join the sync that waits
        before, holds = self.stored(), self.standing_holds()
        self.serve("none")
        assert self.carry_out(Trigger.PREVIEW).status == RunStatus.SUCCEEDED
        assert (self.stored(), self.standing_holds()) == (before, holds)

    # What must hold

    @invariant()
    def every_edit_and_every_row_stands(self) -> None:
        stored = self.stored()
        assert {post_id: row["id"] for post_id, row in stored.items()} == self.rows_of
        for row in stored.values():
            assert {name: row[name] for name in ORGANISATION_COLUMNS} == self.theirs[row["id"]]

    def may_sync(self) -> bool:
        return self.connection is not None and not self.paused

    def check_answer(self, before: dict[int, Row], holds: dict[int, Hold]) -> None:
        """The stored jobs equal the answer, but for what is held, kept or unreadable."""
        after = self.stored()
        answer = {
            key: self.posts[key] for key in self.listed if self.is_job(key) and key not in self.unreadable
        }
        for key, sent in answer.items():
            self.check_row(after[key], sent)
            if key not in before:
                self.rows_of[key] = after[key]["id"]
                self.theirs[after[key]["id"]] = {name: after[key][name] for name in ORGANISATION_COLUMNS}
        aside = self.unreadable & set(self.listed)
        followed = {
            key for key, row in before.items() if row["listed"] and row["source"] == Source.GREENHOUSE
        }
        missing = followed - answer.keys() - aside
        self.note_returns(answer.keys() | aside, holds)
        asked = self.check_left(before, after, answer.keys() | aside, holds)
        self.check_closings(after, missing, len(followed), holds, asked)
        for key in before.keys() - answer.keys() - missing - asked:
            assert after[key] == before[key]
        self.is_first = False

    def check_left(
        self, before: dict[int, Row], after: dict[int, Row], listed: set[int], holds: dict[int, Hold]
    ) -> set[int]:
        """Kept jobs that the board lists no more wait for a word, once a reconnection; those asked about."""
        left = {
            key
            for key, row in before.items()
            if row["listed"] and row["source"] == Source.OWN and row["board_token"] == self.token
        } - listed
        asked = left if self.is_first else left & holds.keys()
        now = self.standing_holds()
        for key in asked:
            status = holds[key].status if key in holds else HoldStatus.PENDING
            closed = status == HoldStatus.APPROVED
            assert after[key]["listed"] is not closed
            assert (key in now) is not closed
            if not closed:
                assert now[key].status == status
                assert after[key] == before[key]
        return asked

    def note_returns(self, listed: set[int], holds: dict[int, Hold]) -> None:
        """What was held and is listed again came back to its drop, unless somebody approved its closing."""
        for key in listed & self.drop_of.keys():
            drop = self.drop_of.pop(key)
            drop.came_back += holds[key].status != HoldStatus.APPROVED

    def check_closings(
        self,
        after: dict[int, Row],
        missing: set[int],
        followed: int,
        holds: dict[int, Hold],
        asked: set[int],
    ) -> None:
        """What was approved closes, what was discarded stays, and the guard decides the rest."""
        approved = {key for key in missing if key in holds and holds[key].status == HoldStatus.APPROVED}
        kept = {key for key in missing if key in holds and holds[key].status == HoldStatus.DISCARDED}
        rest = missing - approved - kept
        waiting = rest & holds.keys()
        undecided = followed - len(approved) - len(kept)
        held = rest if too_many(len(rest), undecided) else waiting if self.is_doubted(waiting) else set()
        assert {key for key in missing if after[key]["listed"]} == kept | held
        now = {key: hold for key, hold in self.standing_holds().items() if key not in asked}
        assert now.keys() == kept | held
        assert {now[key].status for key in held} <= {HoldStatus.PENDING}
        self.drop_of |= dict.fromkeys(held - holds.keys(), Drop(len(held - holds.keys())))
        for key in missing - now.keys():
            self.drop_of.pop(key, None)

    def is_doubted(self, waiting: set[int]) -> bool:
        """Whether at most half came back of all that was held together with what waits still."""
        drops = {id(drop): drop for drop in (self.drop_of[key] for key in waiting)}.values()
        held, back = sum(drop.held for drop in drops), sum(drop.came_back for drop in drops)
        return held - back > held / 2

    def check_row(self, row: Row, sent: Row) -> None:
        names = ("title", "internal_job_id", "language", "requisition_id")
        assert {name: row[name] for name in names} == {name: sent.get(name) for name in names}
        assert letters_of(row["description_html"]) == letters_of(unescape(sent["content"]))
        assert row["source_values"].get("location") == sent["location"]["name"]
        assert (row["listed"], row["closed_at"], row["source"]) == (True, None, Source.GREENHOUSE)

    # How it is done

    def carry_out(self, trigger: Trigger) -> SyncRun:
        run = start_sync(self.connection, trigger)
        assert run is not None
        run_sync(run.id, run.generation)
        end_read()
        return as_read(session().get_one(SyncRun, run.id, populate_existing=True))

    def serve(self, fault: str) -> bool:
        """Let Greenhouse list what it lists, with a fault; whether there is one."""
        posts = [self.posts[key] | ({"title": 7} if key in self.unreadable else {}) for key in self.listed]
        if fault == "doubled id":
            posts += posts[:1]
        elif fault == "odd id":
            posts = [sent | {"id": f"x{sent['id']}"} for sent in posts[:1]] + posts[1:]
        if posts != self.served.get(self.token):
            self.board.set_posts(self.token, [dict(sent) for sent in posts])
            self.served[self.token] = posts
        if fault == "server error":
            self.board.fail(503, on=self.token)
        elif fault == "cut":
            self.board.truncate()
        elif fault == "lying total":
            self.board.lie_total(len(posts) + 1)
        return fault not in ("none", "doubled id", "odd id") or (fault != "none" and bool(posts))

    def save(self, job_id: int, name: str, text: str, *, stale: bool) -> None:
        end_read()
        version = version_of(job_id, name) - stale
        try:
            edit_field(self.organisation.id, job_id, name, text, version, None)
        except Conflict:
            assert stale
        else:
            if name in EDITS:
                self.theirs[job_id] |= FIELDS[name].parse(text)

    def stored(self) -> dict[int, Row]:
        """Every row of the organisation by post id; there is one row a post."""
        end_read()
        query = select(Job.__table__).where(Job.organisation_id == self.organisation.id)
        rows = [dict(row._mapping) for row in session().execute(query)]
        assert len({row["external_id"] for row in rows}) == len(rows)
        return {row["external_id"]: row for row in rows}

    def standing_holds(self) -> dict[int, Hold]:
        """What is held or was decided and stands, by post id."""
        end_read()
        query = (
            select(Job.external_id, HeldClosing.job_id, HeldClosing.status)
            .join(HeldClosing.job)
            .where(HeldClosing.organisation_id == self.organisation.id, HeldClosing.ended_at.is_(None))
        )
        return {post_id: Hold(job_id, status) for post_id, job_id, status in session().execute(query)}

    def is_job(self, post_id: int) -> bool:
        return self.prospects or self.posts[post_id]["internal_job_id"] is not None

    @staticmethod
    def pick(items: list[int], which: int) -> int:
        return items[which % len(items)]


def set_pipeline(version: int) -> None:
    """Let the portal read Greenhouse as another version of it would."""
    running.PIPELINE_VERSION = payloads.PIPELINE_VERSION = version


def too_many(closing: int, standing: int) -> bool:
    """The guard in words: all of three or more, or more than half of ten or more."""
    return (closing == standing >= 3) or (standing >= 10 and closing > standing / 2)


def play(app: Flask, board: DemoBoard, sequences: int, usual: int) -> None:
    """Play so many sequences, each in an organisation of its own; a failure names the seed to repeat it."""
    number = int(SEED or usual)
    Promises.board = board
    with app.app_context():
        try:
            run_state_machine_as_test(
                seed(number)(Promises),
                settings=settings(
                    max_examples=sequences,
                    stateful_step_count=30,
                    deadline=None,
                    database=None,
                    print_blob=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except BaseException as error:
            error.add_note(f"PROMISES_SEED={number} repeats it.")
            raise


def test_the_promises_hold_in_any_order_of_events(app: Flask, board: DemoBoard) -> None:
    play(app, board, EVERY_TIME, usual=1)


@pytest.mark.nightly
def test_the_promises_hold_in_a_thousand_orders_of_events(app: Flask, board: DemoBoard) -> None:
    play(app, board, NIGHTLY, usual=date.today().toordinal())  # others each day
