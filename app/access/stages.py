"""How far the unfinished sign-in of this browser has come."""

from flask import g

from app import clock
from app.flows.identity.arrivals import find_arrival, ran_out
from app.models.base import db
from app.models.sign_in import Arrival
from app.web.browser import browser


def current_arrival() -> Arrival | None:
    """The arrival this browser has open, or one just finished whose answer may have been lost."""
    if "arrival" not in g:
        g.arrival = find_arrival(db.session(), browser().key, clock.now()) if browser().known else None
    found: Arrival | None = g.arrival
    return found


def arrival_ran_out() -> bool:
    """Whether the person was here and took longer than there was."""
    return browser().known and ran_out(db.session(), browser().key, clock.now())
