"""The forms of registration."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from app.web.forms import Form

LONGEST_ADDRESS = 254
LONGEST_TYPED = 1024


class EmailForm(Form):
    """An e-mail address; `address` is it, normalised, once the form is valid."""

    email = StringField(_("E-mail address"), [InputRequired(_("Enter your e-mail address"))])
    address = ""

    def validate_email(self, field: StringField) -> None:
        """The address could exist. Whether it does, the mail will show."""
        try:
            # Addresses under .test are let in: they cannot be anybody's.
            checked = validate_email(field.data or "", check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError(_("Enter an e-mail address in full, such as name@example.com")) from error
        if len(checked.normalized) > LONGEST_ADDRESS:
            raise ValidationError(_("Enter an e-mail address of 254 characters or fewer"))
        self.address = checked.normalized


class CodeForm(Form):
    """A six-digit code. What is no code is refused by the flow, which knows where the person finds it."""

    code = StringField(_("6-digit code"))


class PasswordForm(Form):
    """A new password; the rules are `authenticators.passwords`'."""

    password = PasswordField(
        _("Password"),
        [InputRequired(_("Choose a password")), Length(max=LONGEST_TYPED, message=_("Use fewer characters"))],
    )


class PhoneForm(Form):
    """A telephone number, the country it is written in, and how codes shall come."""

    country = StringField(_("Country or dialling code"))
    number = StringField(_("Phone number"), [InputRequired(_("Enter your phone number"))])
    channel = RadioField(
        _("How do you want to get your codes?"),
        [InputRequired(_("Choose a text message or a phone call"))],
        choices=[SelectChoice("sms", _("Text message")), SelectChoice("voice", _("Phone call"))],
        default="sms",
    )


class ChannelForm(Form):
    """How the next code shall come; it is chosen by a button."""

    channel = RadioField(choices=[SelectChoice("sms"), SelectChoice("voice")], validators=[InputRequired()])


class PasskeyForm(Form):
    """The browser's answer, as JSON; empty where scripts are off."""

    credential = HiddenField()

    def problem(self, words: Any) -> None:
        """Say what was wrong; a hidden input has no place for it, so it goes to the summary."""
        self.form_errors.append(words)
