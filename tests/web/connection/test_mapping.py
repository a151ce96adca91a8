"""The custom fields of a board in Greenhouse settings: chosen, previewed, saved; and the default type."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.jobs.edit import edit_field
from portal.actions.sync.connection import disconnect
from portal.db import end_read, session
from portal.models import BoardSnapshot, Connection, Job, SyncRun
from portal.store.runs import queued_run
from portal.store.sync_changes import changes_of
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.board_server import DemoBoard

SETTINGS = "/orgs/northwind/greenhouse"
FIELDS = f"{SETTINGS}/fields"
Work = Callable[[Connection], None]


def metadata(*fields: tuple[str, str, object]) -> list[dict[str, object]]:
    return [
        {"id": number, "name": name, "value_type": kind, "value": value}
        for number, (name, kind, value) in enumerate(fields, 1)
    ]


@pytest.fixture
def odd_board(board: DemoBoard) -> DemoBoard:
    """Four posts with fields of names that no rule knows, and no type anywhere."""
    posts = [post for post in board.posts if post["internal_job_id"]]
    for post in posts[4:]:
        board.close(post["id"])
    for number, post in enumerate(posts[:4]):
        board.edit(
            post["id"],
            title=f"Keeper {number}",
            metadata=metadata(
                ("Crew", "single_select", "Dawn" if number else "Dusk"),
                ("Berths", "multi_select", ["Lisbon", "Faro"] if number < 2 else None),
                ("Sea legs", "yes_no", bool(number)),
                ("Rope m", "number", "40.0"),
            ),
        )
    return board


def jobs(app: Flask) -> dict[str, Job]:
    with app.app_context():
        end_read()
        found = session().scalars(select(Job).where(Job.listed)).all()
        session().expunge_all()
        return {job.title: job for job in found}


def queued(app: Flask, connection: Connection) -> SyncRun | None:
    with app.app_context():
        return queued_run(connection.id)


def row_of(page: str, name: str) -> str:
    """The words of a custom field's row."""
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    found = next(row for row in rows if name in row)
    chosen = re.search(r"<option value=\"([a-z_]*)\" selected>", found)
    words = " ".join(re.sub(r"<select.*?</select>|<[^>]*>", " ", found, flags=re.DOTALL).split())
    return f"{words} → {chosen[1] if chosen else '?'}"


def test_fields_are_listed_with_their_commonest_values_and_what_they_feed(
    odd_board: DemoBoard, imported: Connection, mara: PortalClient
) -> None:
    odd_board.edit(
        next(post["id"] for post in odd_board.posts if post["title"] == "Keeper 0"),
        metadata=metadata(("Commitment", "single_select", "Full-time"), ("Crew", "single_select", "<b>Dusk")),
    )
    page = mara.get(SETTINGS).text
    assert row_of(page, "Crew") == "Crew 4 posts 3 × Dawn 1 × Dusk → "
    assert row_of(page, "Berths") == "Berths 2 posts 2 × Faro 2 × Lisbon → "
    assert row_of(page, "Sea legs") == "Sea legs 4 posts 3 × Yes 1 × No → "
    assert row_of(page, "Rope m") == "Rope m 4 posts 4 × 40 → "


def test_what_the_board_says_is_remembered_and_nothing_is_asked_to_show_it(
    odd_board: DemoBoard, imported: Connection, mara: PortalClient, work: Work
) -> None:
    post_id = next(post["id"] for post in odd_board.posts if post["title"] == "Keeper 0")
    odd_board.edit(post_id, metadata=metadata(("Commitment", "single_select", "<b>Full-time</b>")))
    mara.post(f"{SETTINGS}/sync")
    work(imported)
    odd_board.fail(503)
    page = mara.get(SETTINGS).text
    assert (
        row_of(page, "Commitment") == "Commitment 1 post 1 × &lt;b&gt;Full-time&lt;/b&gt; → employment_type"
    )
    assert "Type (by its name)" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_preview_shows_what_would_change_and_changes_nothing(
    app: Flask,
    odd_board: DemoBoard,
    imported: Connection,
    mara: PortalClient,
    headers: dict[str, str],
) -> None:
    odd_board.fail(503)
    sent = {"field": "crew", "column": "department", "default_employment_type": "full_time"}
    page = mara.post(FIELDS, data=sent | {"action": "preview"}, headers=headers).text
    assert "4 jobs would change:" in page
    assert "Type of 4" in page
    assert "Department of 4" in page
    assert "Keeper 0" in page
    assert "Dusk" in page
    assert ("Greenhouse settings</h1>" in page) is not bool(headers)
    if not headers:
        assert 'value="full_time" selected' in page or 'selected value="full_time"' in page
        assert row_of(page, "Crew").endswith("→ department")
    assert queued(app, imported) is None
    assert {job.employment_type for job in jobs(app).values()} == {None}
    assert row_of(mara.get(SETTINGS).text, "Crew").endswith("→ ")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_saved_reaches_the_jobs_with_the_next_sync_though_nothing_changed_in_greenhouse(
    app: Flask,
    odd_board: DemoBoard,
    imported: Connection,
    mara: PortalClient,
    work: Work,
    headers: dict[str, str],
) -> None:
    sent = {
        "field": ["crew", "berths"],
        "column": ["seniority", "tags"],
        "default_employment_type": "full_time",
    }
    response = mara.post(FIELDS, data=sent, headers=headers)
    assert response.status_code == (200 if headers else 303)
    work(imported)
    found = jobs(app)
    assert {title: job.seniority for title, job in found.items()}["Keeper 0"] == "Dusk"
    assert [found[f"Keeper {n}"].tags for n in range(4)] == [["Lisbon", "Faro"]] * 2 + [[]] * 2
    assert {(job.employment_type, job.lacks & 2) for job in found.values()} == {("full_time", 0)}
    with app.app_context():
        run = session().scalars(select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert run is not None
        fields = [each["field"] for change in changes_of(run.id, limit=9) for each in change.fields]
    assert (run.updated, fields.count("seniority"), fields.count("employment_type")) == (4, 4, 4)
    assert row_of(mara.get(SETTINGS).text, "Crew").endswith("→ seniority")


def test_what_somebody_edited_stays_and_a_field_that_feeds_nothing_any_more_empties_what_followed(
    app: Flask, odd_board: DemoBoard, imported: Connection, cast: Cast, mara: PortalClient, work: Work
) -> None:
    mara.post(FIELDS, data={"field": "Crew ", "column": "seniority", "default_employment_type": "contract"})
    work(imported)
    with app.app_context():
        job = session().scalars(select(Job).where(Job.title == "Keeper 1")).one()
        for name, text in (("seniority", "Bosun"), ("employment_type", "part_time")):
            edit_field(cast.northwind.id, job.id, name, text, 0, cast.mara.id)
    sent = {"field": "crew", "column": "", "default_employment_type": ""}
    page = mara.post(FIELDS, data=sent | {"action": "preview"}, headers=HTMX).text
    assert "3 jobs would change:" in page
    assert "2 values that were edited here stay as they are." in page
    mara.post(FIELDS, data=sent)
    work(imported)
    values = {title: (job.seniority, job.employment_type) for title, job in jobs(app).items()}
    assert values == {f"Keeper {n}": (None, None) for n in range(4)} | {"Keeper 1": ("Bosun", "part_time")}


def test_saving_the_same_again_starts_no_sync(
    app: Flask, odd_board: DemoBoard, imported: Connection, mara: PortalClient
) -> None:
    page = mara.post(FIELDS, data={"field": "crew", "column": ""}, headers=HTMX).text
    assert "Nothing was different" in page
    assert queued(app, imported) is None


def test_while_syncing_is_paused_a_choice_waits_until_it_is_resumed(
    app: Flask, odd_board: DemoBoard, imported: Connection, mara: PortalClient, work: Work
) -> None:
    mara.post(f"{SETTINGS}/pause")
    assert (
        "once syncing is resumed"
        in mara.post(FIELDS, data={"default_employment_type": "volunteer"}, headers=HTMX).text
    )
    assert queued(app, imported) is None
    mara.post(f"{SETTINGS}/resume")
    work(imported)
    assert {job.employment_type for job in jobs(app).values()} == {"volunteer"}


@pytest.mark.parametrize(
    "sent",
    [
        {"field": "crew", "column": "title"},
        {"field": ["crew", "berths"], "column": "tags"},
        {"default_employment_type": "slave"},
        {"default_employment_type": "FULL_TIME", "action": "preview"},
    ],
)
def test_nonsense_is_refused_and_stores_nothing(
    app: Flask, odd_board: DemoBoard, imported: Connection, mara: PortalClient, sent: dict[str, object]
) -> None:
    assert mara.post(FIELDS, data=sent).status_code == 422
    with app.app_context():
        held = session().get_one(Connection, imported.id)
        assert (held.field_choices, held.default_employment_type) == ({}, None)


def test_a_field_that_the_board_does_not_have_is_not_stored(
    app: Flask, odd_board: DemoBoard, imported: Connection, mara: PortalClient
) -> None:
    mara.post(FIELDS, data={"field": ["nobody knows", "crew"], "column": ["tags", "tags"]})
    with app.app_context():
        assert session().get_one(Connection, imported.id).field_choices == {"crew": "tags"}


def test_the_address_of_a_preview_leads_to_the_section(imported: Connection, mara: PortalClient) -> None:
    answer = mara.get(FIELDS)
    assert (answer.status_code, answer.location) == (303, f"{SETTINGS}#fields")


def test_members_and_strangers_see_and_change_nothing_of_it(
    app: Flask, imported: Connection, noor: PortalClient, otto: PortalClient
) -> None:
    sent = {"default_employment_type": "full_time"}
    for client, status in ((noor, 403), (otto, 404)):
        assert client.post(FIELDS, data=sent).status_code == status
        assert client.get(SETTINGS).status_code == status


def test_the_default_type_at_connecting_fills_in_what_is_said_nowhere_and_makes_no_job_incomplete(
    app: Flask, cast: Cast, odd_board: DemoBoard, mara: PortalClient, work: Work
) -> None:
    typed = {"api_key": DEMO_API_KEY, "board_token": odd_board.token, "default_employment_type": "nonsense"}
    refused = mara.post(f"{SETTINGS}/connect", data=typed)
    assert (refused.status_code, "Choose one of the types, or none." in refused.text) == (422, True)
    mara.post(f"{SETTINGS}/connect", data=typed | {"default_employment_type": "full_time"})
    with app.app_context():
        connection = session().scalars(select(Connection)).one()
        session().expunge(connection)
    work(connection)
    assert {(job.employment_type, job.lacks & 2) for job in jobs(app).values()} == {("full_time", 0)}
    assert "employment_type" not in "".join(str(job.source_values) for job in _whole(app))


def _whole(app: Flask) -> list[Job]:
    with app.app_context():
        found = list(session().scalars(select(Job)))
        for job in found:
            _ = job.source_values
        return found


def test_disconnecting_forgets_the_choices_and_what_the_board_said(
    app: Flask, odd_board: DemoBoard, imported: Connection, cast: Cast, mara: PortalClient
) -> None:
    with app.app_context():
        assert session().scalars(select(BoardSnapshot)).all()
        disconnect(cast.northwind.id, keep_jobs=True)
        end_read()
        assert session().scalars(select(BoardSnapshot)).all() == []
