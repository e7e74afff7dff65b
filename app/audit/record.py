"""The only writer of the portal's audit record."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.audit import chain
from app.audit.event import Event
from app.audit.events import EVENTS
from app.models.audit import tables


def record(session: Session, event: Event, now: datetime) -> int:
    """Append an event of the portal, in the caller's transaction, and return its serial number.

    TypeError for an event that is not in the portal's catalogue, ValueError for a value an event may not hold.
    """
    return chain.record(session, tables, EVENTS, event, now)
