"""The pages on which people make and revoke API tokens."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are older

from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.tokens import make_token, revoke_token
from portal.domain.accounts.tokens import LIFETIMES, LONGEST_TOKEN_NAME, USUAL_LIFETIME, Scope
from portal.models import ApiToken
from portal.store.accounts.members import memberships_of
from portal.web.accounts.forms import refuse
from portal.web.extensions import limiter, person_or_network
from portal.web.requests import FOR_ONE_READER, parse_number, site_address
from portal.web.responses import go

bp = Blueprint("tokens", __name__, url_prefix="/account/tokens")

MOST_MADE: Final = "20 per hour"


class TokenForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """What a token is for, where, and for how long; its scopes are checkboxes of one name."""

    name = StringField(
        "Name", render_kw={"maxlength": LONGEST_TOKEN_NAME, "autocomplete": "off", "spellcheck": "false"}
    )
    organisation = SelectField("Organisation", validate_choice=False)
    days = SelectField(
        "Works for",
        choices=[SelectChoice(str(days), f"{days} days") for days in LIFETIMES],
        default=str(USUAL_LIFETIME),
        validate_choice=False,
    )
    chosen: frozenset[str] = frozenset({Scope.READ})


@bp.get("")
def new() -> ResponseReturnValue:
    """The form that makes a token."""
    return _page(_form())


@bp.post("")
@limiter.limit(MOST_MADE, key_func=person_or_network)
def create() -> ResponseReturnValue:
    """Make a token and show it, in this answer and in no other: there is nothing to redirect to."""
    form = _form()
    form.chosen = frozenset(request.form.getlist("scope"))
    try:
        token, sent = make_token(
            current_user.user_id,
            parse_number(form.organisation.data or "") or 0,
            form.name.data or "",
            [scope for scope in Scope if scope in form.chosen],
            parse_number(form.days.data or "") or 0,
        )
    except PeopleError as error:
        refuse(form.name, error)
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    answer = make_response(_page(_form(), token, sent))
    answer.headers["Cache-Control"] = FOR_ONE_READER
    return answer


@bp.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token; programs that send it are refused at once."""
    name = revoke_token(current_user.user_id, token_id)
    said = f"The token “{name}” works no more." if name is not None else "This token was revoked already."
    return go(url_for("account.show", _anchor="tokens-section"), said)


def _form() -> TokenForm:
    form = TokenForm()
    theirs = memberships_of(current_user.user_id)
    form.organisation.choices = [
        SelectChoice(str(each.organisation_id), each.organisation.name) for each in theirs
    ]
    return form


def _page(form: TokenForm, token: ApiToken | None = None, sent: str = "") -> str:
    return render_template(
        "pages/accounts/new_token.html",
        form=form,
        scopes=[(scope, scope.label) for scope in Scope],
        token=token,
        sent=sent,
        api=f"{site_address()}/api/v1",
    )
