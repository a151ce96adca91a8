"""What every template is given: the layout's context, filters, and the pages of a list."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_login import current_user
from jinja2.ext import Extension
from markupsafe import Markup, escape

from portal.actions.geoip import place_of
from portal.config import VERSION, Settings
from portal.domain.descriptions import clean
from portal.domain.languages import PAGE_LANGUAGE, direction_of, holds_right_to_left, with_directions
from portal.domain.profile import website_host
from portal.domain.zones import date_in, zone_of
from portal.models import Organisation
from portal.store.accounts.members import organisations_reached
from portal.store.people import Access, SignIn
from portal.web.assets import ICON_NAMES, ICONS, asset_url, current_version
from portal.web.cache import LRUCache
from portal.web.permissions import is_admin
from portal.web.requests import parse_number
from portal.web.traffic.tracking import carries_tracking


def today_in(time_zone: str) -> date:
    """Return the present date in a zone such as "Europe/Lisbon"; an unknown zone counts as UTC."""
    return date_in(time_zone, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Pages:
    """Page ``number`` (from 1) of ``last``, with ``size`` items a page; ``is_open``: there may be more."""

    number: int
    last: int
    size: int
    is_open: bool = False

    @property
    def offset(self) -> int:
        """How many items stand on the pages before."""
        return (self.number - 1) * self.size


def pages_of(asked: str | None, total: int, size: int) -> Pages:
    """Return the page asked for: the first for nonsense, the last for one beyond it."""
    last = max(1, -(-total // size))
    number = parse_number(asked or "") or 1
    return Pages(min(max(number, 1), last), last, size)


MOST_TOLD: Final = 1_000
_INDENTATION: Final = re.compile(r"\n[ \t]+")


@dataclass
class LayoutContext:
    """What the frame of a page shows: the site, the person, the organisation they are looking at."""

    site_name: str
    support_email: str
    may_create_organisations: bool = False
    version: str = VERSION

    @cached_property
    def user(self) -> SignIn | None:
        """The person who is signed in."""
        return current_user._get_current_object() if current_user.is_authenticated else None

    @cached_property
    def organisations(self) -> Sequence[Organisation]:
        """The organisations that their sign-in reaches; for most people that is the page's own."""
        access: Access | None = g.get("access")
        if access is not None and access.membership is not None and not access.has_others:
            return (access.organisation,)
        return organisations_reached(self.user) if self.user else ()

    @cached_property
    def org(self) -> Organisation | None:
        """The organisation this page is about."""
        org: Organisation | None = g.get("org")
        return org

    @property
    def logo(self) -> Markup:
        """That organisation's logo, or its first letter; its name stands beside it."""
        return fragment("partials/_logo.html", **self._of_logo())

    def crumbs(self, department: tuple[str, str] | None = None) -> Markup:
        """The way to a page: the organisation, its jobs, and a department with the address of its jobs."""
        said = self._of_logo() | {"department": department, "is_signed_in": self.user is not None}
        said["overview"] = address_of("orgs.show", org=said["slug"])
        said["jobs"] = address_of("jobs.index", org=said["slug"])
        return fragment("partials/public/_crumbs.html", **said)

    def _of_logo(self) -> dict[str, Hashable]:
        names = ("slug", "name", "logo_hash", "logo_width", "logo_height")
        return {name: getattr(self.org, name) for name in names}

    @property
    def is_member(self) -> bool:
        """Whether the person belongs to that organisation."""
        return g.get("membership") is not None

    @property
    def belongs(self) -> bool:
        """Whether the person is of that organisation, even if it wants another sign-in of them first."""
        return bool(g.get("belongs"))

    @property
    def command_org(self) -> Organisation | None:
        """Where the command field searches: the page's organisation for its members, else one's own first."""
        return self.org if self.is_member else next(iter(self.organisations), None)

    @property
    def is_admin(self) -> bool:
        """Whether the person may change it."""
        return is_admin()


def init_app(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.add_extension(_Unindented)
    app.jinja_env.globals.update(asset=asset_url, version=current_version, anchor=anchor, fragment=fragment)
    app.jinja_env.globals["url_for"] = address_of
    app.jinja_env.filters.update(
        icon=icon,
        initials=initials,
        iso=iso,
        moment=moment,
        day=day,
        speech=speech,
        isolated=isolated,
        signed=signed,
        count=count,
        capped=capped,
        beneath=beneath,
        mail_query=mail_query,
        website_host=website_host,
        place=place_of,
    )
    app.context_processor(_layout_context)


class _Unindented(Extension):
    """Leaves out the indentation of templates when they are compiled: a twentieth of a page."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENTATION.sub("\n", source)


def _layout_context() -> dict[str, Any]:
    settings: Settings = current_app.extensions["settings"]
    if "shell" not in g:
        g.shell = LayoutContext(settings.site_name, settings.support_email, settings.allow_org_creation)
    return {"shell": g.shell}


_ADDRESSES: Final = LRUCache[str](5_000)


def address_of(endpoint: str, **values: Any) -> str:
    """Return ``url_for`` of it, which is built once if it names nothing but an organisation."""
    is_common = values.keys() <= {"org"} and not endpoint.startswith(".") and has_request_context()
    if not is_common or carries_tracking(endpoint):
        return url_for(endpoint, **values)
    key = (request.script_root, endpoint, values.get("org"))
    return _ADDRESSES.get_or_make(key, lambda: url_for(endpoint, **values))


_FRAGMENTS: Final = LRUCache[Markup](8 * 2**20, lambda html: len(html) + 1_000)  # with its values


def fragment(template: str, **values: Hashable) -> Markup:
    """Return a template rendered with these values alone, kept for whenever all of them are the same.

    All that it says must follow from them: a test refuses what templates know besides.
    """
    environment = current_app.jinja_env

    def render() -> Markup:
        return Markup(environment.get_template(template).render(values))  # noqa: S704 - a template's own output

    key = (template, *values.items())
    return render() if environment.auto_reload else _FRAGMENTS.get_or_make(key, render)


def draw(template: str, macro: str, subject: object) -> Markup:
    """Return what a macro makes of its subject; of the page around it, it knows nothing."""
    module = current_app.jinja_env.get_template(template).module
    return Markup(getattr(module, macro)(subject))  # noqa: S704 - a template's own output


@cache
def icon(name: str, size: int = 16) -> Markup:
    """Return a Lucide icon for decoration; its meaning stands beside it in words.

    A filter: where a template names the icon itself, it is drawn when the template is compiled.
    """
    if name not in ICON_NAMES:
        raise LookupError(f"There is no icon {name!r} among those of the pages: add it to ICON_NAMES.")
    sized = "" if size == 16 else f" width={size} height={size}"
    drawing = f'<svg class=i{sized} aria-hidden=true><use href="{asset_url(ICONS)}#{name}"/></svg>'
    return Markup(drawing)  # noqa: S704 - nothing of it was typed


def initials(text: str) -> str:
    """Return one or two capitals that stand for a name or an e-mail address."""
    words = text.partition("@")[0].replace(".", " ").replace("-", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


def iso(moment: datetime) -> str:
    """Return a time as machines read it, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(at: datetime) -> str:
    """Return a time as people read it where the organisation is: "3 Nov 2026, 14:02 UTC"."""
    at = _where_the_organisation_is(at)
    return f"{at.day} {at:%b %Y, %H:%M} {_zone_name(at)}"


def day(at: date) -> str:
    """Return a day as people read it, "3 Nov 2026"; of a time, the day that it is for the organisation."""
    local = _where_the_organisation_is(at) if isinstance(at, datetime) else at
    return f"{local.day} {local:%b %Y}"


def _where_the_organisation_is(at: datetime) -> datetime:
    """The time in the zone of the page's organisation; rows that no page is around bear theirs already."""
    org: Organisation | None = g.get("org")
    return at.astimezone(zone_of(org.time_zone)) if org else at


def _zone_name(at: datetime) -> str:
    name = at.tzname() or "UTC"
    return name if name.isalpha() else f"UTC{at.isoformat()[-6:]}"


def speech(text: str | None, language: str | None = None) -> Markup:
    """Return the attributes of an element that shows a job's text: its language, and which way it runs."""
    return _attributes(direction_of(text or "", language), language if language != PAGE_LANGUAGE else None)


def signed(text: str) -> Markup:
    """Return a text in which names such as "C++" keep their signs behind them, whichever way it runs."""
    return Markup(with_directions(escape(text)))  # noqa: S704 - only elements of ours are added


def isolated(text: str, language: str | None = None) -> Markup:
    """Return a text for a line with others; what is of another language, or runs otherwise, stands apart."""
    if language in (None, PAGE_LANGUAGE) and not holds_right_to_left(text):
        return escape(text)
    return Markup("<bdi{}>{}</bdi>").format(speech(text, language), text)


@lru_cache(500)
def _attributes(direction: str, language: str | None) -> Markup:
    said = Markup(' lang="{}"').format(language) if language else ""
    return Markup('{} dir="{}"').format(said, direction)


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun: "1 open job", "1,204 open jobs"."""
    return f"{number:,} {one if number == 1 else many}"


def capped(number: int) -> str:
    """Return a count as far as people tell counts apart: "812", "1,000+"."""
    return f"{MOST_TOLD:,}+" if number > MOST_TOLD else f"{number:,}"


def anchor(name: str) -> str:
    """Return the id of the input of this name, which may end with brackets."""
    return f"a-{name.removesuffix('[]')}"


def mail_query(fields: Mapping[str, str]) -> str:
    """Return the query of a ``mailto:`` address, in which a space is no plus sign."""
    return "&".join(f"{name}={quote(text, safe='')}" for name, text in fields.items())


def beneath(description: Markup, level: int) -> Markup:
    """Return a description with its headings beneath the page's own one of that level."""
    return Markup(clean.beneath(level, description))  # noqa: S704 - only levels changed
