"""The form of the e-mail consent."""

from flask import request
from flask_babel import lazy_gettext
from wtforms import RadioField

from app.web.forms import Form


class ConsentForm(Form):
    """Which confirmed address QAAMS may use. Addresses are told by their place in the list, never sent back."""

    address = RadioField(lazy_gettext("Which address may QAAMS use?"), coerce=int)

    def offer(self, emails: tuple[str, ...]) -> None:
        """List the confirmed addresses; the first is chosen until the person says otherwise."""
        self.address.choices = list(enumerate(emails))
        if self.address.data is None and self.address.raw_data is None:
            self.address.data = 0

    def chosen(self) -> int | None:
        """The place of the chosen address, or None with the error set where none of the list was chosen."""
        if len(self.address.choices) == 1:
            return 0
        if isinstance(self.address.data, int) and 0 <= self.address.data < len(self.address.choices):
            return self.address.data
        self.refuse("address", lazy_gettext("Choose the address that QAAMS may use"))
        return None


def posted_arrival() -> str:
    """Which arrival the page was about: in another tab, the browser may have come back as somebody else since."""
    return request.form.get("arrival", "")
