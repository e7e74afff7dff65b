"""Erase what is past its time, whoever it belongs to. Runs beside the delivery worker."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.flows.identity.sign_in_with_username import LASTING
from app.models.outbox import counters
from app.models.session import PortalSession
from app.models.sign_in import Arrival, SignInAttempt
from app.storage.erasing import erase
from app.storage.failures import erase_old

# How long an arrival is known as over, so that a late answer gets the page that says so.
KEPT_AFTER = timedelta(days=1)


def erase_expired(work: Session, now: datetime) -> int:
    """Erase, in the caller's unit of work, and say how many rows.

    It takes claims that nobody agreed to, ID tokens of sessions that are over, attempts, arrivals, and counts that
    decide nothing any more.
    """
    over = or_(PortalSession.ended_at.is_not(None), PortalSession.expires_at <= now)
    statements = (
        update(Arrival)
        .where(Arrival.expires_at <= now, Arrival.sealed_claims.is_not(None))
        .values(sealed_claims=None, finished_at=now),
        update(PortalSession).where(over, PortalSession.sealed_id_token.is_not(None)).values(sealed_id_token=None),
        delete(Arrival).where(Arrival.expires_at <= now - KEPT_AFTER),
        delete(SignInAttempt).where(SignInAttempt.expires_at <= now),
    )
    return erase(work, statements) + erase_old(work, counters, LASTING, now)
