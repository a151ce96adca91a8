"""Forms sent after the sign-in or the CSRF token had ended: carry what was typed until it is sent again.

Nothing of it is stored here. Pages of signing in carry it in hidden fields, and what comes back in these is
judged as anything that is sent: it may lead only to where a page of the portal could have sent it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.web.extensions import is_exempt_from_csrf
from portal.web.requests import (
    allow_upload,
    is_local_path,
    lead_to,
    site_address,
    wanted_path,
    wants_partial,
    without_token,
)
from portal.web.tokens.bearer import API

PREFIX: Final = "unsent:"
TO: Final = "unsent-to"
LEFT_OUT: Final = "unsent-left-out"
CARRIERS: Final = frozenset(
    {"auth.login", "auth.send_again", "second_step.check", "passkeys.sign_in", "single_sign_on.find"}
)
"""What the pages of signing in send, with what they carry. They are never sent again themselves."""
SECRET: Final = re.compile(
    r"password|secret|api_key|proof|csrf_token|^(address|answer|code|setup)$", re.IGNORECASE
)
"""The names of fields that are never carried; a test looks for others. A Slack address is a secret too."""
OF_PAGE: Final = re.compile(r"^(return|seen|version|query|next|counted|usual|view|job_id|pair_id)$|^seen_")
"""The names of what forms send along, without anybody typing it."""
OF_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST: Final = 2**19
"""Bytes, as a form sends them: a quarter of what a request may have."""
MOST_FIELDS: Final = 2_000


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """Where a form was going, its fields in their order, and the names of what of it is not kept."""

    to: str
    fields: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The hidden fields by which a page of signing in carries the form."""
        named = [(f"{PREFIX}{name}", value) for name, value in self.fields]
        return [(TO, self.to), *((LEFT_OUT, name) for name in self.left_out), *named]

    @property
    def shown_address(self) -> str:
        """Where it goes, as a page may show it."""
        return without_token(self.to)

    @property
    def typed(self) -> list[tuple[str, list[str]]]:
        """The names in words, and the values, of what a person filled in."""
        return _by_name(each for each in self.fields if each[1].strip() and not OF_PAGE.search(each[0]))

    @property
    def sent_along(self) -> list[tuple[str, list[str]]]:
        """The names in words, and the values, of what the page adds."""
        return _by_name(each for each in self.fields if each[1].strip() and OF_PAGE.search(each[0]))

    @property
    def empty(self) -> list[str]:
        """The names in words of what has no value."""
        return [words_of(name) for name in dict.fromkeys(n for n, value in self.fields if not value.strip())]

    @property
    def not_kept(self) -> list[str]:
        """The names in words of what has to be entered, or chosen, once more."""
        return [words_of(name) for name in self.left_out]


def _by_name(fields: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(words_of(name), []).append(value)
    return list(found.items())


def words_of(name: str) -> str:
    """Return the name of a field as people read it: "Apply url"."""
    return " ".join(re.split(r"[\s_\[\]-]+", name)).strip().capitalize() or name


def init_app(app: Flask) -> None:
    """Give templates ``unsent_form()``: the form that the pages of signing in carry."""
    app.jinja_env.globals["unsent_form"] = unsent_form


def is_from_here() -> bool:
    """Whether a browser says that a page of the portal sent this, as a form and not by a script.

    Without its word, or from another site, nobody's words are kept: somebody else could have put them there.
    """
    headers = request.headers
    if wants_partial() or request.mimetype not in OF_FORMS:
        return False
    if headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return False
    if "Sec-Fetch-Site" in headers:
        return headers["Sec-Fetch-Site"] == "same-origin"
    return headers.get("Origin") in (site_address(), request.host_url.rstrip("/"))


def unsent_form() -> UnsentForm | None:
    """Return the form that waits for this person to sign in: refused just now, or carried along."""
    if "unsent" not in g:
        g.unsent = _carried_form() if request.endpoint in CARRIERS and is_from_here() else None
    found: UnsentForm | None = g.unsent
    return found


def refused_form() -> UnsentForm | None:
    """Return the form that this request sends, from now on the unsent one, if it can be kept."""
    if request.method != "POST" or not is_from_here() or not _may_be_sent_again(request.endpoint):
        return None
    try:
        allow_upload()
        fields, files = list(request.form.items(multi=True)), list(request.files.items(multi=True))
    except RequestEntityTooLarge:
        return None
    secrets = [name for name, value in fields if SECRET.search(name) and value and name != "csrf_token"]
    left_out = [*secrets, *(name for name, file in files if file.filename)]
    g.unsent = _form(request.full_path.removesuffix("?"), fields, left_out)
    found: UnsentForm | None = g.unsent
    return found


def _carried_form() -> UnsentForm | None:
    sent = request.form
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in sent.items(multi=True)
        if name.startswith(PREFIX)
    ]
    return _form(sent.get(TO, ""), fields, sent.getlist(LEFT_OUT))


def _form(to: str, fields: list[tuple[str, str]], left_out: list[str]) -> UnsentForm | None:
    """Return a form that may be sent to an address of the portal, and that is not too large to be carried."""
    kept = tuple(each for each in fields if not SECRET.search(each[0]))
    unkept = tuple(dict.fromkeys(left_out))
    all_carried = [*kept, *((LEFT_OUT, name) for name in unkept)]
    is_small = len(all_carried) <= MOST_FIELDS and len(urlencode(all_carried)) <= LONGEST
    return UnsentForm(to, kept, unkept) if is_small and _is_address_of_form(to) else None


def _is_address_of_form(to: str) -> bool:
    """Whether a page of the portal could send a form to this address."""
    if not is_local_path(to):
        return False
    path = unquote(urlsplit(to).path)
    if {".", ".."} & set(path.split("/")):
        return False  # a browser would go to another one than is shown
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return False
    return _may_be_sent_again(endpoint)


def _may_be_sent_again(endpoint: str | None) -> bool:
    if endpoint is None or endpoint in CARRIERS or endpoint.partition(".")[0] == API:
        return False
    return not is_exempt_from_csrf(endpoint)


def page_of_form() -> str | None:
    """Return the page that the refused form was on: its own address, where that is a page too."""
    if request.url_rule and "GET" in (request.url_rule.methods or ()):
        return request.full_path.removesuffix("?")
    return wanted_path()


def send_again_page(
    form: UnsentForm, back: str | None, status: HTTPStatus = HTTPStatus.OK, *, first: str | None = None
) -> Response:
    """Show what was typed and where it goes, with a button that sends it.

    ``first`` is a page that has to be visited before.
    """
    page = render_template("pages/auth/send_again.html", form=form, back=back, first=first)
    return make_response(page, status)


def lead_first(first: str) -> Response:
    """Lead to a page that has to be visited first; who sent a form goes there in another tab."""
    if form := refused_form():
        return send_again_page(form, page_of_form(), HTTPStatus.FORBIDDEN, first=first)
    return lead_to(first)
