"""API tokens: made on one's account's page, and what programs read and change by them."""

import json
import logging
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.actions.accounts import people
from portal.actions.accounts.tokens import make_token
from portal.actions.jobs.edit import edit_field
from portal.db import db, session, write
from portal.domain.accounts.tokens import Scope
from portal.domain.people import Role
from portal.models import ApiToken, Edit, Job, User
from portal.models.base import utc_now
from portal.queues import redis
from tests.support.app import Cast, MakeJob, PortalClient

API = "/api/v1"
JOBS = f"{API}/orgs/northwind/jobs"


class Program:
    """A program that sends a token, and compares what it is answered with the description."""

    def __init__(self, client: PortalClient, sent: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {sent}"}
        self._described = json.loads(client.get(f"{API}/openapi.json").data)

    def ask(self, verb: str, path: str, **body: Any) -> TestResponse:
        answer = self.client.open(path, method=verb, headers=self.headers, **body)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        self._check(verb, answer)
        return answer

    def change(self, job: int, fields: Any) -> TestResponse:
        return self.ask("PATCH", f"{JOBS}/{job}", json=fields)

    def _check(self, verb: str, answer: TestResponse) -> None:
        template = re.sub("orgs/[^/]+", "orgs/{org}", answer.request.path)
        template = re.sub("jobs/[0-9]+$", "jobs/{job_id}", template)
        said = self._described["paths"][template][verb.lower()]["responses"][str(answer.status_code)]
        if "$ref" in said:
            said = self._described["components"]["responses"][said["$ref"].rpartition("/")[2]]
        schema = said["content"][answer.mimetype]["schema"] | {"components": self._described["components"]}
        assert not list(Draft202012Validator(schema).iter_errors(json.loads(answer.data)))


@pytest.fixture
def make(app: Flask, cast: Cast, client: PortalClient) -> Any:
    def program(user: User | None = None, scopes: Iterable[Scope] = Scope) -> Program:
        with app.app_context():
            _, sent = make_token((user or cast.mara).id, cast.northwind.id, "export", list(scopes), 7)
        return Program(client, sent)

    return program


def made(mara: PortalClient, cast: Cast, **fields: Any) -> TestResponse:
    given = {"name": "Nightly", "organisation": str(cast.northwind.id), "scope": ["read"], "days": "30"}
    return mara.post("/account/tokens", data=given | fields)


def sent_in(page: str) -> str:
    found = re.search(r'value="(jobs_[^"]+)"', page)
    assert found
    return found[1]


def test_a_token_is_shown_once_and_found_nowhere_else(
    app: Flask, cast: Cast, mara: PortalClient, client: PortalClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = made(mara, cast, scope=["read", "edit", "sync"])
    sent = sent_in(answer.text)
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    program = Program(client, sent)
    program.ask("GET", JOBS)
    program.ask("POST", f"{API}/orgs/northwind/sync")
    program.ask("PATCH", f"{JOBS}/9", json={"title": "x"})
    program.ask("PATCH", f"{JOBS}/9", data=b"{")
    page = mara.get("/account").text
    assert "Nightly" in page
    assert "Read jobs, Edit jobs, Sync" in page
    assert "last used" in page.partition('id="tokens-section"')[2]
    secret = sent.removeprefix("jobs_")
    assert secret not in page + mara.get("/account/tokens").text + caplog.text
    with app.app_context():
        for table in db.metadata.sorted_tables:
            rows = session().execute(text(f'SELECT * FROM "{table.name}"')).all()
            assert secret not in repr(rows)
        assert not [key for key in redis().scan_iter() if secret.encode() in key + (redis().dump(key) or b"")]


def test_making_one_is_told_by_mail_and_what_cannot_be_meant_is_refused(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient
) -> None:
    for client, fields, sentence in (
        (mara, {"name": " \u200b "}, "Give it a name"),
        (mara, {"scope": []}, "Choose what it may do"),
        (mara, {"days": "36500"}, "for how long"),
        (mara, {"organisation": str(cast.cafe.id)}, "not in this organisation"),
        (mara, {"organisation": "x"}, "not in this organisation"),
        (noor, {"scope": ["read", "edit"]}, "Only admins edit jobs"),
    ):
        answer = made(client, cast, **fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), fields
    with app.app_context():
        assert session().query(ApiToken).count() == 0
    assert made(noor, cast, name="<b>bold</b>").status_code == 200
    assert "&lt;b&gt;bold" in noor.get("/account").text
    with app.app_context():
        assert "An API token was made" in str(session().execute(text("SELECT subject FROM mails")).all())


def test_a_token_ends_with_what_it_hangs_on_but_not_with_the_password(
    app: Flask, cast: Cast, client: PortalClient, make: Any, mara: PortalClient, otto: PortalClient
) -> None:
    with app.app_context():
        people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    program = make()
    number = re.search(r"/account/tokens/(\d+)/revoke", mara.get("/account").text)
    assert number
    with app.app_context():
        people.set_password("mara@example.com", "another long pass phrase")
    otto.post(f"/account/tokens/{number[1]}/revoke")
    assert program.ask("GET", JOBS).status_code == 200
    ends = {
        "run out": lambda: session().query(ApiToken).update({"expires_at": utc_now()}),
        "set by a wrong clock": lambda: (
            session().query(ApiToken).update({"expires_at": utc_now() + timedelta(days=9999)})
        ),
        "revoked": lambda: session().query(ApiToken).delete(),
    }
    for end in ends.values():
        program = make()
        with app.app_context(), write():
            end()
        refused = program.ask("GET", JOBS)
        assert refused.status_code == 401
        assert "invalid_token" in refused.headers["WWW-Authenticate"]
    program = make(cast.noor, [Scope.READ])
    with app.app_context():
        people.remove_member("noor@example.com", "northwind")
        people.set_role("noor@example.com", "northwind", Role.ADMIN)
    assert program.ask("GET", JOBS).status_code == 401
    program = make(cast.noor)
    with app.app_context():
        people.disable_user("noor@example.com", utc_now())
        with write():
            session().get_one(User, cast.noor.id).disabled_at = None
    assert program.ask("GET", JOBS).status_code == 401
    program = make(cast.noor)
    with app.app_context(), write():
        session().delete(session().get_one(User, cast.noor.id))
    assert program.ask("PATCH", f"{JOBS}/1", json={}).status_code == 401


def test_its_person_revokes_it(app: Flask, cast: Cast, make: Any, mara: PortalClient) -> None:
    program = make()
    [path] = re.findall(r"/account/tokens/\d+/revoke", mara.get("/account").text)
    assert "works no more" in mara.post(path, follow_redirects=True).text
    assert "revoked already" in mara.post(path, follow_redirects=True).text
    assert program.ask("GET", JOBS).status_code == 401


def test_a_program_reads_what_its_person_sees_and_strangers_are_never_told(
    app: Flask, cast: Cast, client: PortalClient, make: Any, make_job: MakeJob
) -> None:
    kinds = ("shown", "members", "hidden", "new")
    ids = {kind: make_job(title=f"Job {kind}", visibility=kind) for kind in kinds}
    ids["closed"] = make_job(title="Job closed", listed=False)
    for _ in range(2):  # the second time from what is kept, if anything were
        admin, member = make(), make(cast.noor, [Scope.READ])
        for program, known in ((admin, set(ids)), (member, {"shown", "members", "closed"})):
            listed = {job["title"] for job in json.loads(program.ask("GET", JOBS).data)["jobs"]}
            assert listed == {"Job shown", "Job members"}
            statuses = {kind: program.ask("GET", f"{JOBS}/{job}").status_code for kind, job in ids.items()}
            assert {kind for kind, status in statuses.items() if status == 200} == known
        public = client.get(JOBS, headers={"Accept-Encoding": "gzip"})
        assert "Authorization" in public.headers["Vary"]
        plain = client.get(JOBS)
        assert [job["title"] for job in json.loads(plain.data)["jobs"]] == ["Job shown"]
        assert client.get(f"{JOBS}/{ids['members']}").status_code == 404
        assert client.get(f"{JOBS}/{ids['closed']}").status_code == 410
    told = json.loads(admin.ask("GET", f"{JOBS}/{ids['hidden']}").data)
    assert (told["visibility"], told["open"], told["fields"]["location"]) == (
        "hidden",
        True,
        {"value": "", "version": 0},
    )


def test_a_program_changes_several_fields_at_once(
    app: Flask, cast: Cast, make: Any, make_job: MakeJob
) -> None:
    job = make_job(location="Oslo", summary="Old", salary_visible=True)
    program = make()
    sent = {
        "location": "Porto",
        "summary": None,
        "salary": "50k – 60k EUR",
        "salary_visible": False,
        "tags": ["steel", "night"],
        "description": "**Weld.**",
        "workplace_type": "remote",
        "closes_on": "2036-02-29",
    }
    told = json.loads(program.change(job, sent).data)
    assert told["description_html"] == "<p><strong>Weld.</strong></p>"
    values = {name: each["value"] for name, each in told["fields"].items()}
    assert values["salary_visible"] == "false"
    assert (values["location"], values["summary"], values["tags"]) == ("Porto", "", "steel, night")
    assert {told["fields"][name]["version"] for name in sent} == {1}
    assert json.loads(program.change(job, {}).data) == told
    assert json.loads(program.change(job, values).data) == told  # what was told is taken again, as no change
    with app.app_context():
        assert {edit.user_id for edit in session().query(Edit)} == {cast.mara.id}


def test_what_somebody_changed_meanwhile_is_told_and_nothing_is_saved(
    app: Flask, cast: Cast, make: Any, make_job: MakeJob
) -> None:
    job, program = make_job(location="Oslo"), make()
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Bergen", 0, cast.mara.id)
    answer = program.change(job, {"location": "Porto", "department": "R&D", "versions": {"location": 0}})
    assert answer.status_code == 409
    assert json.loads(answer.data)["conflicts"] == [
        {"field": "location", "yours": "Porto", "theirs": "Bergen", "version": 1, "by": "mara@example.com"}
    ]
    with app.app_context():
        assert session().get_one(Job, job).department is None
    assert program.change(job, {"location": "Bergen", "versions": {"location": 0}}).status_code == 200
    assert program.change(job, {"location": "Porto", "versions": {"location": 1}}).status_code == 200
    assert program.change(job, {"location": "Turku"}).status_code == 200


def test_what_a_sync_changed_meanwhile_is_told_too(app: Flask, make: Any, make_job: MakeJob) -> None:
    job = make_job(source="greenhouse", external_id="1", location="Bergen", follows=2**15 - 1)
    answer = make().change(job, {"location": "Porto", "seen": {"location": "Oslo"}})
    assert answer.status_code == 409
    [conflict] = json.loads(answer.data)["conflicts"]
    assert (conflict["theirs"], conflict["by"]) == ("Bergen", "Greenhouse")


def test_each_bad_value_is_named_by_its_field_and_nothing_is_saved(
    app: Flask, make: Any, make_job: MakeJob
) -> None:
    job, program = make_job(location="Oslo"), make()
    bad = {
        "salary": "a lot",
        "workplace_type": "moon",
        "title": None,
        "featured": None,
        "tags": [1],
        "summary": {"a": 1},
        "department": 7,
        "closes_on": "soon",
        "visibility": "new",
        "hiring_manager": "\ud800",
        "seniority": "x" * 5000,
        "description_html": "<p>",
        "listed": "false",
        "__class__": "x",
    }
    for name, value in bad.items():
        answer = program.change(job, {"location": "Porto", name: value})
        assert answer.status_code == 422, name
        problem = json.loads(answer.data)
        assert [error["field"] for error in problem["errors"]] == [name]
        assert answer.mimetype == "application/problem+json"
    imported = make_job(source="greenhouse", external_id="1")
    [error] = json.loads(program.change(imported, {"title": "Mine"}).data)["errors"]
    assert "edit it in Greenhouse" in error["detail"]
    with app.app_context():
        assert session().get_one(Job, job).location == "Oslo"
        assert session().query(Edit).count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"data": b"{", "content_type": "application/json"},
        {"data": b"\xff", "content_type": "application/json"},
        {"data": b"[" * 100_000, "content_type": "application/json"},
        {"data": b'{"location": "Porto"}', "content_type": "text/plain"},
        {"data": {"location": "Porto"}},
        {"json": ["location"]},
        {"json": {"location": "Porto", "versions": 1}},
        {"json": {"location": "Porto", "versions": {"location": "1"}}},
        {"json": {"location": "Porto", "seen": {"location": None}}},
        {},
    ],
)
def test_what_is_no_object_of_fields_is_refused(make: Any, make_job: MakeJob, body: dict[str, Any]) -> None:
    assert make().ask("PATCH", f"{JOBS}/{make_job()}", **body).status_code == 400


def test_a_program_starts_a_sync_or_hears_why_none_starts(app: Flask, make: Any, mara: PortalClient) -> None:
    answer = make().ask("POST", f"{API}/orgs/northwind/sync")
    assert (answer.status_code, "not connected" in answer.text) == (409, True)


def test_a_session_is_nothing_to_the_api_that_changes_and_a_token_nothing_to_pages(
    app: Flask, cast: Cast, make: Any, mara: PortalClient, make_job: MakeJob
) -> None:
    job, program = make_job(), make()
    path = f"{JOBS}/{job}"
    alone = mara.patch(path, json={"location": "Porto"})
    assert (alone.status_code, alone.headers["WWW-Authenticate"]) == (401, "Bearer realm=jobs")
    both = mara.patch(path, json={"location": "Porto"}, headers={**program.headers, "X-CSRFToken": ""})
    assert both.status_code == 400
    for page in ("/account", "/orgs/northwind/jobs/manage"):
        assert mara.get(page, headers=program.headers).status_code == 303
    assert mara.get("/account", headers={"Authorization": "Bearer of-a-proxy"}).status_code == 200
    for wrong in ("jobs_", "jobs_" + "x" * 43, "x", "", "\u00e9"):
        headers = {"Authorization": f"Bearer {wrong}".encode().decode("latin-1")}
        assert mara.get(JOBS, headers=headers).status_code == 401
    basic = {"Authorization": "Basic eDp4"}
    assert mara.get(JOBS, headers=basic).status_code == 200
