"""The portal's guards. Each answers instead of the page when the person may not see it."""

from flask.typing import ResponseReturnValue

from app.access.portal import portal
from app.access.session import current
from app.access.stages import arrival_ran_out, current_arrival
from app.domain.errors import ARRIVAL_OVER, Refused
from app.domain.identity.assurance import Assurance
from app.web.guard import Guard
from app.web.redirects import see_other
from app.web.security import allow_form_origins

CHOOSER = "/sign-in"
HOME = "/"


def _signed_in(required: Assurance) -> ResponseReturnValue | None:
    row = current()
    if row is None:
        return see_other(CHOOSER)
    party = portal().parties.get(row.via)
    # Every page of a signed-in person has the sign-out form, which may end at the provider.
    allow_form_origins(sorted(party.known_origins()) if party is not None else ())
    # Home is open to every session and says what is missing.
    return None if Assurance(row.assurance).meets(required) else see_other(HOME)


def _arriving() -> ResponseReturnValue | None:
    if current_arrival() is not None:
        return None
    if current() is not None:
        return see_other(HOME)
    if arrival_ran_out():
        raise Refused(ARRIVAL_OVER)
    return see_other(CHOOSER)


SIGNED_IN_AAL1 = Guard("signed in, aal1", lambda: _signed_in(Assurance.AAL1))
SIGNED_IN = Guard("signed in, aal2", lambda: _signed_in(Assurance.AAL2))
ARRIVING = Guard("stage consent", _arriving)
CALLBACK = Guard("public", reason="GET uses up the attempt it answers: the provider redirects with GET")
