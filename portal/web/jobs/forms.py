"""The form of a job of the organisation's own; each field is read as its editor on Manage jobs reads it."""

from typing import Any

from flask import g
from flask_wtf import FlaskForm
from wtforms import Field as FormField
from wtforms import (  # type: ignore[attr-defined] # SelectChoice is newer than the stubs
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from portal.actions.understand import understand
from portal.domain.job_fields import FIELDS, OWN_FIELDS, EditorKind, Field, InvalidValue, Visibility


class Understood:
    """What was typed can be kept; the columns it becomes wait in the form."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.field_flags: dict[str, Any] = {"required": True} if field.required else {}

    def __call__(self, form: "NewJobForm", input: FormField) -> None:
        """Raise ``ValidationError`` with the sentence that the cell's editor would show."""
        try:
            form.columns |= understand(g.org.id, self.field, input.data or "")
        except InvalidValue as error:
            raise ValidationError(str(error)) from None


def _text(field: Field, default: str = "") -> StringField:
    return StringField(field.label, [Understood(field)], default=default)


def _long_text(field: Field) -> TextAreaField:
    return TextAreaField(field.label, [Understood(field)])


def _select(field: Field, default: str = "") -> SelectField:
    none = () if field.kind is EditorKind.SWITCH else (("", "Not said"),)
    choices = [SelectChoice(value, label) for value, label in (*none, *field.choices)]
    return SelectField(
        field.label, [Understood(field)], choices=choices, default=default, validate_choice=False
    )


class NewJobForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """A job that is added here. What a request does not name is as in a job that nobody has edited."""

    title = _text(OWN_FIELDS["title"])
    department = _text(FIELDS["department"])
    location = _text(FIELDS["location"])
    workplace_type = _select(FIELDS["workplace_type"])
    employment_type = _select(FIELDS["employment_type"])
    salary = _text(FIELDS["salary"])
    apply_url = _text(OWN_FIELDS["apply_url"])
    description = _long_text(OWN_FIELDS["description"])
    seniority = _text(FIELDS["seniority"])
    hiring_manager = _text(FIELDS["hiring_manager"])
    summary = _long_text(FIELDS["summary"])
    tags = _text(FIELDS["tags"])
    closes_on = _text(FIELDS["closes_on"])
    salary_visible = _select(FIELDS["salary_visible"], "true")
    featured = _select(FIELDS["featured"], "false")
    visibility = _text(FIELDS["visibility"], Visibility.SHOWN.value)

    def __init__(self) -> None:
        super().__init__()
        self.columns: dict[str, Any] = {}
