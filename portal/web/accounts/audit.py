"""Who did what when in an organisation, for its admins: a list, filtered, and as a CSV file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.audit import ASKING_TOKEN, ORIGIN, Origin, record_alone
from portal.db import end_read
from portal.domain.accounts.browsers import browser_words
from portal.domain.audit import Action, Kind, coarse_network
from portal.domain.jobs.tables import BOM, csv_line
from portal.domain.zones import zone_of
from portal.models import Organisation
from portal.store.accounts.audit import AuditFilter, Key, count_keys, keys_of, names_of
from portal.store.accounts.members import members_of
from portal.web.accounts.audit_rows import AuditRow, rows_of, token_words
from portal.web.extensions import remote_network
from portal.web.requests import parse_number
from portal.web.templating import pages_of, today_in
from portal.web.tokens.bearer import program

bp = Blueprint("audit", __name__, url_prefix="/orgs/<org>")

PAGE_SIZE: Final = 50
BATCH: Final = 500
HEADINGS: Final = ("When (UTC)", "Who", "What", "About", "Before", "After", "Browser", "Network")


def init_app(app: Flask) -> None:
    """Tell actions who asks, and from where."""
    app.extensions[ORIGIN] = _origin
    app.extensions[ASKING_TOKEN] = _token_name


def _token_name() -> str | None:
    asking = program()
    return asking.name if asking else None


def _origin() -> Origin:
    user_id = current_user.user_id if current_user.is_authenticated else None
    browser, network = browser_words(request.headers.get("User-Agent", "")), coarse_network(remote_network())
    if (asking := program()) is None:
        return Origin(user_id, browser, network)
    return Origin(user_id, token_words(asking.name), network)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; nonsense in it counts as nothing."""

    person: int | None
    kind: Kind | None
    day: date | None

    def parameters(self, **others: int) -> str:
        """The query string of the same filter."""
        given = {"person": self.person, "kind": self.kind, "day": self.day, **others}
        return urlencode({name: value for name, value in given.items() if value is not None})

    def filter(self, org: Organisation) -> AuditFilter:
        """The filter, with the day as the organisation's clocks have it."""
        wanted = AuditFilter(self.person, self.kind)
        if self.day is None:
            return wanted
        zone = zone_of(org.time_zone)
        start, end = (
            datetime.combine(day, time(), zone).astimezone(UTC)
            for day in (self.day, self.day + timedelta(days=1))
        )
        return replace(wanted, since=start, until=end)


def _asked() -> Asked:
    kind = request.args.get("kind", "")
    return Asked(
        parse_number(request.args.get("person", "")),
        Kind(kind) if kind in list(Kind) else None,
        _day(request.args.get("day", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day < date(2200, 1, 1) else None


@bp.get("/audit")
def index(org: Organisation) -> ResponseReturnValue:
    """What was done, the latest first."""
    asked = _asked()
    wanted = asked.filter(org)
    pages = pages_of(request.args.get("page"), count_keys(org.id, wanted), PAGE_SIZE)
    people = {each.user_id: each.user.name or each.user.email for each in members_of(org.id)}
    rows = rows_of(org.id, keys_of(org.id, wanted, pages.size, pages.offset))
    if asked.person in {row.user_id for row in rows}:  # somebody who left is named where they did something
        people |= names_of([asked.person or 0])
    return render_template(
        "pages/accounts/audit.html",
        organisation=org,
        rows=rows,
        people=people,
        kinds=list(Kind),
        asked=asked,
        pages=pages,
        base=url_for("audit.index", org=org.slug),
        asked_page=lambda number: f"{url_for('audit.index', org=org.slug)}?{asked.parameters(page=number)}",
        file=f"{url_for('audit.export', org=org.slug)}?{asked.parameters()}".rstrip("?"),
    )


@bp.get("/audit.csv")
def export(org: Organisation) -> ResponseReturnValue:
    """The same as a file, all of it."""
    if request.method == "GET":
        record_alone(org.id, Action.EXPORTED, "audit list")
    keys = keys_of(org.id, _asked().filter(org))
    name = f"{org.slug}-audit-{today_in(org.time_zone)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(org.id, keys)), mimetype="text/csv", headers=headers)


def _lines(organisation_id: int, keys: list[Key]) -> Iterator[str]:
    yield BOM + csv_line(HEADINGS)
    for start in range(0, len(keys), BATCH):
        lines = [csv_line(_cells(row)) for row in rows_of(organisation_id, keys[start : start + BATCH])]
        end_read()
        yield "".join(lines)


def _cells(row: AuditRow) -> tuple[str, ...]:
    at = f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return at, row.who, row.what, row.about, row.before, row.after, row.browser, row.network
