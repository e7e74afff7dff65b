"""Sessions begin, are kept alive, and end here, whatever way the person signed in."""

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.audit.events import SignedOut, SignInFinished
from app.audit.record import record
from app.models.session import PortalSession
from app.models.sign_in import SignInAttempt
from app.storage.sessions import limits
from app.storage.unit_of_work import unit_of_work


def open_session(work: Session, row: PortalSession, old_key: str, now: datetime) -> PortalSession:
    """Begin the session `row` (its key is the browser's new identifier) inside the caller's unit of work.

    The session the browser had under `old_key` ends, and its attempts in other tabs follow it to the new identifier.
    Arrivals do not: a repeated POST comes with the old one.
    """
    for name, moment in limits(now).items():
        setattr(row, name, moment)
    work.add(row)
    work.flush()
    for earlier in work.scalars(_live(old_key)):
        earlier.ended_at = now
    work.execute(update(SignInAttempt).where(SignInAttempt.browser_key == old_key).values(browser_key=row.key))
    record(work, SignInFinished(account=row.account_id, method=row.via, session=row.id), now)
    return row


def _live(key: str) -> Select[PortalSession]:
    return select(PortalSession).where(PortalSession.key == key, PortalSession.ended_at.is_(None))


def end_session(session: Session, session_id: str, now: datetime) -> None:
    """End one session by its owner's wish; its ID token is erased. Ending it twice is no fault."""
    with unit_of_work(session) as work:
        row = work.get(PortalSession, session_id)
        if row is not None and row.ended_at is None:
            row.ended_at, row.sealed_id_token = now, None
            record(work, SignedOut(account=row.account_id, session=row.id), now)
