"""The sign-in form."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """E-mail address and password; ``next`` is where to go afterwards."""

    email = StringField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=254, message="That is too long.")],
        render_kw={
            "type": "email",
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=1000, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
