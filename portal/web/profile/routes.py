"""The organisation's profile: shown to its admins, saved, and its logo sent to everybody."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.profile import change_profile, profile_of
from portal.domain.logos import LARGEST_LOGO
from portal.domain.profile import FIELDS, PARSERS, Value, value_mark
from portal.models import Organisation
from portal.store.public.logos import logo_content
from portal.web.assets import FOR_EVER
from portal.web.profile.form import ProfileForm
from portal.web.public.pages import FOR_EVERYBODY
from portal.web.requests import is_local_path

bp = Blueprint("profile", __name__, url_prefix="/orgs/<org>")

SEEN: Final = "seen_"
SAVED: Final = "Saved. Public pages show it within a minute."
NOT_SAVED: Final = (
    "Somebody else changed the profile while it was open here. Nothing was saved yet: "
    "look at both values, then save again."
)
MEANWHILE: Final = "Stored meanwhile: “{}”"
EMPTIED: Final = "Emptied meanwhile."


@bp.get("/profile")
def show(org: Organisation) -> ResponseReturnValue:
    """The profile in a form."""
    return _page(org, ProfileForm(formdata=None, obj=org), profile_of(org))


@bp.post("/profile")
def save(org: Organisation) -> ResponseReturnValue:
    """Store what was sent; what somebody else stored meanwhile is shown beside it, and not overwritten."""
    form = ProfileForm(obj=org)
    if not form.validate_on_submit():
        return _page(org, form, profile_of(org), HTTPStatus.UNPROCESSABLE_ENTITY, keep_seen=True)
    try:
        saved = change_profile(org.id, _wanted(form), _seen(), form.new_logo)
    except PeopleError as error:
        form["name"].errors = [str(error)]
        return _page(org, form, profile_of(org), HTTPStatus.UNPROCESSABLE_ENTITY, keep_seen=True)
    if saved.conflicts:
        return _page(org, form, saved.current, HTTPStatus.CONFLICT, conflicts=saved.conflicts)
    flash(SAVED if saved.changed else "Nothing was changed.")
    return redirect(_back(org), HTTPStatus.SEE_OTHER)


def _wanted(form: ProfileForm) -> dict[str, Value]:
    wanted: dict[str, Value] = dict(form.parsed)
    if form.shows_hiring_managers.name in request.form:
        wanted["shows_hiring_managers"] = bool(form.shows_hiring_managers.data)
    if form.remove_logo.data:
        wanted["logo_hash"] = None
    return wanted


def _seen() -> dict[str, str]:
    return {name: request.form[SEEN + name] for name in FIELDS if SEEN + name in request.form}


def _back(org: Organisation) -> str:
    path = request.form.get("return", "")
    return path if is_local_path(path) else url_for("profile.show", org=org.slug)


def _page(
    org: Organisation,
    form: ProfileForm,
    current: Mapping[str, Value],
    status: HTTPStatus = HTTPStatus.OK,
    *,
    conflicts: frozenset[str] = frozenset(),
    keep_seen: bool = False,
) -> ResponseReturnValue:
    """The form as it was sent; what was not touched in it is shown as it is by now."""
    seen, sent = {name: value_mark(value) for name, value in current.items()}, _seen()
    if conflicts:
        for name, value in _wanted(form).items():
            if name in conflicts and name in PARSERS:
                form[name].errors = [MEANWHILE.format(current[name]) if current[name] else EMPTIED]
            elif name in form and sent.get(name) == value_mark(value):
                form[name].data = current[name]
    page = render_template(
        "pages/orgs/profile.html",
        form=form,
        seen=seen | sent if keep_seen else seen,
        current=current,
        conflicts=conflicts,
        not_saved=NOT_SAVED,
        largest=LARGEST_LOGO // 2**20,
    )
    return page, status


@bp.get("/logo.png", defaults={"kind": "png"})
@bp.get("/logo.webp", defaults={"kind": "webp"})
def logo(org: Organisation, kind: str) -> ResponseReturnValue:
    """The logo; at the address that names its hash for ever, since that changes with the logo."""
    found = logo_content(org.id, kind)
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "This organisation has no logo.")
    logo_hash, content = found
    response = Response(content, mimetype=f"image/{kind}")
    is_named = request.args.get("v") == logo_hash
    response.headers["Cache-Control"] = FOR_EVER if is_named else FOR_EVERYBODY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{logo_hash}-{kind}")
    return response.make_conditional(request)
