"""The command field: what it finds for whom, in which order, and what it may do at that moment."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from portal.actions.jobs.saved_views import save_view
from portal.db import write
from portal.models import Connection, Membership, User
from portal.models.base import utc_now
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.manage_page import connect

MakeJob = Callable[..., int]
COMMAND = "/orgs/northwind/command"
AT = "/orgs/northwind/jobs/manage"
AT_LIST = {**HTMX, "HX-Current-URL": "http://localhost/orgs/northwind/jobs/manage?q=a"}
OPTION = re.compile(r'<(?:a|button) role="option".*?</(?:a|button)>', re.DOTALL)


@pytest.fixture
def connected(app: Flask, cast: Cast) -> int:
    """A connection of Northwind's."""
    return connect(app, cast)


def options(client: PortalClient, q: str = "", headers: dict[str, str] = HTMX) -> list[str]:
    """What each option says, key and all."""
    answer = client.get(COMMAND, query_string={"q": q}, headers=headers)
    assert answer.status_code == 200
    return [unescape(" ".join(re.sub("<[^>]*>", " ", each).split())) for each in OPTION.findall(answer.text)]


def groups(client: PortalClient, q: str = "") -> list[str]:
    text = client.get(COMMAND, query_string={"q": q}, headers=HTMX).text
    return re.findall(r'class="heading"[^>]*>([^<]*)<', text)


def test_jobs_are_found_as_in_the_list_those_named_so_first(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Buyer", department="Lødz Welding", location="Łódź")
    make_job(title="Senior Lodz Welder", requisition_id="R-7")
    make_job(title="Łódź Welder", location="Köln", visibility="hidden")
    found = options(mara, "LODZ weld")
    assert found[:4] == [
        "Łódź Welder Köln · Hidden",
        "Senior Lodz Welder R-7 · Open",
        "Buyer Łódź · Open",
        "Show all 3 jobs with “LODZ weld”",
    ]
    assert options(mara, "koln")[0] == "Łódź Welder Köln · Hidden"
    assert options(mara, '"r 7"')[0] == "Senior Lodz Welder R-7 · Open"


def test_a_job_opens_beside_the_list_and_all_of_them_in_it(mara: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="Dyer")
    text = mara.get(f"{COMMAND}?q=dyer", headers=HTMX).text
    assert f'href="/orgs/northwind/jobs/manage?job={job}"' in text
    assert 'href="/orgs/northwind/jobs/manage?q=dyer"' in text


def test_what_is_named_so_comes_before_what_only_holds_the_word(
    mara: PortalClient, make_job: MakeJob, connected: int
) -> None:
    make_job(title="Welder", tags=["sync"])
    assert groups(mara, "sync")[0] == "Actions"
    assert options(mara, "sync")[0] == "Sync now"
    make_job(title="Sync engineer")
    assert options(mara, "sync")[0].startswith("Sync engineer")


def test_no_more_than_a_dozen_are_shown_and_nothing_says_so(
    app: Flask, mara: PortalClient, make_job: MakeJob, cast: Cast, connected: int
) -> None:
    for number in range(8):
        make_job(title=f"Sailor {number}")
    with app.app_context():
        for number in range(4):
            save_view(cast.northwind.id, f"Sailors {number}", "q=sailor", cast.mara.id)
    for q in ("s", ""):
        assert 10 <= len(options(mara, q)) <= 13
    assert "data-said" in mara.get(f"{COMMAND}?q=s", headers=HTMX).text
    assert options(mara, "zzz") == []
    assert "Nothing found for “<bdi>zzz&lt;b&gt;</bdi>”" in mara.get(f"{COMMAND}?q=zzz<b>", headers=HTMX).text


def test_an_empty_field_offers_the_jobs_changed_last_and_the_commonest_actions(
    mara: PortalClient, make_job: MakeJob, connected: int
) -> None:
    for title in ("First", "Second"):
        make_job(title=title)
    assert options(mara)[:3] == ["Second Open", "First Open", "Sync now"]
    assert {"Sync now", "Add a job", "Manage jobs"} <= set(options(mara))


def test_views_built_in_and_saved_are_found_with_their_counts(
    app: Flask, mara: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    make_job(visibility="hidden")
    with app.app_context():
        save_view(cast.northwind.id, "Hidden treasures", "status=hidden&sort=title", cast.mara.id)
    assert options(mara, "hidden")[:2] == ["Hidden treasures saved view", "Hidden jobs 1"]
    text = mara.get(f"{COMMAND}?q=hidden", headers=HTMX).text
    assert 'href="/orgs/northwind/jobs/manage?status=hidden&amp;sort=title&amp;view=1"' in text


def test_only_what_can_be_done_at_this_moment_is_offered(
    app: Flask, mara: PortalClient, noor: PortalClient, cast: Cast
) -> None:
    assert "Connect Greenhouse" in options(mara)
    assert options(mara, "sync now") == []
    connect(app, cast)
    assert "Sync now" in options(mara)
    assert "Connect Greenhouse" not in options(mara, "greenhouse")
    with app.app_context(), write() as session:
        session.query(Connection).one().paused_at = utc_now()
    assert options(mara, "sync now") == []
    assert "Resume syncing" in options(mara, "sync")


@pytest.mark.parametrize(
    "q", ["", "sync", "add", "import", "greenhouse settings", "deleted", "connect", "check"]
)
def test_a_member_is_offered_nothing_that_is_for_admins(
    noor: PortalClient, mara: PortalClient, connected: int, q: str
) -> None:
    text = noor.get(f"{COMMAND}?q={q}", headers=HTMX).text
    for address in re.findall(r'(?:href|formaction)="([^"#]+)"', text):
        verb = noor.post if f'formaction="{address}"' in text else noor.get
        assert verb(unescape(address)).status_code == 200, address


def test_an_admin_finds_people_by_name_and_address(
    app: Flask, mara: PortalClient, noor: PortalClient, cast: Cast
) -> None:
    with app.app_context(), write() as session:
        session.get_one(User, cast.noor.id).name = "Nóor Özdemir"
    assert groups(mara, "ozd")[0] == "People"
    assert options(mara, "noor ozd") == [f"Nóor Özdemir {cast.noor.email}"]
    assert options(mara, cast.noor.email) == [f"Nóor Özdemir {cast.noor.email}"]
    address = f"/orgs/northwind/people#person-{cast.noor.id}"
    assert f'href="{address}"' in mara.get(f"{COMMAND}?q=ozdemir", headers=HTMX).text
    assert f'id="person-{cast.noor.id}"' in mara.get(address).text
    assert options(noor, "ozdemir") == []
    assert "People" not in groups(mara)


@pytest.mark.parametrize(
    ("q", "place", "address"),
    [
        ("audit", "Audit", "/orgs/northwind/audit"),
        ("webhook", "Webhooks and Slack", "/orgs/northwind/webhooks"),
        ("website profile", "Organisation profile", "/orgs/northwind/profile"),
        ("api token", "API tokens", "/account#tokens-section"),
        ("authenticator", "Two-step sign-in", "/account#two_step-section"),
        ("passkey", "Passkeys", "/account#passkeys-section"),
        ("sessions", "Sessions", "/account#sessions-section"),
        ("password", "Password", "/account#password-section"),
        ("density", "Look and keys", "/account#look-section"),
        ("alerts", "E-mail alerts", "/orgs/northwind/alerts/new"),
    ],
)
def test_settings_are_found_by_what_they_are_about(
    mara: PortalClient, q: str, place: str, address: str
) -> None:
    assert place in options(mara, q)
    assert f'href="{address}"' in mara.get(f"{COMMAND}?q={q}", headers=HTMX).text
    page, _, part = address.partition("#")
    assert not part or f'id="{part}"' in mara.get(page).text


def test_keys_are_shown_where_they_work(mara: PortalClient, connected: int) -> None:
    assert options(mara, "now") == ["Sync now"]
    assert "Sync now r" in options(mara, "now", AT_LIST)
    assert "Add a job n" in options(mara, "add", AT_LIST)
    assert "Keyboard shortcuts ?" in options(mara, "shortcuts", AT_LIST)
    assert options(mara, "shortcuts") == []
    assert "Export this list as CSV" in options(mara, "csv", AT_LIST)
    assert options(mara, "shortcuts", {**HTMX, "HX-Current-URL": "http://[/orgs"}) == []


def test_without_a_script_it_is_a_page_of_links_and_forms(
    mara: PortalClient, make_job: MakeJob, connected: int
) -> None:
    make_job(title="Syncopation coach")
    header = mara.get("/orgs/northwind/jobs").text
    assert '<form class="command-open" method="get" action="/orgs/northwind/command">' in header
    page = mara.get(f"{COMMAND}?q=sync").text
    assert 'value="sync"' in page
    assert 'role="option"' not in page
    assert "Syncopation coach" in page
    assert 'formaction="/orgs/northwind/greenhouse/sync"' in page
    assert re.search(r'<form id="command-act" method="post"><input type="hidden" name="csrf_token"', page)
    assert "Nothing found" in mara.get(f"{COMMAND}?q=light").text  # what needs a script is not there


def test_every_page_of_somebody_signed_in_has_the_field_of_their_own_organisation(
    client: PortalClient, mara: PortalClient, cast: Cast
) -> None:
    for path in ("/help/greenhouse", "/orgs/cafe-nord", "/orgs/northwind/jobs"):
        assert 'action="/orgs/northwind/command"' in mara.get(path).text
        assert "/command" not in client.get(path).text


def test_the_header_leads_to_every_other_organisation_that_somebody_belongs_to(
    app: Flask, mara: PortalClient, cast: Cast
) -> None:
    def led_to() -> list[str]:
        found = re.search(r'aria-label="Your organisations">(.*?)</nav>', mara.get(AT).text, re.DOTALL)
        return re.findall(r'href="/orgs/([^"/]+)/jobs"', found[1]) if found else []

    assert led_to() == []
    with app.app_context(), write() as session:
        place = Membership(organisation_id=cast.cafe.id, user_id=cast.mara.id, role="member")
        session.add(place)
    assert led_to() == ["cafe-nord", "northwind"]
    with app.app_context(), write() as session:
        session.delete(session.merge(place))
    assert led_to() == []
