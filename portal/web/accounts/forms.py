"""The forms of accounts. A password is read as it was typed, and never filled in again."""

from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are older
from wtforms.validators import InputRequired, Length

from portal.actions.accounts.passwords import LONGEST
from portal.domain.people import LONGEST_EMAIL, LONGEST_NAME, Density, Role, Theme

TOO_LONG: Final = "That is too long."
EMAIL_KEYS: Final = {
    "type": "email",
    "autocomplete": "username",
    "autocapitalize": "none",
    "spellcheck": "false",
}


def new_password(label: str) -> PasswordField:
    """Return a field for a password that is chosen."""
    return PasswordField(
        label,
        [InputRequired("Choose a password."), Length(max=5000, message=f"Use at most {LONGEST} characters.")],
        render_kw={"autocomplete": "new-password"},
    )


def present_password() -> PasswordField:
    """Return a field for the password that one has."""
    return PasswordField(
        "Current password",
        [InputRequired("Enter your password."), Length(max=5000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )


class LoginForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """E-mail address and password; ``next`` is where to go afterwards."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=254, message=TOO_LONG)],
        render_kw=EMAIL_KEYS,
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField("Keep me signed in for 30 days")
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(
        "Code",
        [InputRequired("Enter the code."), Length(max=200, message=TOO_LONG)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
            "dir": "ltr",
        },
    )


class ForgotForm(FlaskForm):  # type: ignore[misc]
    """Whose password is forgotten."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=LONGEST_EMAIL, message=TOO_LONG)],
        render_kw=EMAIL_KEYS,
    )


class ResetForm(FlaskForm):  # type: ignore[misc]
    """The new password."""

    password = new_password("New password")


class JoinForm(FlaskForm):  # type: ignore[misc]
    """What somebody without an account says to accept an invitation."""

    name = StringField(
        "Your name",
        [InputRequired("Enter your name."), Length(max=LONGEST_NAME, message=TOO_LONG)],
        render_kw={"autocomplete": "name"},
    )
    password = new_password("Password")


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite, and as what."""

    email = StringField("Invite by e-mail", render_kw={"autocomplete": "off", "autocapitalize": "none"})
    role = SelectField(
        "Role",
        choices=[SelectChoice(Role.MEMBER.value, "Member"), SelectChoice(Role.ADMIN.value, "Admin")],
        default=Role.MEMBER.value,
    )


class NameForm(FlaskForm):  # type: ignore[misc]
    """What colleagues see."""

    name = StringField(
        "Name", [Length(max=LONGEST_NAME, message=TOO_LONG)], render_kw={"autocomplete": "name"}
    )


class AddressForm(FlaskForm):  # type: ignore[misc]
    """Another e-mail address."""

    email = StringField(
        "New e-mail",
        [InputRequired("Enter an e-mail address."), Length(max=LONGEST_EMAIL, message=TOO_LONG)],
        render_kw={**EMAIL_KEYS, "autocomplete": "email"},
    )
    email_password = present_password()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The old password and the new one."""

    current_password = present_password()
    password = new_password("New password")


class LookForm(FlaskForm):  # type: ignore[misc]
    """Colours, rows and keys."""

    theme = SelectField(
        "Colours",
        choices=[
            SelectChoice(Theme.SYSTEM.value, "As the system"),
            SelectChoice(Theme.LIGHT.value, "Light"),
            SelectChoice(Theme.DARK.value, "Dark"),
        ],
    )
    density = SelectField(
        "Rows",
        choices=[
            SelectChoice(Density.COMPACT.value, "Compact"),
            SelectChoice(Density.COMFORTABLE.value, "Comfortable"),
        ],
    )
    keys = SelectField("Single-letter keys", choices=[SelectChoice("on", "On"), SelectChoice("off", "Off")])


class DeleteForm(FlaskForm):  # type: ignore[misc]
    """The password, once more."""

    delete_password = present_password()


class NewOrganisationForm(FlaskForm):  # type: ignore[misc]
    """What a new organisation is called."""

    name = StringField(
        "Name", [InputRequired("Enter a name."), Length(max=120, message=TOO_LONG)], render_kw={}
    )
    slug = StringField("Address", [Length(max=200, message=TOO_LONG)], render_kw={"autocapitalize": "none"})


def refuse(field: Any, error: Exception) -> None:
    """Say at a field why its value is not taken."""
    field.errors = [str(error)]
