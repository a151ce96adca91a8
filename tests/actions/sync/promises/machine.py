"""All that can happen: in Greenhouse, by admins, and in the portal."""

from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import update

from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync import mapping as running
from portal.actions.sync.closings import decide_closings
from portal.actions.sync.connection import disconnect
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import pause, resume, start_sync
from portal.boards.greenhouse import payloads
from portal.db import detached, end_read, session, write
from portal.domain.descriptions.clean import PIPELINE_VERSION
from portal.domain.jobs.bulk import How
from portal.domain.jobs.fields import FIELDS, Source
from portal.domain.sync.following import FOLLOWABLE, is_following
from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import MAX_ATTEMPTS, RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store.edits import version_of
from portal.store.run_steps import claim
from portal.store.runs import queued_run
from tests.actions.sync.promises.checks import ORGANISATION_COLUMNS, Checks
from tests.actions.sync.promises.world import EDITS, NUMBERS, Bulk, Row
from tests.support.faults import post
from tests.support.syncs import job_writes

WORDS = st.lists(
    st.sampled_from(["Wind", "R&D", "ÅØ", "<5 years", "“keep”", "日本", "a b", "a%b"]),
    min_size=1,
    max_size=4,
).map(" ".join)
DEADLINES = [None, "2031-01-15", "2026-11-26"]
NUMBER = st.integers(0, 10_000)
FAULTS = ["none", "none", "none", "none", "server error", "cut", "lying total", "doubled id", "odd id"]


class Promises(Checks):
    """An organisation with two boards, one connected at a time, and all that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.connect(elsewhere=False)

    def teardown(self) -> None:
        set_pipeline(PIPELINE_VERSION)

    @initialize(titles=st.lists(WORDS, min_size=1, max_size=12))
    def import_a_board(self, titles: list[str]) -> None:
        """Nothing much can happen to an organisation without jobs."""
        self.list_new_posts(titles, prospect=False)
        self.sync("none", again=False, pipeline=False)

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
            [
                *("title", "content", "location", "internal_job_id", "language", "requisition_id"),
                *("location", "application_deadline"),
            ]
        ),
    )
    def change_a_post(self, which: int, words: str, name: str) -> None:
        values = {
            "content": text_as_html(words),
            "location": {"name": words},
            "application_deadline": DEADLINES[len(words) % len(DEADLINES)],
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
        followed = frozenset(job_id for job_id in changed if name not in self.own[job_id])
        for job_id in changed:
            self.change(job_id, name, values)
        self.remember(done.edit_id, name, changed, followed)

    @precondition(lambda self: self.rows_of)
    @rule(name=st.sampled_from(["location", "closes_on"]), every=st.sampled_from([1, 2]), one=st.booleans())
    def follow_again(self, name: str, every: int, one: bool) -> None:
        jobs = sorted(self.rows_of.values())[::every][: 1 if one else None]
        imported = [job_id for job_id in jobs if self.is_imported(job_id)]
        before = {job_id: {name: self.theirs[job_id][name]} for job_id in imported}
        changed = {
            job_id: stood
            for job_id, stood in before.items()
            if name in self.own[job_id] or stood[name] != self.said[job_id][name]
        }
        change = checked_change(self.organisation.id, name, How.TAKE, "")
        done = bulk_edit(self.organisation.id, Selection(tuple(jobs)), change, None)
        assert (done.changed, done.unfit) == (len(changed), len(jobs) - len(imported))
        followed = frozenset(job_id for job_id in changed if name not in self.own[job_id])
        for job_id in imported:
            self.own[job_id].discard(name)
            self.theirs[job_id][name] = self.said[job_id][name]
        self.remember(done.edit_id, name, changed, followed)

    def remember(
        self, edit_id: int | None, name: str, changed: dict[int, Row], followed: frozenset[int]
    ) -> None:
        if edit_id is not None:
            end_read()
            versions = {job_id: version_of(job_id, name) for job_id in changed}
            self.bulk = Bulk(edit_id, name, changed, versions, followed)

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
        assert (undone.restored, sum(undone.left.values())) == (len(still), len(bulk.before) - len(still))
        for job_id, stood in still.items():
            self.theirs[job_id] |= stood
            if job_id in bulk.followed and self.is_imported(job_id):
                self.own[job_id].discard(bulk.field)
                if self.connection is not None and self.prefills and bulk.field in self.said[job_id]:
                    self.theirs[job_id][bulk.field] = self.said[job_id][bulk.field]
            else:
                self.own[job_id].add(bulk.field)

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
    @rule()
    def switch_prefill(self) -> None:
        """While it is off, nothing follows; then all that nobody edited, with the next sync."""
        self.prefills = not self.prefills
        with write() as current:
            current.get_one(Connection, self.connection.id).prefill = self.prefills

    @precondition(lambda self: self.connection is not None)
    @rule(approved=st.booleans(), whole=st.booleans())
    def decide(self, approved: bool, whole: bool) -> None:
        holds = self.held_closings().values()
        pending = sorted(hold.job_id for hold in holds if hold.status == HoldStatus.PENDING)
        some = pending if whole else pending[::2]
        if some:
            status = HoldStatus.APPROVED if approved else HoldStatus.DISCARDED
            assert decide_closings(self.connection, status, None, some) == len(some)

    @precondition(lambda self: self.connection is not None)
    @rule(approved=st.booleans())
    def decide_otherwise(self, approved: bool) -> None:
        status, before = HoldStatus.APPROVED, HoldStatus.DISCARDED
        if not approved:
            status, before = before, status
        holds = self.held_closings().values()
        some = sorted(hold.job_id for hold in holds if hold.status == before)[::2]
        if some:
            assert decide_closings(self.connection, status, None, some, again=True) == len(some)

    @precondition(lambda self: self.connection is not None)
    @rule(keep=st.booleans())
    def disconnect(self, keep: bool) -> None:
        before = self.stored()
        assert disconnect(self.organisation.id, keep_jobs=keep)
        self.connection = None
        self.drop_of.clear()
        for row in before.values():
            if keep and row["board_token"] == self.token:
                self.own[row["id"]] = set(FOLLOWABLE)
        for post_id, row in self.stored().items():
            assert row["listed"] == (
                before[post_id]["listed"] and (keep or before[post_id]["source"] == "own")
            )
        assert self.held_closings() == {}

    @precondition(lambda self: self.connection is None)
    @rule(elsewhere=st.booleans())
    def connect(self, elsewhere: bool) -> None:
        if elsewhere:
            self.token = self.tokens[self.token == self.tokens[0]]
        self.is_first, self.paused = True, False
        made = Connection(
            organisation_id=self.organisation.id,
            public_key=f"key-{next(NUMBERS)}",
            board_token=self.token,
            board_name="Northwind",
            include_prospects=self.prospects,
            prefill=self.prefills,
            api_key_ciphertext=b"",
            api_key_last_four="",
        )
        with write() as current:
            current.add(made)
        self.connection = detached(made)

    @precondition(lambda self: self.connection is None and self.rows_of)
    @rule(which=NUMBER, title=WORDS)
    def retitle_a_kept_job(self, which: int, title: str) -> None:
        job_id = self.pick(list(self.rows_of.values()), which)
        row = next(row for row in self.stored().values() if row["id"] == job_id)
        if row["source"] == Source.OWN:
            self.save(job_id, "title", title, stale=False)
            assert self.stored()[row["external_id"]]["title"] == title

    # What the portal does

    @precondition(lambda self: self.may_sync())
    @rule(behind=st.booleans())
    def lose_a_worker(self, behind: bool) -> None:
        """Its lease runs out; the run waits again unless another one does, and nothing was changed."""
        before, holds = self.stored(), self.held_closings()
        run = start_sync(self.connection, Trigger.MANUAL)
        assert run is not None
        with write():
            assert claim(run.id, run.generation, utc_now() - timedelta(seconds=10), timedelta(seconds=1))
        next_run = start_sync(self.connection, Trigger.WEBHOOK) if behind else None
        assert sweep(utc_now()) == 1
        end_read()
        lost = session().get_one(SyncRun, run.id, populate_existing=True)
        waits = not behind and lost.attempt < MAX_ATTEMPTS
        replaced = behind and lost.attempt < MAX_ATTEMPTS
        assert lost.status == (
            RunStatus.QUEUED if waits else RunStatus.CANCELLED if replaced else RunStatus.FAILED
        )
        waiting = queued_run(self.connection.id)
        expected = next_run or (run if waits else None)
        assert (waiting and waiting.id) == (expected and expected.id)
        end_read()
        run_sync(run.id, 0)  # a late message
        assert (self.stored(), self.held_closings()) == (before, holds)

    @precondition(lambda self: self.may_sync())
    @rule()
    def bring_what_is_listed(self) -> None:
        """A sync without any fault, so that much is brought: what is drawn is drawn alike."""
        self.sync("none", again=False, pipeline=False)

    @precondition(lambda self: self.may_sync())
    @rule(fault=st.sampled_from(FAULTS), again=st.booleans(), pipeline=st.booleans())
    def sync(self, fault: str, again: bool, pipeline: bool) -> None:
        """A new ``pipeline`` makes every post anew, whatever Greenhouse says; the same comes of it."""
        if pipeline:
            set_pipeline(running.PIPELINE_VERSION + 1)
        before, holds = self.stored(), self.held_closings()
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

    @precondition(lambda self: self.may_sync())
    @rule(
        which=NUMBER,
        size=st.sampled_from([3, 10, 4, 12]),
        lost=st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2, 5)]),
        new=st.sampled_from([0, 1]),
        decided=st.sampled_from([None, False, True]),
        whole=st.booleans(),
        back=st.sampled_from([1, 0, 2, 5]),
    )
    def lose_many_posts(
        self, which: int, size: int, lost: Fraction, new: int, decided: bool | None, whole: bool, back: int
    ) -> None:
        """What a guard holds, is decided on and comes back: few sequences would draw all of it in a row."""
        self.list_new_posts(["More"] * (size - len(self.listed)), prospect=False)
        self.bring_what_is_listed()
        self.take_off_posts(which, ceil(len(self.listed) * lost))
        self.list_new_posts(["New"] * new, prospect=False)
        self.bring_what_is_listed()
        if decided is not None:
            self.decide(approved=decided, whole=whole)
        self.list_again(which, back)
        self.bring_what_is_listed()

    @precondition(lambda self: self.connection is not None)
    @rule()
    def preview(self) -> None:
        if queued_run(self.connection.id) is not None:
            return  # it would join the sync that waits
        before, holds = self.stored(), self.held_closings()
        self.serve("none")
        assert self.carry_out(Trigger.PREVIEW).status == RunStatus.SUCCEEDED
        assert (self.stored(), self.held_closings()) == (before, holds)

    # What must hold

    @invariant()
    def every_edit_and_every_row_stands(self) -> None:
        stored = self.stored()
        assert {post_id: row["id"] for post_id, row in stored.items()} == self.rows_of
        for row in stored.values():
            assert {name: row[name] for name in ORGANISATION_COLUMNS} == self.theirs[row["id"]]
            follows = {name for name in FOLLOWABLE if is_following(row["follows"], name)}
            assert follows == set(FOLLOWABLE) - self.own[row["id"]]


def set_pipeline(version: int) -> None:
    """Let the portal read Greenhouse as another version of it would."""
    running.PIPELINE_VERSION = payloads.PIPELINE_VERSION = version


def text_as_html(words: str) -> str:
    """Words as a paragraph, escaped once as HTML and once more as Greenhouse sends it."""
    for _ in range(2):
        words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"&lt;p&gt;{words}&lt;/p&gt;"
