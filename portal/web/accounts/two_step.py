"""Two-step sign-in on one's own account: set up by a QR code, recovery codes, off again."""

from http import HTTPStatus
from io import BytesIO
from typing import Final

import segno
from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.actions.accounts import two_step
from portal.actions.accounts.passwords import HashingBusy
from portal.actions.accounts.people import PeopleError
from portal.store.accounts.members import memberships_of
from portal.store.people import SignIn
from portal.web.accounts.forms import TOO_LONG, present_password, refuse
from portal.web.extensions import limiter, person_or_network
from portal.web.requests import FOR_ONE_READER

bp = Blueprint("two_step", __name__, url_prefix="/account/two-step")

GUESSES: Final = "10 per 5 minutes"
"""Of the password or a code, by whoever sits at somebody's browser."""
REFUSED: Final = HTTPStatus.UNPROCESSABLE_ENTITY


class BeginForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """The password, before a key is shown."""

    begin_password = present_password()


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """A code that the app shows, and the key that it was given."""

    setup = HiddenField()
    code = StringField(
        "Code from the app",
        [InputRequired("Enter the code that the app shows."), Length(max=20, message=TOO_LONG)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "dir": "ltr"},
    )


def _proof() -> PasswordField:
    return PasswordField(
        "Password, or a code from the app",
        [InputRequired("Enter your password or a code."), Length(max=5000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )


class CodesForm(FlaskForm):  # type: ignore[misc]
    """What proves that it is oneself who wants new recovery codes."""

    codes_proof = _proof()


class OffForm(FlaskForm):  # type: ignore[misc]
    """What proves that it is oneself who switches it off."""

    off_proof = _proof()


guesses = limiter.shared_limit(GUESSES, scope="two-step", key_func=person_or_network)


@bp.get("")
def show() -> ResponseReturnValue:
    """Whether it is on, and what can be done about that."""
    return _page()


@bp.post("/begin")
@guesses
def begin() -> ResponseReturnValue:
    """Show a new key to who knows the password."""
    form = BeginForm()
    if not form.validate_on_submit():
        return _page(begin_form=form)
    try:
        setup = two_step.begin(_signed_in(), form.begin_password.data or "")
    except (PeopleError, HashingBusy) as error:
        refuse(form.begin_password, error)
        return _page(begin_form=form)
    return _setup_page(setup, ConfirmForm(formdata=None))


@bp.post("/confirm")
@guesses
def confirm() -> ResponseReturnValue:
    """Switch it on once the app shows the right code; the recovery codes are shown this once."""
    form = ConfirmForm()
    try:
        setup = two_step.offered(_signed_in(), form.setup.data or "")
    except two_step.SetupGone as error:
        flash(str(error))
        return redirect(url_for("two_step.show"), HTTPStatus.SEE_OTHER)
    if not form.validate_on_submit():
        return _setup_page(setup, form, REFUSED)
    try:
        codes = two_step.switch_on(_signed_in(), setup, form.code.data or "")
    except two_step.WrongCode as error:
        refuse(form.code, error)
        return _setup_page(setup, form, REFUSED)
    except PeopleError as error:
        flash(str(error))
        return redirect(url_for("two_step.show"), HTTPStatus.SEE_OTHER)
    return _codes_page(codes)


@bp.post("/codes")
@guesses
def renew_codes() -> ResponseReturnValue:
    """Show new recovery codes, this once; the former ones work no more."""
    form = CodesForm()
    if not form.validate_on_submit():
        return _page(codes_form=form)
    try:
        codes = two_step.renew_codes(_signed_in(), form.codes_proof.data or "")
    except (PeopleError, HashingBusy) as error:
        refuse(form.codes_proof, error)
        return _page(codes_form=form)
    return _codes_page(codes)


@bp.post("/off")
@guesses
def switch_off() -> ResponseReturnValue:
    """Let the password alone sign in again."""
    form = OffForm()
    if not form.validate_on_submit():
        return _page(off_form=form)
    try:
        two_step.switch_off(_signed_in(), form.off_proof.data or "")
    except (PeopleError, HashingBusy) as error:
        refuse(form.off_proof, error)
        return _page(off_form=form)
    flash("Two-step sign-in is off. Delete the entry in your app.")
    return redirect(url_for("account.show", _anchor="two_step-section"), HTTPStatus.SEE_OTHER)


def _signed_in() -> SignIn:
    signed_in: SignIn = current_user._get_current_object()
    return signed_in


def _page(**submitted: FlaskForm) -> ResponseReturnValue:
    """Show the page; the form that was refused as it came."""
    forms = {"begin_form": BeginForm, "codes_form": CodesForm, "off_form": OffForm}
    shown = {name: submitted.get(name) or form(formdata=None) for name, form in forms.items()}
    requiring = [
        each.organisation.name
        for each in memberships_of(current_user.user_id)
        if each.organisation.requires_two_step
    ]
    page = render_template(
        "pages/accounts/two_step.html",
        state=two_step.state_of(current_user.user_id),
        requiring=requiring,
        for_site=current_user.is_site_admin,
        **shown,
    )
    return page, REFUSED if submitted else HTTPStatus.OK


def _setup_page(setup: two_step.Setup, form: ConfirmForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    page = render_template(
        "pages/accounts/two_step_setup.html", setup=setup, form=form, qr_code=_qr_code(setup.uri)
    )
    return _for_one_reader(page, status)


def _codes_page(codes: list[str]) -> Response:
    return _for_one_reader(render_template("pages/accounts/recovery_codes.html", codes=codes), HTTPStatus.OK)


def _for_one_reader(page: str, status: HTTPStatus) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = FOR_ONE_READER
    return response


def _qr_code(uri: str) -> Markup:
    """Draw a QR code as SVG, in black on white whatever the page's colours are: cameras want that."""
    drawing = BytesIO()
    segno.make(uri, error="m", micro=False).save(
        drawing, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False
    )
    return Markup(drawing.getvalue().decode())  # noqa: S704 - segno's own drawing, which quotes nothing
