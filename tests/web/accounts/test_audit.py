"""The audit list: who did what when, for admins, never changed and never with a secret."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.actions.accounts import people
from portal.actions.accounts.tokens import make_token
from portal.actions.audit import record, record_alone
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.undo import undo_edit
from portal.db import session, write
from portal.domain.accounts.tokens import Scope
from portal.domain.audit import WORDS, Action, Kind, coarse_network
from portal.domain.people import Role
from portal.models import AuditEntry, Authenticator, Edit, SyncRun, User
from portal.store.accounts.audit import delete_old_entries
from tests.support.app import PASSWORD, Cast, MakeJob, PortalClient, _client

AUDIT = "/orgs/northwind/audit"
PORTAL = Path(__file__).parents[3] / "portal"


def lines(client: PortalClient, query: str = "") -> list[str]:
    """The lines of the list, as they are read."""
    page = client.get(f"{AUDIT}{query}")
    assert page.status_code == 200
    items = re.findall(r"<li>\s*<span class=\"at.*?</li>", page.text, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", item).split()) for item in items]


def about(client: PortalClient, word: str, query: str = "") -> list[str]:
    return [line for line in lines(client, query) if word in line]


def test_what_people_do_is_listed_with_who_and_from_where(
    app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob
) -> None:
    mara.environ_base |= {
        "REMOTE_ADDR": "203.0.113.77",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    }
    job = make_job(title="Welder", location="Oslo")
    posts: list[tuple[str, dict[str, str]]] = [
        ("/orgs/northwind/people/invite", {"email": "ada@example.com", "role": "member"}),
        (f"/orgs/northwind/people/{cast.noor.id}/role", {"role": "admin"}),
        (f"/orgs/northwind/people/{cast.noor.id}/role", {"role": "member"}),
        (f"/orgs/northwind/people/{cast.noor.id}/remove", {}),
        (f"/orgs/northwind/jobs/{job}/fields/location", {"value": "Porto", "version": "0"}),
        (
            "/orgs/northwind/webhooks",
            {"format": "webhook", "name": "Site", "address": "https://hook.example/x", "event": "job.opened"},
        ),
        (
            "/account/tokens",
            {"name": "Nightly", "organisation": str(cast.northwind.id), "scope": "read", "days": "7"},
        ),
    ]
    for path, data in posts:
        assert mara.post(path, data=data).status_code in (200, 204, 303), path
    mara.get("/orgs/northwind/jobs/manage.csv")
    with app.app_context():
        edit = session().query(Edit).one()
        undo_edit(cast.northwind.id, edit.id, cast.mara.id)
    found = lines(mara)
    for words in (
        "Invited · ada@example.com as member",
        "Changed a role · noor@example.com: member → admin",
        "Removed · noor@example.com",
        "Edited Location · Welder Oslo became → Porto",
        "Took back: Location · Welder Porto became → Oslo",
        "Added a webhook · Site",
        "Made an API token · Nightly (Read jobs)",
        "Exported · jobs",
    ):
        assert [line for line in found if words in line], words
        assert all("mara@example.com" in line for line in found if words in line)
    [exported] = about(mara, "Exported · jobs")
    assert exported.endswith("Firefox on Linux · 203.0.113.0/24")
    assert "203.0.113.77" not in mara.get(AUDIT).text + mara.get(f"{AUDIT}.csv").text


def test_what_admins_decide_and_take_out_is_listed_and_an_edit_names_its_token(
    app: Flask, cast: Cast, mara: PortalClient, client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(location="Oslo")
    with app.app_context():
        _, sent = make_token(cast.mara.id, cast.northwind.id, "Nightly", [Scope.EDIT], 7)
        with write() as rows:
            rows.add(Authenticator(user_id=cast.mara.id, secret_ciphertext=b"", last_step=0))
    patched = client.patch(
        f"/api/v1/orgs/northwind/jobs/{job}",
        json={"location": "Porto"},
        headers={"Authorization": f"Bearer {sent}"},
    )
    assert patched.status_code == 200
    hook = {"format": "webhook", "name": "Site", "address": "https://hook.example/x", "event": "job.opened"}
    for path, data in (
        ("/orgs/northwind/people/two-step", {"required": "1"}),
        ("/orgs/northwind/people/two-step", {"required": "1"}),
        ("/orgs/northwind/people/two-step", {}),
        ("/orgs/northwind/links", {"name": "Fair", "code": "fair"}),
        ("/orgs/northwind/links/1/delete", {}),
        ("/orgs/northwind/webhooks", hook),
        ("/orgs/northwind/webhooks/1/test", {}),
        ("/account/two-step/off", {"off_proof": PASSWORD}),
    ):
        assert mara.post(path, data=data).status_code in (200, 303), path
    mara.get("/orgs/northwind/traffic.csv")
    found = lines(mara)
    for words, times in (
        ("Required two-step sign-in", 2),
        ("Required two-step sign-in no longer", 1),
        ("Deleted a tracked link · Fair", 1),
        ("Sent a test message · Site", 1),
        ("Switched two-step sign-in off", 1),
        ("Exported · views and clicks", 1),
    ):
        assert len([line for line in found if words in line]) == times, words
    words = ["user", "set-password", "noor@example.com", "--password-stdin"]
    assert app.test_cli_runner().invoke(args=words, input="noor's very own words\n").exit_code == 0
    assert len(about(mara, "The operator Changed a password · noor@example.com")) == 1
    [edited] = about(mara, "Edited Location")
    assert edited.endswith("API token “Nightly”")


def test_a_sign_in_is_listed_in_each_organisation_of_the_person(
    app: Flask, cast: Cast, mara: PortalClient, otto: PortalClient
) -> None:
    with app.app_context():
        people.set_role("noor@example.com", "cafe-nord", Role.MEMBER)
    browser = _client(app).with_csrf_token()
    browser.post("/login", data={"email": "noor@example.com", "password": "wrong"})
    browser.post("/login", data={"email": "noor@example.com", "password": PASSWORD})
    assert len(about(mara, "noor@example.com Signed in")) == 1
    assert "noor@example.com" in otto.get("/orgs/cafe-nord/audit").text
    assert about(mara, "cafe") == []


def test_it_is_filtered_by_person_kind_and_the_organisations_own_day_and_paged(
    app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(location="Oslo")
    with app.app_context():
        with write():
            session().execute(text("UPDATE organisations SET time_zone = 'Pacific/Auckland'"))
            for hour in (10, 12):  # on both sides of midnight in Auckland
                at = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
                session().add(
                    AuditEntry(organisation_id=cast.northwind.id, action="left", about=f"at {hour}", at=at)
                )
            run = SyncRun(organisation_id=cast.northwind.id, board_token="acme", trigger="schedule")
            session().add(run)
        edit_field(cast.northwind.id, job, "location", "Porto", 0, cast.noor.id)
        record_alone(cast.northwind.id, Action.KEY_REPLACED)
    assert [line for line in lines(mara, f"?person={cast.noor.id}") if "noor@example.com" not in line] == []
    assert len(lines(mara, f"?person={cast.noor.id}")) == 1
    assert len(lines(mara, "?kind=edits")) == 1
    assert [("The portal" in line, "Synced" in line) for line in lines(mara, "?kind=syncs")] == [(True, True)]
    assert len(about(mara, "Replaced the API key", "?kind=connection")) == 1
    assert [line[-5:] for line in lines(mara, "?day=2026-03-02")] == ["at 12"]
    assert len(lines(mara, "?day=nonsense&kind=nonsense&person=x&page=-1")) == 5
    assert lines(mara, f"?person={2**62}&day=2026-03-02") == []
    with app.app_context(), write():
        for number in range(60):
            record(cast.northwind.id, Action.LINK_MADE, f"link {number}", user_id=cast.mara.id)
    assert len(lines(mara, "?kind=settings")) == 50
    assert len(lines(mara, "?kind=settings&page=2")) == 10
    assert "kind=settings&amp;page=2" in mara.get(f"{AUDIT}?kind=settings").text
    assert mara.get(f"{AUDIT}.csv?kind=settings").text.count("link ") == 60


def test_a_bulk_edit_is_one_line(app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(3)]
    data = {
        "job_id": [str(job) for job in jobs],
        "field": "location",
        "how": "set",
        "value": "Porto",
        "confirm": "1",
    }
    with app.app_context(), write():
        for job in jobs:
            session().add(
                Edit(
                    organisation_id=cast.northwind.id,
                    job_id=job,
                    user_id=cast.mara.id,
                    field="location",
                    version=1,
                    before={"location": None},
                    after={"location": data["value"]},
                    batch_id=7,
                )
            )
    assert len(about(mara, "Changed Location in 3 jobs")) == len(lines(mara, "?kind=edits")) == 1


def test_a_file_of_it_holds_no_formula(app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="=HYPERLINK(1)", location="-1+1")
    with app.app_context():
        with write():
            session().get_one(User, cast.mara.id).name = "@mara"
        edit_field(cast.northwind.id, job, "location", "+cmd|x", 0, cast.mara.id)
    answer = mara.get(f"{AUDIT}.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "northwind-audit-" in answer.headers["Content-Disposition"]
    [line] = [line for line in answer.text.splitlines() if "Edited Location" in line]
    assert line.split(",")[1:6] == ["'@mara", "Edited Location", "'=HYPERLINK(1)", "'-1+1", "'+cmd|x"]
    assert len(about(mara, "Exported · audit list")) == 1


def test_what_fails_leaves_no_entry_and_what_somebody_gone_did_stays_without_a_name(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    with app.app_context():
        with pytest.raises(people.LastAdmin):
            people.remove(cast.northwind.id, cast.mara.id)
        assert session().query(AuditEntry).count() == 0
        record_alone(cast.northwind.id, Action.EXPORTED, "jobs")
        with write():
            record(cast.northwind.id, Action.PAUSED, user_id=cast.noor.id)
            session().flush()
            session().delete(session().get_one(User, cast.noor.id))
    noor = _client(app)
    assert noor.get(AUDIT).status_code == 303
    [paused] = about(mara, "Paused syncing")
    assert "noor@example.com" not in paused


def test_hostile_texts_and_what_a_newer_version_stored_are_only_shown(
    app: Flask, cast: Cast, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title="<script>x</script>")
    with app.app_context(), write():
        common = {"organisation_id": cast.northwind.id, "user_id": None}
        session().add(AuditEntry(**common, action="of-tomorrow", about="<b>\u202e" + "x" * 290))
        session().add(
            SyncRun(organisation_id=cast.northwind.id, board_token="a", trigger="of-tomorrow", status="x")
        )
        for number, (field, value) in enumerate(
            (("of-tomorrow", {"x": 1}), ("salary", {}), ("featured", [1]))
        ):
            session().add(Edit(**common, job_id=job, field=field, version=number, before=value, after=value))
    assert len(lines(mara)) == 5
    assert "Of tomorrow" in mara.get(AUDIT).text
    assert mara.get(f"{AUDIT}.csv").status_code == 200


def test_nothing_in_the_code_changes_an_entry_and_only_the_tidy_up_deletes_one() -> None:
    where = {
        path.relative_to(PORTAL).as_posix(): path.read_text()
        for path in PORTAL.rglob("*.py")
        if re.search("AuditEntry|audit_entries", path.read_text())
    }
    assert set(where) == {
        "models/__init__.py",
        "models/audit.py",
        "store/accounts/audit.py",
        "store/accounts/site.py",
        "web/accounts/audit_rows.py",
    }
    assert not re.search(r"\b(insert|update|delete)\b", where["store/accounts/site.py"])
    store = where["store/accounts/audit.py"]
    assert re.findall(r"(\w+)\(AuditEntry\b", store).count("delete") == 1
    assert not re.search(r"\bupdate\(|\.values\(|setattr|session\(\)\.(add|delete|merge)", store)
    assert "delete(" not in store.partition("def delete_old_entries")[0].partition("def add_entry")[2]
    users = {path.name for path in PORTAL.rglob("*.py") if "delete_old_entries" in path.read_text()}
    assert users == {"audit.py", "tidy_up.py"}


def test_entries_go_after_a_year_and_not_before(app: Flask, cast: Cast) -> None:
    with app.app_context():
        record_alone(cast.northwind.id, Action.EXPORTED)
        now = datetime.now(UTC)
        with write():
            assert delete_old_entries(now - timedelta(days=1), 10) == (0, 0)
            assert delete_old_entries(now + timedelta(days=1), 10) == (1, 1)


def test_every_action_has_words_and_fits_its_column() -> None:
    assert set(WORDS) == set(Action)
    assert max(map(len, Action)) <= 32
    assert {kind.label for kind in Kind}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("nowhere", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_as_a_network_that_is_nobodys_alone(address: str, network: str) -> None:
    assert coarse_network(address) == network
