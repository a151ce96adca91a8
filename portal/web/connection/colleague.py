"""Ask a colleague: the pages on which an admin asks, and on which somebody without an account answers."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from portal.actions.accounts import colleagues
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.people import PeopleError
from portal.actions.sync.connection import AlreadyConnected, GreenhouseError, KeyRejected
from portal.domain.people import LinkKind
from portal.models import OneTimeLink, Organisation
from portal.models.base import utc_now
from portal.store.accounts.links import links_of
from portal.store.connections import connection_of
from portal.web.connection.forms import BoardForm, KeyForm
from portal.web.extensions import limiter, person_or_network, remote_network
from portal.web.requests import FOR_ONE_READER
from portal.web.responses import go

bp = Blueprint("colleague", __name__)

MOST_ASKED: Final = "20 per hour"
MOST_ANSWERS: Final = "20 per hour"
ASK: Final = "/orgs/<org>/greenhouse/colleague"


class AskForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """Whom to mail the page's address, if anybody."""

    email = StringField(
        "Their e-mail", [Length(max=254, message="That is too long.")], render_kw={"type": "email"}
    )


class AnswerForm(KeyForm, BoardForm):
    """The key and the board token."""


@bp.route(ASK, methods=["GET", "POST"])
@limiter.limit(MOST_ASKED, key_func=person_or_network, methods=["POST"])
def ask(org: Organisation) -> ResponseReturnValue:
    """Make a page for a colleague; its address is shown once."""
    if connection_of(org.id) is not None:
        return go(url_for("jobs.manage", org=org.slug), "Greenhouse is connected already.")
    form, asked = AskForm(), None
    if form.validate_on_submit():
        try:
            asked = colleagues.ask(org, current_user.user_id, form.email.data or "")
        except PeopleError as error:
            form.email.errors = [str(error)]
    page = render_template(
        "pages/connection/ask_colleague.html",
        organisation=org,
        form=form,
        asked=asked,
        links=links_of(org.id, LinkKind.COLLEAGUE),
        now=utc_now(),
    )
    refused = request.method == "POST" and asked is None
    response = make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)
    if asked:
        response.headers["Cache-Control"] = FOR_ONE_READER
    return response


@bp.post(f"{ASK}/<int:link_id>/withdraw")
def withdraw(org: Organisation, link_id: int) -> ResponseReturnValue:
    """Take a page away: it works no more."""
    try:
        colleagues.withdraw(org.id, link_id)
    except PeopleError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return go(url_for("colleague.ask", org=org.slug), "The page is withdrawn.")


@bp.route("/greenhouse-key/<token>", methods=["GET", "POST"])
@limiter.limit(MOST_ANSWERS, key_func=remote_network, methods=["POST"])
def answer(token: str) -> ResponseReturnValue:
    """Take the key and the board token of an organisation, once."""
    form = AnswerForm()
    try:
        link = colleagues.colleague_link(token)
        if not form.validate_on_submit():
            return _page(link, token, form)
        board = colleagues.answer(token, form.token, form.key)
    except LinkGone as error:
        page = render_template("pages/accounts/link_gone.html", sentence=str(error), again="key")
        return page, HTTPStatus.GONE
    except KeyRejected as error:
        form.api_key.errors = [str(error)]
    except GreenhouseError as error:
        form.board_token.errors = [error.with_advice]
    except AlreadyConnected:
        return render_template("pages/connection/key_taken.html", board=None)
    else:
        return render_template("pages/connection/key_taken.html", board=board)
    return _page(colleagues.colleague_link(token), token, form)


def _page(link: OneTimeLink, token: str, form: AnswerForm) -> ResponseReturnValue:
    status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("pages/connection/enter_key.html", link=link, token=token, form=form), status
