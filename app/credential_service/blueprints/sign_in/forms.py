"""The forms of sign-in."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.web.forms import Form

LONGEST_ADDRESS = 254
LONGEST_TYPED = 4096


class SignInForm(Form):
    """What the person signs in with. Anything may be an address here: a wrong one is answered like an unknown one."""

    email = StringField(
        _("E-mail address"),
        [
            InputRequired(_("Enter your e-mail address")),
            Length(max=LONGEST_ADDRESS, message=_("Enter an e-mail address of 254 characters or fewer")),
        ],
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password")), Length(max=LONGEST_TYPED, message=_("Use fewer characters"))],
    )


class SecondStepForm(Form):
    """The answer to the second step: a code, or a passkey's answer as JSON, for the way that the page was about."""

    way = HiddenField()
    code = StringField(_("6-digit code"))
    credential = HiddenField()

    def problem(self, words: Any) -> None:
        """Say what was wrong with a passkey; a hidden input has no place for it, so it goes to the summary."""
        self.form_errors.append(words)


class RecoveryForm(SecondStepForm):
    """The same, with a recovery code."""

    code = StringField(_("Recovery code"))


class SendForm(Form):
    """Which telephone the code is to go to, and how."""

    way = HiddenField(validators=[InputRequired()])
    channel = RadioField(choices=[SelectChoice("sms"), SelectChoice("voice")], validators=[InputRequired()])
