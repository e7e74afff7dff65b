"""The form of the consent page."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from wtforms import RadioField

from app.credential_service.store.accounts import EmailAddress
from app.web.forms import Form


class ConsentForm(Form):
    """Which confirmed address is shared. Addresses are told by their ids, never sent back."""

    email = RadioField(lazy_gettext("Which e-mail address do you want to share?"), validate_choice=False)

    def offer(self, addresses: Sequence[EmailAddress], before: str | None) -> None:
        """List the addresses; the one that was shared before is chosen, or else the first."""
        self.email.choices = [(row.id, row.address) for row in addresses]
        if self.email.raw_data is None:
            ids = [row.id for row in addresses]
            self.email.data = before if before in ids else next(iter(ids), None)

    def chosen(self) -> str | None:
        """The id of the chosen address, or None with the error set where it is none of the list."""
        ids = [value for value, _ in self.email.choices]
        if len(ids) == 1:
            return str(ids[0])
        if self.email.data in ids:
            return str(self.email.data)
        self.refuse("email", lazy_gettext("Choose the e-mail address that you want to share"))
        return None
