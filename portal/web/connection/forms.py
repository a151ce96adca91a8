"""The forms of the connection. What a form leaves out stays as it is."""

from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are older

from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.board_tokens import ApiKey, BoardToken, parse_api_key, parse_board_token

ON: Final = "on"
OFF: Final = "off"
KEEP: Final = "keep"
REMOVE: Final = "remove"
HIDES_NEW: Final = "New jobs stay hidden until somebody shows them"
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


NONE: Final = ""


class DefaultTypeForm(FlaskForm):  # type: ignore[misc]
    """The employment type of jobs of which the board says none."""

    default_employment_type = SelectField(
        "Default type",
        choices=[
            SelectChoice(NONE, "None: leave it empty"),
            *(SelectChoice(each.value, each.label) for each in EmploymentType),
        ],
        default=NONE,
        validate_choice=False,
    )

    def validate_default_employment_type(self, field: Any) -> None:
        """Accept a type, or none, and no guess."""
        if field.data not in (NONE, *EmploymentType):
            raise ValidationError("Choose one of the types, or none.")

    @property
    def default_type(self) -> EmploymentType | None:
        """The type that was chosen."""
        return (
            EmploymentType(self.default_employment_type.data) if self.default_employment_type.data else None
        )


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


class ConnectForm(KeyForm, BoardForm, DefaultTypeForm):
    """API key, board token, default type; whether Greenhouse fills in columns, and new jobs are hidden."""

    prefill = SwitchField("Fill in location, department and the like", default=True)
    hides_new = SwitchField(HIDES_NEW)


class SwitchesForm(FlaskForm):  # type: ignore[misc]
    """How a connection imports."""

    prefill = SwitchField("Fill in location, department and the like")
    include_prospects = SwitchField("Import prospect posts")
    hides_new = SwitchField(HIDES_NEW)


class DisconnectForm(FlaskForm):  # type: ignore[misc]
    """What becomes of the imported jobs."""

    jobs = StringField()

    def validate_jobs(self, field: Any) -> None:
        """Accept one of the two, and no guess."""
        if field.data not in (KEEP, REMOVE):
            raise ValidationError("Choose what becomes of the jobs.")
