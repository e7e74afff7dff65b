"""How long the imported password hashes take to check."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.username import HashTiming


def slowest_milliseconds(session: Session) -> int | None:
    """The slowest imported format's time, or None while nothing was imported."""
    return session.scalar(select(func.max(HashTiming.milliseconds)))
