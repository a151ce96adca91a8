"""The hub: one reader and one rendering a process, streams that end when they must."""

from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from queue import Empty
from socket import AF_UNIX, socket
from threading import Event as Flag
from time import monotonic, sleep

import pytest
from redis import Redis

from portal.live import hub as hub_module
from portal.live.events import Changes, Event, ThreadWatcher, Watcher
from portal.live.hub import STREAMS_PER_SIGN_IN, Hub
from portal.live.publish import CHANNEL
from portal.logs import configure_logging
from portal.queues import connect_redis
from tests.support.forwarder import Forwarder
from tests.support.processes import PATIENCE


class Database:
    """What the hub reads: revisions that a test moves on, and how often it was asked."""

    def __init__(self) -> None:
        self.revision = {1: 0, 2: 0}
        self.rendered: list[int] = []
        self.barred: set[int] = set()
        self.under_way: set[int] = set()
        self.broken: dict[int, BaseException] = {}
        self.beaten = Flag()
        self.here: dict[int, str] = {}
        self.standing = "half way"
        self.looked = Flag()

    def changes(self, organisation_id: int, after: int) -> Changes:
        self.rendered.append(organisation_id)
        if organisation_id in self.broken:
            raise self.broken[organisation_id]
        revision = self.revision[organisation_id]
        return Changes(revision, (Event("rows", f"{after}-{revision}", revision),))

    def status(self, organisation_id: int) -> Event:
        if organisation_id in self.broken:
            raise self.broken[organisation_id]
        self.looked.set()
        return Event("status", self.standing)

    def revisions(self, organisation_ids: list[int]) -> dict[int, int]:
        self.beaten.set()
        return {key: self.revision[key] for key in organisation_ids}

    def syncing(self, organisation_ids: list[int]) -> list[int]:
        return [key for key in organisation_ids if key in self.under_way]

    def present(self, organisation_ids: list[int]) -> dict[int, Event]:
        return {key: Event("presence", self.here.get(key, "")) for key in organisation_ids}

    def allowed(self, watchers: list[Watcher]) -> set[int]:
        return {watcher.login_id for watcher in watchers} - self.barred


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def make_hub(database: Database, redis: Redis) -> Iterator[Callable[..., Hub]]:
    made: list[Hub] = []

    def make(capacity: int = 10, redis: Redis = redis) -> Hub:
        made.append(Hub(database, redis, capacity))
        return made[-1]

    yield make
    for hub in made:
        hub.close()
        hub.join()


def opened(
    hub: Hub, database: Database, organisation_id: int = 1, login_id: int = 1, after: int = 0
) -> ThreadWatcher:
    """A stream whose hub listens by now."""
    watcher = hub.watch(organisation_id, login_id, after)
    assert isinstance(watcher, ThreadWatcher)
    assert database.beaten.wait(PATIENCE)
    return watcher


def next_of(watcher: ThreadWatcher, name: str) -> Event | None:
    """The next event of that name; ``None`` for the stream's end."""
    while True:
        event = watcher.waiting.get(timeout=PATIENCE)
        if event is None or event.name == name:
            return event


def tell(redis: Redis, message: str) -> None:
    redis.publish(CHANNEL, message)


def test_a_change_is_rendered_once_however_many_watch(make_hub, database, redis) -> None:
    hub = make_hub(20)
    watchers = [opened(hub, database, login_id=number) for number in range(20)]
    database.revision[1] = 3
    tell(redis, '{"organisation": 1, "revision": 3}')
    assert {next_of(watcher, "rows") for watcher in watchers} == {Event("rows", "0-3", 3)}
    assert database.rendered == [1]


def test_nobody_hears_of_another_organisation(make_hub, database, redis) -> None:
    hub = make_hub()
    one, other = opened(hub, database), opened(hub, database, organisation_id=2)
    database.revision[2] = 1
    tell(redis, '{"organisation": 2, "revision": 1}')
    assert next_of(other, "rows") == Event("rows", "0-1", 1)
    tell(redis, '{"organisation": 1, "progress": 1}')
    heard = next_of(one, "status")
    assert heard == Event("status", "half way")
    assert database.rendered == [2]


def heard_until(watcher: ThreadWatcher, data: str) -> list[str]:
    """What a stream was told until it was told this, without heartbeats and who is where."""
    heard: list[str] = []
    while data not in heard:
        event = watcher.waiting.get(timeout=PATIENCE)
        assert event is not None
        heard += [event.data] if event.name in ("rows", "status") else []
    return heard


def test_rows_come_before_the_status_which_is_told_where_it_is_another(make_hub, database, redis) -> None:
    hub = make_hub()
    one = opened(hub, database)
    for revision, standing in enumerate(("half way", "half way", "done"), start=1):
        database.standing, database.revision[1] = standing, revision
        database.looked.clear()
        tell(redis, f'{{"organisation": 1, "revision": {revision}}}')
        assert database.looked.wait(PATIENCE)
    assert heard_until(one, "done") == ["0-1", "half way", "1-2", "2-3", "done"]


def test_who_comes_later_is_told_the_next_status_all_the_same(make_hub, database, redis) -> None:
    hub = make_hub()
    one = opened(hub, database)
    tell(redis, '{"organisation": 1, "progress": 1}')
    assert heard_until(one, "half way") == ["half way"]
    later = opened(hub, database, login_id=2)
    database.revision[1] = 1
    tell(redis, '{"organisation": 1, "revision": 1}')
    assert heard_until(later, "half way") == ["0-1", "half way"]


def test_a_status_that_progress_replaced_is_told_again(make_hub, database, redis) -> None:
    hub = make_hub()
    one = opened(hub, database)
    database.revision[1] = 1
    tell(redis, '{"organisation": 1, "revision": 1}')
    assert heard_until(one, "half way") == ["0-1", "half way"]
    database.standing = "nearly done"
    tell(redis, '{"organisation": 1, "progress": 1}')
    assert heard_until(one, "nearly done") == ["nearly done"]
    database.standing, database.revision[1] = "half way", 2
    tell(redis, '{"organisation": 1, "revision": 2}')
    assert heard_until(one, "half way") == ["1-2", "half way"]


def test_how_far_a_bulk_edit_is_hears_who_asked_for_it_and_nobody_else(make_hub, database, redis) -> None:
    hub = make_hub()
    mine, twin = opened(hub, database, login_id=1), opened(hub, database, login_id=1)
    others = [opened(hub, database, login_id=2), opened(hub, database, organisation_id=2, login_id=1)]
    message = '{"organisation": 1, "login": 1, "bulk": "t0k-en", "done": 500, "total": 1200}'
    tell(redis, message)
    for watcher in (mine, twin):
        assert next_of(watcher, "bulk") == Event("bulk", "t0k-en 500 1200")
    database.revision.update({1: 1, 2: 1})
    for organisation in (1, 2):
        tell(redis, f'{{"organisation": {organisation}, "revision": 1}}')
    for watcher in others:
        heard = next(event for event in iter(watcher.waiting.get, None) if event.name in ("bulk", "rows"))
        assert heard.name == "rows"


def test_who_is_where_is_told_to_admins_of_that_organisation_alone(make_hub, database, redis) -> None:
    hub = make_hub()
    admin, member, other = (
        hub.watch(org, login, 0, is_admin=is_admin)
        for login, org, is_admin in ((1, 1, True), (2, 1, False), (3, 2, True))
    )
    database.here[1] = "Mara is editing Location"
    tell(redis, '{"organisation": 1, "presence": 1}')
    while (event := next_of(admin, "presence")) != Event("presence", "Mara is editing Location"):
        assert event == Event("presence", "")
    database.revision.update({1: 1, 2: 1})
    for organisation in (1, 2):
        tell(redis, f'{{"organisation": {organisation}, "revision": 1}}')
    for watcher, heard in ((member, []), (other, [""])):
        events = iter(lambda watcher=watcher: watcher.waiting.get(timeout=PATIENCE), None)
        told = takewhile(lambda event: event.name != "rows", events)
        assert [event.data for event in told if event.name == "presence"] in ([], heard)


def test_a_lost_message_heals_within_a_heartbeat(make_hub, database, redis, monkeypatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.05)
    watcher = opened(make_hub(), database)
    database.revision[1] = 7
    assert next_of(watcher, "rows") == Event("rows", "0-7", 7)


def test_a_sync_under_way_is_told_with_every_heartbeat_and_no_other(
    make_hub, database, redis, monkeypatch
) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.05)
    hub = make_hub()
    syncing, resting = opened(hub, database, 1, login_id=1), opened(hub, database, 2, login_id=2)
    database.under_way.add(1)
    assert next_of(syncing, "status") == Event("status", "half way")
    assert next_of(syncing, "status") == Event("status", "half way")
    assert all(event is None or event.name == "ping" for event in resting.waiting.queue)


def test_heartbeats_carry_the_present_revision(make_hub, database, redis, monkeypatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.05)
    database.revision[1] = 4
    watcher = opened(make_hub(), database, after=4)
    assert next_of(watcher, "ping") == Event("ping", "4", 4)


def test_more_streams_than_places_are_refused(make_hub, database) -> None:
    hub = make_hub(2)
    first = opened(hub, database)
    opened(hub, database)
    assert hub.watch(1, 1, 0) is None
    hub.leave(first)
    assert hub.watch(1, 1, 0) is not None


def test_one_sign_in_cannot_take_every_place(make_hub, database) -> None:
    hub = make_hub(10)
    mine = [hub.watch(1, 1, 0) for _ in range(8)]
    assert sum(watcher is not None for watcher in mine) == STREAMS_PER_SIGN_IN
    assert hub.watch(1, 2, 0) is not None


def test_a_stream_ends_at_once_when_its_sign_in_does(make_hub, database, redis) -> None:
    hub = make_hub()
    leaving, staying = opened(hub, database, login_id=1), opened(hub, database, login_id=2)
    database.barred.add(1)
    tell(redis, '{"sessions": 1}')
    assert next_of(leaving, "rows") is None
    database.revision[1] = 1
    tell(redis, '{"organisation": 1, "revision": 1}')
    assert next_of(staying, "rows") is not None


def test_every_stream_ends_when_the_server_stops(make_hub, database) -> None:
    hub = make_hub()
    watcher = opened(hub, database)
    stream = hub.stream(watcher, ())
    hub.close()
    assert [chunk for chunk in stream if not chunk.startswith(b"id: 0\nevent: ping")] == []
    assert hub.streams == 0
    assert hub.watch(1, 1, 0) is None


def test_a_closed_iterator_gives_its_place_back(make_hub, database) -> None:
    hub = make_hub()
    stream = hub.stream(opened(hub, database), (Event("rows", "a\nb", 5),))
    assert next(stream) == b"id: 5\nevent: rows\ndata: a\ndata: b\n\n"
    stream.close()
    assert hub.streams == 0


def test_a_stream_that_nobody_ever_read_gives_its_place_back_too(make_hub, database) -> None:
    hub = make_hub()
    hub.stream(opened(hub, database), (Event("rows", "a", 5),)).close()
    assert hub.streams == 0


def test_a_stream_that_falls_behind_is_ended_and_holds_up_nobody(make_hub, database, redis) -> None:
    hub = make_hub()
    slow, quick = opened(hub, database, login_id=1), opened(hub, database, login_id=2)
    for _ in range(slow.waiting.maxsize + 5):
        tell(redis, '{"organisation": 1, "progress": 1}')
        assert next_of(quick, "status") is not None
    held = []
    while (event := slow.waiting.get(timeout=PATIENCE)) is not None:
        held.append(event)
    assert len(held) <= slow.waiting.maxsize
    with pytest.raises(Empty):
        slow.waiting.get_nowait()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the hub writes into the log."""
    configure_logging(production=False)
    return caplog


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.05)


@pytest.mark.usefixtures("quick_heartbeats")
def test_what_cannot_be_rendered_of_one_organisation_keeps_no_change_from_another(
    make_hub, database, redis, log
) -> None:
    hub = make_hub()
    broken, sound = opened(hub, database, 1, login_id=1), opened(hub, database, 2, login_id=2)
    database.broken[1] = ValueError("'fortnight' is not a valid SalaryPeriod")
    database.under_way.add(1)
    database.revision.update({1: 1, 2: 1})
    tell(redis, '{"organisation": 1, "revision": 1}')
    assert next_of(sound, "rows") == Event("rows", "0-1", 1)
    while database.rendered.count(1) < 5:
        heartbeat = next_of(broken, "ping")
        assert heartbeat
        assert heartbeat.revision == 0, "what was not sent is not past"
    told = [record for record in log.records if "live_failed" in record.getMessage()]
    assert len(told) == 2, "the changes and the progress, once each"
    assert hub.failures.total > 2
    database.broken.clear()
    assert next_of(broken, "rows") == Event("rows", "0-1", 1)


@pytest.mark.usefixtures("quick_heartbeats")
@pytest.mark.parametrize(
    "message", ["nonsense", "[]", '"text"', '{"organisation": 1, "bulk": 1}', '{"organisation": []}', "\x00"]
)
def test_a_message_that_nobody_can_read_changes_nothing(make_hub, database, redis, message) -> None:
    watcher = opened(make_hub(), database)
    tell(redis, message)
    database.revision[1] = 2
    assert next_of(watcher, "rows") == Event("rows", "0-2", 2)


@pytest.mark.usefixtures("quick_heartbeats")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_started_anew_by_the_streams_that_wait(make_hub, database) -> None:
    hub = make_hub()
    watcher = opened(hub, database)
    assert hub.is_up
    database.broken[1] = SystemExit()
    database.revision[1] = 1
    hub.join()
    assert not hub.is_up
    database.broken.clear()
    assert any(b"event: rows" in chunk for chunk in hub.stream(watcher, ()))
    assert hub.is_up


@pytest.mark.usefixtures("quick_heartbeats")
def test_after_a_restore_pages_stand_at_the_older_revision(make_hub, database) -> None:
    database.revision[1] = 9
    watcher = opened(make_hub(), database, after=9)
    database.revision[1] = 4
    assert next_of(watcher, "rows") == Event("rows", "9-4", 4)
    assert next_of(watcher, "ping") == Event("ping", "4", 4)


@pytest.fixture
def silent_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    place = tmp_path_factory.mktemp("silent") / "redis.sock"
    with socket(AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen(64)
        yield f"unix://{place}"


@pytest.mark.usefixtures("quick_heartbeats")
def test_a_redis_that_never_answers_silences_no_stream(make_hub, database, silent_redis, log) -> None:
    with connect_redis(silent_redis) as silent:
        hub = make_hub(redis=silent)
        watcher = opened(hub, database)
        for revision in (1, 2):
            database.revision[1] = revision
            assert next_of(watcher, "rows") == Event("rows", f"{revision - 1}-{revision}", revision)
        hub.close()
        hub.join()
    assert log.text.count("live_subscription_failed") == 1


@pytest.mark.usefixtures("quick_heartbeats")
def test_a_redis_that_falls_silent_is_left_and_found_again(make_hub, database, redis, redis_url) -> None:
    with Forwarder(Path(redis_url.removeprefix("unix://"))) as line:
        behind = connect_redis(f"redis://127.0.0.1:{line.port}")
        hub = make_hub(redis=behind)
        watcher = opened(hub, database)
        line.freeze()
        until = monotonic() + PATIENCE
        while not any(event and event.name == "status" for event in list(watcher.waiting.queue)):
            assert monotonic() < until
            tell(redis, '{"organisation": 1, "progress": 1}')
            sleep(0.02)
        hub.close()
        hub.join()
        behind.close()
