"""The form of signing in with an existing username."""

from flask_babel import lazy_gettext
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired

from app.web.forms import Form


class UsernameForm(Form):
    """Username and password. How long either is says nothing wrong: what nobody has is simply not found."""

    username = StringField(lazy_gettext("Username"), [DataRequired(lazy_gettext("Enter your username"))])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(lazy_gettext("Enter your password"))])
