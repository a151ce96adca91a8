"""The form of an organisation's profile. What is not sent stays as it is."""

from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField, ValidationError

from portal.domain.logos import Logo, read_logo
from portal.domain.profile import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_WEBSITE, PARSERS
from portal.domain.texts import InvalidValue
from portal.web.connection.forms import AS_TYPED, SwitchField

ACCEPTED: Final = "image/png,image/jpeg,image/webp,image/gif"


class ProfileForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """What an organisation says of itself; ``parsed`` holds what was sent, as it is stored."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_NAME, "autocomplete": "organization"})
    summary = TextAreaField("In a sentence", render_kw={"maxlength": LONGEST_SUMMARY, "rows": 2})
    website = StringField(
        "Website",
        render_kw={"maxlength": LONGEST_WEBSITE, "inputmode": "url", "autocomplete": "url", **AS_TYPED},
    )
    time_zone = SelectField("Time zone", validate_choice=False)
    shows_hiring_managers = SwitchField("Show hiring managers on job pages")
    logo = FileField("Picture", render_kw={"accept": ACCEPTED})
    remove_logo = BooleanField("Remove the logo")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parsed: dict[str, str] = {}
        self.new_logo: Logo | None = None
        zones = dict.fromkeys([self.time_zone.data or "UTC", *_time_zones()])
        self.time_zone.choices = [(zone, zone) for zone in sorted(zones)]

    def _parse(self, field: Any) -> None:
        if not field.raw_data:
            return
        try:
            self.parsed[field.name] = PARSERS[field.name](field.data or "")
        except InvalidValue as error:
            raise ValidationError(str(error)) from None

    validate_name = validate_summary = validate_website = validate_time_zone = _parse

    def validate_logo(self, field: Any) -> None:
        """Keep the picture that was sent, or say what is wrong with it."""
        if not field.data:
            return
        try:
            self.new_logo = read_logo(field.data.read())
        except InvalidValue as error:
            raise ValidationError(str(error)) from None


AREAS: Final = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def _time_zones() -> list[str]:
    """Return the zones that are named after places, and UTC."""
    return ["UTC", *sorted(zone for zone in available_timezones() if zone.partition("/")[0] in AREAS)]
