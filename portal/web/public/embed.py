"""The embed: the script of ``<org-jobs>``, and the page that explains it beside a live preview."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.domain.jobs.public_list import EVERY_JOB, tally
from portal.domain.texts import cut_line, sort_key
from portal.models import Organisation
from portal.store.public.jobs import count_groups
from portal.web.assets import Asset, find_asset, make_asset, send_asset
from portal.web.public.pages import cached_for_everybody
from portal.web.requests import parse_number, site_address
from portal.web.templating import today_in

bp = Blueprint("embed", __name__)

PARTS: Final = ("words", "style", "request", "addresses", "rows", "filters", "jobs")
"""The files of the script, in the order in which they use each other: one tag loads all of them."""
FOR_AN_HOUR: Final = "public, max-age=3600, stale-while-revalidate=86400"
"""Pages of other sites name one address for good, so a new version is there within an hour of a release."""
GROUPS: Final = {"": "By department", "none": "One list, the newest first"}
LANGUAGES: Final = {"": "As the page", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
MOST_SHOWN: Final = 200
LONGEST: Final = 200


@bp.get("/embed/jobs.js")
def script() -> ResponseReturnValue:
    """The web component, for pages of any site."""
    found = (find_asset(f"embed/{part}.js") for part in PARTS)
    response = send_asset(_joined(*(asset for asset in found if asset)), FOR_AN_HOUR)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=1)
def _joined(*parts: Asset) -> Asset:
    """Wrap the files in one function, so that their names are no names of the page."""
    content = b"".join(part.content for part in parts)
    return make_asset("jobs.js", b'(() => {\n"use strict";\n' + content + b"})();\n")


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody chose on the page that explains the embed."""

    department: str
    group: str
    limit: str
    lang: str

    def snippet(self, org: Organisation, portal: str) -> Markup:
        """Return what to paste into a page."""
        named = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        attributes = Markup().join(
            Markup(' {}="{}"').format(*pair) for pair in ({"org": org.slug} | named).items()
        )
        return Markup(
            '<script src="{portal}/embed/jobs.js" async></script>\n'
            '<org-jobs{attributes}>\n  <a href="{portal}{tab}">Open jobs at {name}</a>\n</org-jobs>'
        ).format(
            portal=portal,
            attributes=attributes,
            tab=url_for("jobs.index", org=org.slug).partition("?")[0],
            name=org.name,
        )


def asked_choices() -> Choices:
    """Return what the address asks for; what cannot be meant is left out."""
    group, lang = request.args.get("group", ""), request.args.get("lang", "")
    limit = parse_number(request.args.get("limit", ""))
    return Choices(
        cut_line(request.args.get("department", ""), LONGEST),
        group if group in GROUPS else "",
        str(limit) if limit and limit <= MOST_SHOWN else "",
        lang if lang in LANGUAGES else "",
    )


def _asked() -> Hashable:
    return asked_choices()


@bp.get("/orgs/<org>/embed")
@cached_for_everybody(_asked)
def show(org: Organisation) -> Response | str:
    """How to put the jobs on another page, with a snippet to copy and how it looks."""
    choices = asked_choices()
    return render_template(
        "pages/orgs/embed.html",
        choices=choices,
        departments=_departments(org),
        groups=GROUPS,
        languages=LANGUAGES,
        most_shown=MOST_SHOWN,
        snippet=str(choices.snippet(org, site_address())),
        preview=choices.snippet(org, ""),
        portal=site_address(),
    )


def _departments(org: Organisation) -> list[str]:
    counts = tally(count_groups(org.id, today_in(org.time_zone)), EVERY_JOB).choices["department"]
    return sorted(counts, key=sort_key)
