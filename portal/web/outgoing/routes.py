"""Webhooks and Slack: the receivers of an organisation, and what was sent to each."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.outgoing import endpoints as actions
from portal.actions.outgoing.endpoints import MOST_ENDPOINTS, InvalidField
from portal.config import current_settings
from portal.domain.outgoing.deliveries import MOST_ATTEMPTS
from portal.domain.outgoing.events import CHOICES, EventType, Format
from portal.models import Organisation, WebhookDelivery, WebhookEndpoint
from portal.models.base import utc_now
from portal.store.outgoing.deliveries import count_deliveries, deliveries_of, delivery_of
from portal.store.outgoing.endpoints import endpoint_of, endpoints_of
from portal.web.extensions import limiter
from portal.web.outgoing.forms import EndpointForm
from portal.web.outgoing.rows import delivery_row, endpoint_state, is_under_way
from portal.web.requests import FOR_ONE_READER, parse_number, wants_only
from portal.web.templating import pages_of

bp = Blueprint("webhooks", __name__, url_prefix="/orgs/<org>/webhooks")

PAGE_SIZE: Final = 50
A_MINUTE: Final = "20 per minute"
GONE: Final = "This webhook was deleted meanwhile."
OFF: Final = "It is switched off. Switch it on first."
MADE_MEANWHILE: Final = "Another secret was made since this page was opened. Nothing was changed."
SENT_MEANWHILE: Final = "This message was tried again since this page was opened. Look at its state first."


@limiter.shared_limit(A_MINUTE, "webhooks", key_func=lambda: f"organisation {g.org.id}")
def _count_sending() -> None:
    """Count a message that somebody has sent, before it is; raises ``RateLimitExceeded``."""


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The receivers, and the form that adds one."""
    asked = request.args.get("add", "")
    format = Format(asked) if asked in list(Format) else None
    return _index(org, format, EndpointForm.empty(format) if format else None)


@bp.post("")
def create(org: Organisation) -> ResponseReturnValue:
    """Add a receiver; its secret is shown in this answer and in no other."""
    asked = request.form.get("format", "")
    if asked not in list(Format):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY)
    format, form = Format(asked), EndpointForm.posted(asked)
    try:
        endpoint_id, secret = actions.add_endpoint(org, format, form.wanted, current_user.user_id)
    except InvalidField as error:
        form.refuse(error)
        return _index(org, format, form), HTTPStatus.UNPROCESSABLE_ENTITY
    if format is Format.SLACK:
        flash("Added. Send a test to see it arrive.")
        return _to(org, endpoint_id)
    return _with_secret(org, endpoint_id, secret, "Added.")


def _index(org: Organisation, format: Format | None, form: EndpointForm | None) -> str:
    rows = endpoints_of(org.id)
    return render_template(
        "pages/outgoing/index.html",
        organisation=org,
        rows=[(each, endpoint_state(each)) for each in rows],
        is_full=len(rows) >= MOST_ENDPOINTS,
        most=MOST_ENDPOINTS,
        adding=format,
        form=form,
        events=CHOICES,
        private=current_settings().webhooks_to_private_addresses,
    )


@bp.get("/<int:endpoint_id>")
def show(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """One receiver and its messages; while one is on its way the page asks again for them."""
    endpoint = _endpoint(org, endpoint_id)
    if wants_only("messages"):
        return render_template("partials/outgoing/_messages.html", **_messages(org, endpoint))
    return _show(org, endpoint)


@bp.post("/<int:endpoint_id>")
def update(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Change name, address or events."""
    endpoint = _endpoint(org, endpoint_id)
    form = EndpointForm.posted(endpoint.format)
    try:
        changed = actions.change_endpoint(org, endpoint_id, form.wanted)
    except InvalidField as error:
        form.refuse(error)
        return _show(org, endpoint, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _done(org, endpoint_id, changed, "Saved.")


@bp.post("/<int:endpoint_id>/pause")
def pause(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Send nothing more until somebody resumes."""
    return _done(org, endpoint_id, actions.pause(org.id, endpoint_id), "Paused. Nothing is sent.")


@bp.post("/<int:endpoint_id>/resume")
def resume(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Send again."""
    done = actions.resume(org.id, endpoint_id)
    return _done(org, endpoint_id, done, "Switched on. What changes from now on is sent.")


@bp.post("/<int:endpoint_id>/delete")
def delete(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Delete a receiver with its log."""
    name = actions.delete_endpoint(org.id, endpoint_id)
    if name is None:
        abort(HTTPStatus.NOT_FOUND, GONE)
    flash(f"Deleted “{name}”. Nothing is sent there any more.")
    return redirect(url_for(".index", org=org.slug), HTTPStatus.SEE_OTHER)


@bp.post("/<int:endpoint_id>/test")
def test(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Send a message that says nothing."""
    _endpoint(org, endpoint_id)
    _count_sending()
    sent = actions.send_test(org, endpoint_id)
    flash("A test is on its way. Its answer appears in the list below." if sent else OFF)
    return _to(org, endpoint_id, "messages")


@bp.post("/<int:endpoint_id>/secret")
def secret(org: Organisation, endpoint_id: int) -> ResponseReturnValue:
    """Make another secret and show it this once."""
    endpoint = _endpoint(org, endpoint_id)
    made = actions.replace_secret(org.id, endpoint_id, _seen()) if _is_signed(endpoint) else None
    if made is None:
        return _show(org, endpoint, trouble=MADE_MEANWHILE), HTTPStatus.CONFLICT
    return _with_secret(org, endpoint_id, made, "Made another secret.")


@bp.get("/<int:endpoint_id>/messages/<int:delivery_id>", endpoint="message")
def show_message(org: Organisation, endpoint_id: int, delivery_id: int) -> ResponseReturnValue:
    """One message as it is sent, and how the last attempt went."""
    endpoint, delivery = _endpoint(org, endpoint_id), _delivery(org, endpoint_id, delivery_id)
    return render_template(
        "pages/outgoing/message.html",
        organisation=org,
        endpoint=endpoint,
        row=delivery_row(delivery),
        body=delivery.body,
        most=1 if delivery.type == EventType.TEST else MOST_ATTEMPTS,
        is_signed=_is_signed(endpoint),
    )


@bp.post("/<int:endpoint_id>/messages/<int:delivery_id>/resend")
def resend(org: Organisation, endpoint_id: int, delivery_id: int) -> ResponseReturnValue:
    """Deliver a message once more."""
    _count_sending()
    seen = parse_number(request.form.get("seen", ""))
    sent = actions.send_again(org.id, endpoint_id, delivery_id, -1 if seen is None else seen)
    if sent is None:
        abort(HTTPStatus.NOT_FOUND)
    if not sent:
        flash(SENT_MEANWHILE)
    elif _endpoint(org, endpoint_id).is_on:
        flash("It is sent again.")
    else:
        flash("It is sent again once this webhook is switched on.")
    return _to(org, endpoint_id, "messages")


def _endpoint(org: Organisation, endpoint_id: int) -> WebhookEndpoint:
    endpoint = endpoint_of(org.id, endpoint_id)
    if endpoint is None:
        abort(HTTPStatus.NOT_FOUND)
    return endpoint


def _delivery(org: Organisation, endpoint_id: int, delivery_id: int) -> WebhookDelivery:
    delivery = delivery_of(_endpoint(org, endpoint_id).id, delivery_id)
    if delivery is None:
        abort(HTTPStatus.NOT_FOUND)
    return delivery


def _is_signed(endpoint: WebhookEndpoint) -> bool:
    return endpoint.format == Format.WEBHOOK


def _to(org: Organisation, endpoint_id: int, place: str = "") -> ResponseReturnValue:
    address = url_for(".show", org=org.slug, endpoint_id=endpoint_id, _anchor=place or None)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _done(org: Organisation, endpoint_id: int, done: bool, said: str) -> ResponseReturnValue:
    if not done:
        abort(HTTPStatus.NOT_FOUND, GONE)
    flash(said)
    return _to(org, endpoint_id)


def _seen() -> datetime | None:
    """When the secret was set that the page showed."""
    try:
        moment = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _with_secret(org: Organisation, endpoint_id: int, secret: str, said: str) -> ResponseReturnValue:
    answer = make_response(_show(org, _endpoint(org, endpoint_id), secret=secret, message=said))
    answer.headers["Cache-Control"] = FOR_ONE_READER
    return answer


def _show(
    org: Organisation,
    endpoint: WebhookEndpoint,
    *,
    form: EndpointForm | None = None,
    secret: str = "",
    message: str = "",
    trouble: str = "",
) -> str:
    now = utc_now()
    return render_template(
        "pages/outgoing/show.html",
        form=form or EndpointForm.of(endpoint),
        state=endpoint_state(endpoint),
        is_readable=actions.is_readable(endpoint, now),
        is_signed=_is_signed(endpoint),
        old_secret_ends=actions.old_secrets_end(endpoint, now),
        secret=secret,
        message=message,
        trouble=trouble,
        events=CHOICES,
        **_messages(org, endpoint),
    )


def _messages(org: Organisation, endpoint: WebhookEndpoint) -> dict[str, Any]:
    pages = pages_of(request.args.get("page"), count_deliveries(endpoint.id), PAGE_SIZE)
    found, now = deliveries_of(endpoint.id, limit=pages.size, offset=pages.offset), utc_now()
    return {
        "organisation": org,
        "endpoint": endpoint,
        "rows": [delivery_row(each) for each in found],
        "under_way": endpoint.is_on and any(is_under_way(each, now) for each in found),
        "pages": pages,
        "address": lambda number: url_for(
            ".show", org=org.slug, endpoint_id=endpoint.id, page=number, _anchor="messages"
        ),
    }
