"""Markup, invisible characters and very long words in every field that people fill: pages only show them.

Every page that shows such a text is opened in a narrow browser, with the scripts and styles that belong to
it.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, Final

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from portal.actions.applications.sealing import Use, seal
from portal.actions.single_sign_on.provider import Endpoints
from portal.db import write
from portal.models import (
    Application,
    Authenticator,
    Connection,
    HeldClosing,
    Job,
    MailDomain,
    Passkey,
    SingleSignOn,
    SyncChange,
    SyncRun,
    User,
)
from portal.store.people import next_revision
from portal.web.permissions import POLICIES, Policy
from tests.support.app import Cast, PortalClient
from tests.support.browser_pages import Faults
from tests.support.hostile_texts import ENDLESS, LONG, MARKUP, Watched
from tests.support.rules import address, rules

pytestmark = pytest.mark.browser

ORG: Final = "/orgs/northwind"
NO_PAGES: Final = {
    "live.events",
    "profile.logo",
    "jobs.card",
    "links.qr_code",
    "jobs.choices",
    "command.search",
}
"""Streams, pictures, and parts of pages."""
SHOWN: Final = {Policy.PUBLIC, Policy.SIGNED_IN, Policy.MEMBER, Policy.ADMIN, Policy.SITE_ADMIN}
FILES: Final = (".csv", ".xml", ".atom", ".json", ".js", ".txt")


TYPED: Final = ("onerror=alert", LONG[:30], ENDLESS[5:35])
"""What shows that one of the texts stands on a page."""
SEARCHED: Final = (f"{ORG}/jobs", f"{ORG}/jobs/manage", f"{ORG}/alerts/new", "/ops/people")


def fill(mara: PortalClient) -> None:
    """Send every form that keeps a text: with markup, and with what is very long."""
    for number, text in enumerate((ENDLESS, LONG, MARKUP)):
        line, site = text[:80], f"https://{number}.example/{'p' * 200}"
        job = dict.fromkeys(("location", "department", "hiring_manager", "summary"), line)
        job |= {"tags": text[:40], "seniority": text[:40]}
        token = {"name": text[:60], "organisation": "1", "scope": "read", "days": "7"}
        webhook = {"format": "webhook", "name": text[:60], "address": site, "event": "job.opened"}
        posts: list[tuple[str, dict[str, Any]]] = [
            ("/account/profile", {"name": text[:120]}),
            (f"{ORG}/profile", {"name": line, "summary": text[:300], "website": site}),
            (f"{ORG}/jobs/new", job | {"title": text[:190], "description": text, "apply_url": site}),
            (f"{ORG}/jobs/{number + 1}/fields/location", {"value": f"{line} again", "version": "0"}),
            (f"{ORG}/jobs/manage/views", {"name": line[:60], "query": f"?q={line}"}),
            (f"{ORG}/links", {"name": text[:60], "code": f"code-{number}"}),
            (f"{ORG}/people/invite", {"email": f"{'i' * 60}{number}@{'x' * 60}.example", "role": "member"}),
            (f"{ORG}/webhooks", webhook),
            ("/account/tokens", token),
        ]
        for path, data in posts:
            answer = mara.post(path, data=data)
            if answer.status_code == 422:  # some fields refuse what cannot be seen; all take the rest of it
                answer = mara.post(path, data={name: visible(each) for name, each in data.items()})
            said = re.findall(r'class="error".*?<span>(.*?)</span>', answer.text)
            assert answer.status_code in (200, 303), (path, text, said)


def visible(text: str) -> str:
    return "".join(each for each in text if each.isprintable())


def store_the_rest(app: Flask, cast: Cast) -> None:
    """Store what a sync, applicants and other people left."""
    now = datetime.now(UTC)
    with app.app_context(), write() as rows:
        for user, name in ((cast.noor, LONG[:120]), (cast.otto, MARKUP), (cast.remi, ENDLESS[5:125])):
            rows.get_one(User, user.id).name = name
        mara = rows.get_one(User, cast.mara.id)
        for text in (MARKUP, LONG, ENDLESS[5:]):
            rows.add(
                Passkey(user_id=mara.id, credential_id=text, public_key=b"", sign_count=0, name=text[:80])
            )
        where = {"issuer": f"https://{LONG}.example", "client_id": MARKUP, "client_secret_ciphertext": b""}
        said = Endpoints(MARKUP, LONG, LONG, LONG, LONG, (MARKUP,), posts_secret=True, names_itself=True)
        provider = SingleSignOn(
            **where,
            organisation_id=cast.northwind.id,
            endpoints=said.as_json(),
            read_at=now,
            role="member",
            is_on=True,
        )
        claimed = MailDomain(
            organisation_id=cast.northwind.id, domain=f"{'w' * 200}.example", proof="x", proved_at=now
        )
        rows.add_all([provider, claimed])
        mara.is_site_admin = True
        board = {"organisation_id": cast.northwind.id, "board_token": "board"}
        keys = {"public_key": "k", "api_key_ciphertext": b"", "api_key_last_four": "1234"}
        failing = {"failing_since": now, "last_error": f"{MARKUP}{LONG}", "last_error_kind": "malformed"}
        connection = Connection(**board, **keys, **failing, board_name=f"{MARKUP}{LONG}"[:200])
        aside = [{"id": "1", "title": MARKUP, "reason": LONG}, {"id": "2", "title": LONG, "reason": MARKUP}]
        rows.add(connection)
        rows.flush()
        run = SyncRun(
            **board,
            connection_id=connection.id,
            trigger="manual",
            status="succeeded",
            finished_at=now,
            updated=2,
            set_aside=aside,
            error=MARKUP,
        )
        imported = Job(
            organisation_id=cast.northwind.id,
            source="greenhouse",
            board_token="board",
            external_id=7,
            title=f"{MARKUP}{LONG}",
            location=LONG,
            apply_url="https://x.example/",
            listed=True,
            source_values={"location": {"value": MARKUP}},
            revision=next_revision(cast.northwind.id),
        )
        rows.add_all([run, imported, Authenticator(user_id=mara.id, secret_ciphertext=b"", last_step=0)])
        rows.flush()
        changed = [{"field": "location", "before": LONG, "after": MARKUP}]
        rows.add(SyncChange(run_id=run.id, job_id=imported.id, kind="updated", title=LONG, fields=changed))
        rows.add(
            HeldClosing(organisation_id=cast.northwind.id, connection_id=connection.id, job_id=imported.id)
        )
        who = json.dumps({"name": MARKUP + LONG, "email": f"{LONG}@x.example", "said": MARKUP})
        rows.add(
            Application(
                key="key",
                form_key="form",
                organisation_id=cast.northwind.id,
                job_id=imported.id,
                job_title=LONG,
                board_token="board",
                external_id=7,
                status="uncertain",
                applicant=seal("key", Use.APPLICANT, who.encode()),
                reason=MARKUP,
                forget_at=now + timedelta(days=9),
            )
        )


def pages_of(app: Flask) -> list[str]:
    """The address of every page, and of searches for what is hostile."""
    found = []
    for rule, verb in rules(app):
        policy = POLICIES[rule.endpoint]
        if verb == "GET" and policy in SHOWN and rule.endpoint not in NO_PAGES:
            found.append(address(rule, "northwind"))
    found = [path for path in found if not path.endswith(FILES) and not path.startswith("/api/")]
    searched = f"?q={MARKUP}&department={LONG}&sort={MARKUP}"
    found += [f"{ORG}/jobs/{number}" for number in (2, 3, 4)]
    return [*found, *(f"{path}{searched}" for path in SEARCHED)]


def test_what_people_type_is_shown_and_never_carried_out_nor_wider_than_the_page(
    app: Flask, cast: Cast, mara: PortalClient, portal_page: Page, faults: Faults
) -> None:
    faults.expected = re.compile("status of (403|404|405|409|410|422)|503")
    fill(mara)
    store_the_rest(app, cast)
    watched = Watched(portal_page)
    answers = {path: mara.get(path) for path in pages_of(app)}
    assert {path: each.status for path, each in answers.items() if each.status_code >= 500} == {}
    hostile = [path for path, answer in answers.items() if shows_what_was_typed(answer)]
    assert len(hostile) > 30
    wide = {}
    for path in hostile:
        portal_page.goto(path, wait_until="domcontentloaded")
        if too_wide := watched.too_wide():
            wide[path] = too_wide
        assert not watched.has_foreign_markup(), path
    assert (watched.dialogs, wide) == ([], {})


def shows_what_was_typed(answer: TestResponse) -> bool:
    """Whether a text stands between the header and the foot, which are the same on every page."""
    main = unescape(answer.text.partition("<main")[2])
    return any(text in main for text in TYPED)
