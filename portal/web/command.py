"""The command field: jobs, people, views, actions and places that words find, as far as one may use them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.texts import search_terms, search_text
from portal.models import Job, Organisation
from portal.store.accounts.members import organisations_reached, people_of
from portal.store.connections import connection_of
from portal.store.job_lists import JobFilter
from portal.store.jobs import jobs_by_id
from portal.store.shortcuts import BEGINS, ELSEWHERE, NAMED, best_matches, last_changed, saved_views
from portal.web.jobs.lists import STATUS_LABELS, count_views, read_query
from portal.web.jobs.manage import RARE
from portal.web.jobs.rows import State, row_context, state_of
from portal.web.permissions import is_admin
from portal.web.requests import address_asked_from, wants_partial
from portal.web.templating import capped

bp = Blueprint("command", __name__, url_prefix="/orgs/<org>/command")

MOST_JOBS: Final = 5
MOST: Final = {"People": 2, "Views": 2, "Actions": 3, "Go to": 2}
MOST_UNASKED: Final = {"People": 0, "Views": 0, "Actions": 4, "Go to": 3}
"""How many of each group: about a dozen in all, so that all stand on one screen."""


class Does(StrEnum):
    """What choosing an entry does; the last three need the page's scripts."""

    GO = "go"
    POST = "post"
    DOWNLOAD = "download"
    DIALOG = "dialog"
    THEME = "theme"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to do or a place to go: found by label and ``words``; on the list ``key`` does it too."""

    label: str
    address: str
    icon: str
    words: str = ""
    key: str = ""
    note: str = ""
    does: Does = Does.GO


class FoundJob(NamedTuple):
    """A job, and where it stands."""

    job: Job
    state: State


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of results; jobs look other than the rest."""

    label: str
    rank: int
    jobs: Sequence[FoundJob] = ()
    entries: Sequence[Entry] = ()


@bp.get("", endpoint="search")
def search(org: Organisation) -> ResponseReturnValue:
    """What the words find, the best group first; without words, what is wanted most often."""
    q = read_query(org.slug, request.args).wanted.q
    groups = [group for group in _groups(org, q) if group.jobs or group.entries]
    shown = {
        "organisation": org,
        "q": q,
        "groups": sorted(groups, key=lambda group: group.rank),
        "number": sum(len(group.jobs) + len(group.entries) for group in groups),
        "at_list": _is_at_list(org),
        "is_admin": is_admin(),
    }
    page = "partials/command/_results.html" if wants_partial() else "pages/orgs/command.html"
    return render_template(page, **shown)


def _groups(org: Organisation, q: str) -> Iterator[Group]:
    terms = search_terms(q)
    yield _jobs(org, q) if terms else _recent_jobs(org)
    most = MOST if terms else MOST_UNASKED
    entries = {
        "People": _people(org) if terms and is_admin() else (),
        "Views": _views(org),
        "Actions": _actions(org),
        "Go to": _places(org),
    }
    for label, offered in entries.items():
        usable = (entry for entry in offered if wants_partial() or entry.does not in (Does.THEME, Does.KEYS))
        found = _found(usable, terms)
        best = found[0][0] if found and terms else ELSEWHERE
        yield Group(label, best, entries=[entry for _, entry in islice(found, most[label])])


def _found(entries: Iterable[Entry], terms: list[str]) -> list[tuple[int, Entry]]:
    """Those of which a word begins with each term, with how well; the best first, else in their order."""
    ranked = ((_rank(entry, terms), entry) for entry in entries)
    return sorted(((rank, entry) for rank, entry in ranked if rank is not None), key=lambda pair: pair[0])


def _rank(entry: Entry, terms: list[str]) -> int | None:
    label = search_text(entry.label)
    if label.startswith(" ".join(terms)):
        return BEGINS
    for rank, words in ((NAMED, label.split()), (ELSEWHERE, search_text(entry.label, entry.words).split())):
        if all(any(word.startswith(term) for word in words) for term in terms):
            return rank
    return None


def _jobs(org: Organisation, q: str) -> Group:
    found = best_matches(org.id, q, MOST_JOBS)
    every = Entry(
        f"Show all {capped(found.total)} jobs with “{q}”" if found.total > 1 else f"Show “{q}” in the list",
        url_for("jobs.manage", org=org.slug, q=q),
        "list-filter",
    )
    return Group("Jobs", found.best, _read(org, found.job_ids), [every] if found.total else [])


def _recent_jobs(org: Organisation) -> Group:
    return Group("Changed last", BEGINS, _read(org, last_changed(org.id, MOST_JOBS)))


def _read(org: Organisation, job_ids: list[int]) -> list[FoundJob]:
    context, jobs = row_context(org), jobs_by_id(org.id, job_ids)
    return [FoundJob(jobs[job_id], state_of(jobs[job_id], context)) for job_id in job_ids if job_id in jobs]


def _people(org: Organisation) -> Iterator[Entry]:
    for user_id, name, email in people_of(org.id):
        address = _at("people.index", org) + f"#person-{user_id}"
        yield Entry(name or email, address, "user-round", email, note=email if name else "")


def _views(org: Organisation) -> Iterator[Entry]:
    manage, context = url_for("jobs.manage", org=org.slug), row_context(org)
    counts = count_views(org, JobFilter(), context.today, any_salary_shown=context.any_salary_shown)
    for view in saved_views(org.id):
        yield Entry(view.name, f"{manage}?{view.parameters}", "bookmark", "saved view", note="saved view")
    for status, label in STATUS_LABELS:
        if status not in RARE or counts.of(status):
            address = f"{manage}?status={status}" if status else manage
            note = capped(counts.of(status))
            yield Entry(f"{label} jobs", address, "list-filter", "view filter", note=note)


def _actions(org: Organisation) -> Iterator[Entry]:
    if is_admin():
        yield from _syncing(org)
        yield Entry("Add a job", _at("jobs.new", org), "plus", "new create post vacancy", "n")
    words = "download spreadsheet excel table"
    label = "Export this list as CSV" if _is_at_list(org) else "Export all jobs as CSV"
    yield Entry(label, _at("jobs.export", org), "download", words, does=Does.DOWNLOAD)
    if is_admin():
        yield Entry("Import CSV", _at("jobs.import_jobs", org), "upload", "spreadsheet excel table file")
    if _is_at_list(org):
        yield Entry("Keyboard shortcuts", "", "keyboard", "keys help hotkeys", "?", does=Does.KEYS)
    yield Entry("Change between light and dark", "", "sun-moon", "theme mode colour color", does=Does.THEME)


def _syncing(org: Organisation) -> Iterator[Entry]:
    """What an admin can do about the sync at this moment."""
    connection = connection_of(org.id)
    if connection is None:
        address = _at("connection.connect", org)
        yield Entry("Connect Greenhouse", address, "plug", "import board api key", does=Does.DIALOG)
        return
    if connection.paused_at is not None:
        yield Entry("Resume syncing", _at("connection.resume", org), "play", "sync start", does=Does.POST)
    else:
        sync = Entry(
            "Sync now", _at("connection.sync", org), "refresh-cw", "refresh update greenhouse import"
        )
        yield replace(sync, key="r", does=Does.POST)
    check = Entry("Check for changes", _at("connection.preview", org), "scan-search", "preview dry run sync")
    yield replace(check, does=Does.POST)
    leave = Entry("Disconnect Greenhouse", _at("connection.disconnect", org), "unplug", "remove board")
    yield replace(leave, does=Does.DIALOG)


_ADMIN_PLACES: Final = (
    (
        "Organisation profile",
        "profile.show",
        "building-2",
        "name logo website description summary time zone hiring managers settings",
    ),
    (
        "Webhooks and Slack",
        "webhooks.index",
        "webhook",
        "outgoing notify message channel standard endpoint url",
    ),
    (
        "Views and clicks",
        "traffic.show",
        "chart-column",
        "traffic statistics analytics sources apply chart visitors",
    ),
    ("Tracked links", "links.index", "link", "gh_src utm source campaign qr code share"),
    ("Feeds", "readers.index", "rss", "indeed linkedin jooble rss atom xml readers fetched"),
    ("Deleted jobs", "jobs.deleted", "trash-2", "bin restore undelete"),
    (
        "Undelivered applications",
        "applications.index",
        "mail",
        "apply here candidates delivered uncertain send again",
    ),
    (
        "People",
        "people.index",
        "users-round",
        "members invite invitations roles colleagues admins require two-step",
    ),
    (
        "Single sign-on",
        "provider.show",
        "key-round",
        "sso openid oidc google microsoft entra okta keycloak domain login",
    ),
    ("Audit", "audit.index", "shield-check", "log history security who changed what when"),
)
"""Label, endpoint, icon, and further words that find it."""


def _places(org: Organisation) -> Iterator[Entry]:
    yield Entry("Manage jobs", _at("jobs.manage", org), "rows-3", "list table edit")
    yield Entry("Jobs tab", _at("jobs.index", org), "briefcase", "public openings careers vacancies")
    is_connected = connection_of(org.id) is not None
    if is_admin() and is_connected:
        words = "connection api key token webhook prefill mapping fields pause interval"
        yield Entry("Greenhouse settings", _at("connection.settings", org), "settings-2", words)
    yield Entry("Sync history", _at("sync_runs.index", org), "history", "runs log changes greenhouse")
    if is_connected:
        yield Entry("Held closings", _at("closings.index", org), "circle-pause", "approve decide closed")
        yield Entry("Pairs", _at("pairs.index", org), "link", "duplicates same job merge")
    if is_admin():
        for label, endpoint, icon, words in _ADMIN_PLACES:
            yield Entry(label, _at(endpoint, org), icon, words)
    yield from _account()
    words = "follow new jobs subscribe notify mail"
    yield Entry("E-mail alerts", _at("alerts.new", org), "mail", words)
    yield Entry(f"{org.name}: overview", _at("orgs.show", org), "building-2", "organisation page")
    words = "embed widget web component snippet script careers page"
    yield Entry("Jobs on your website", _at("embed.show", org), "code-xml", words)
    yield Entry("Help", url_for("help.greenhouse"), "circle-question-mark", "how to support greenhouse")
    for other in organisations_reached(current_user._get_current_object()):
        if other.id != org.id:
            words = "switch change organisation"
            yield Entry(f"Go to {other.name}", _at("jobs.index", other), "chevrons-up-down", words)


def _account() -> Iterator[Entry]:
    account = url_for("account.show")
    yield Entry("Your account", account, "user-round", "profile name e-mail address organisations leave")
    for label, section, icon, words in (
        ("Password", "password", "key-round", "change sign in"),
        ("Two-step sign-in", "two_step", "shield-check", "authenticator app codes 2fa mfa totp security"),
        ("Passkeys", "passkeys", "key-round", "fingerprint face security key webauthn sign in"),
        ("Sessions", "sessions", "monitor-smartphone", "signed in devices browsers end"),
        ("API tokens", "tokens", "code-xml", "programs developer bearer key"),
        ("Look and keys", "look", "sun-moon", "appearance theme density compact"),
    ):
        yield Entry(label, f"{account}#{section}-section", icon, f"account settings {words}")


def _at(endpoint: str, org: Organisation) -> str:
    return url_for(endpoint, org=org.slug)


def _is_at_list(org: Organisation) -> bool:
    """Whether the page that asks is Manage jobs, where keys work and the list can be exported as it is."""
    try:
        path = urlsplit(address_asked_from()).path
    except ValueError:
        return False
    return wants_partial() and path == url_for("jobs.manage", org=org.slug)
