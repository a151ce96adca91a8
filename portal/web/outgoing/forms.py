"""The form of a receiver of webhooks, as it was typed."""

from typing import Final

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField

from portal.actions.outgoing.endpoints import LONGEST_NAME, InvalidField, Wanted
from portal.domain.outgoing.events import CHOICES, EventType, Format
from portal.models import WebhookEndpoint

AS_TYPED: Final = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
USUAL: Final = {Format.WEBHOOK: CHOICES, Format.SLACK: (EventType.OPENED, EventType.CLOSED)}
"""What is ticked at first: a channel that hears of each change is soon muted."""


class EndpointForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """Name and address of a receiver; its events are checkboxes of one name."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"})
    address = StringField("Address", render_kw={"inputmode": "url", "dir": "ltr", **AS_TYPED})
    chosen: frozenset[str] = frozenset()
    events_error = ""
    is_slack = False

    @classmethod
    def empty(cls, format: Format) -> "EndpointForm":
        """Return the form of a new receiver."""
        form = cls(formdata=None)
        form.chosen, form.is_slack = frozenset(USUAL[format]), format is Format.SLACK
        return form

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "EndpointForm":
        """Return the form of a receiver; its address is not filled in, since it may be secret."""
        form = cls(formdata=None, name=endpoint.name)
        form.chosen, form.is_slack = frozenset(endpoint.events), endpoint.format == Format.SLACK
        return form

    @classmethod
    def posted(cls, format: str) -> "EndpointForm":
        """Return the form that was sent."""
        form = cls()
        form.chosen = frozenset(request.form.getlist("event"))
        form.is_slack = format == Format.SLACK
        return form

    @property
    def wanted(self) -> Wanted:
        """What was typed and chosen."""
        return Wanted(self.name.data or "", self.address.data or "", self.chosen)

    def refuse(self, error: InvalidField) -> None:
        """Say at its field what cannot be kept."""
        if error.field == "events":
            self.events_error = str(error)
        else:
            self[error.field].errors = [str(error)]
