"""The forms of the connection. What a form leaves out stays as it is."""

from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, ValidationError

from portal.domain.sync.board_tokens import ApiKey, BoardToken, parse_api_key, parse_board_token

ON: Final = "on"
OFF: Final = "off"
KEEP: Final = "keep"
REMOVE: Final = "remove"
AS_TYPED: Final = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SwitchField(BooleanField):
    """A checkbox after a hidden input that says "off": the last value counts, none keeps the default."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the last of the values sent under this name."""
        if valuelist:
            self.data = valuelist[-1] not in ("", OFF, "false", "0", "no")

    def _value(self) -> str:
        return ON


class KeyForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """An API key. It is read, and never filled in again."""

    api_key = PasswordField("Job Board API key", render_kw={"autocomplete": "off", **AS_TYPED})
    key: ApiKey

    def validate_api_key(self, field: Any) -> None:
        """Keep the key that was typed, or say what is wrong with it."""
        try:
            self.key = parse_api_key(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


class BoardForm(FlaskForm):  # type: ignore[misc]
    """The token of a board."""

    board_token = StringField("Board token", render_kw={"autocomplete": "off", **AS_TYPED})
    token: BoardToken

    def validate_board_token(self, field: Any) -> None:
        """Keep the token in what was typed, or say what is wrong with it."""
        try:
            self.token = parse_board_token(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


class ConnectForm(KeyForm, BoardForm):
    """API key, board token, and whether the organisation's columns are filled once from Greenhouse."""

    prefill = SwitchField("Fill in location, department and the like once", default=True)


class SwitchesForm(FlaskForm):  # type: ignore[misc]
    """How a connection imports."""

    prefill = SwitchField("Fill in location, department and the like once")
    include_prospects = SwitchField("Import prospect posts")


class DisconnectForm(FlaskForm):  # type: ignore[misc]
    """What becomes of the imported jobs."""

    jobs = StringField()

    def validate_jobs(self, field: Any) -> None:
        """Accept one of the two, and no guess."""
        if field.data not in (KEEP, REMOVE):
            raise ValidationError("Choose what becomes of the jobs.")
