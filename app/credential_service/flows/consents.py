"""What people agreed to share with relying parties: whether it covers a request, how it is given and taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.credential_service.audit_events import ConsentGiven, ConsentTakenBack, client_key, record
from app.credential_service.claims import has_name
from app.credential_service.flows.codes import revoke_of_consent
from app.credential_service.profiles import Item
from app.credential_service.store.accounts import Account, EmailAddress
from app.credential_service.store.consents import Consent
from app.domain.identity.consent import LIFETIME

NEVER: Final[frozenset[str]] = frozenset()


def sharable(account: Account, items: Collection[str]) -> frozenset[str]:
    """Of what is asked, what there is: a name that was never given is not asked about and not shared."""
    return frozenset(items) - (NEVER if has_name(account) else {Item.NAME})


def current_consent(session: Session, account_id: str, client_id: str) -> Consent | None:
    """The agreement that stands, whatever its age and extent."""
    found = select(Consent).where(Consent.account_id == account_id, Consent.client_id == client_id)
    standing = found.where(Consent.ended_at.is_(None)).order_by(Consent.agreed_at.desc())
    return session.scalars(standing.limit(1)).first()


def covers(consent: Consent, needed: frozenset[str], now: datetime) -> bool:
    """Whether it is under a year old and nothing more is needed."""
    if Item.EMAIL in needed and consent.email_id is None:
        return False
    return needed <= consent.shared and now < consent.agreed_at + LIFETIME


def addresses(session: Session, account_id: str) -> Sequence[EmailAddress]:
    """The confirmed addresses of an account, the oldest first."""
    found = select(EmailAddress).where(EmailAddress.account_id == account_id)
    return session.scalars(found.order_by(EmailAddress.confirmed_at, EmailAddress.id)).all()


def give(
    work: Session, account_id: str, client_id: str, items: frozenset[str], email_id: str | None, now: datetime
) -> Consent:
    """Agree to share `items`, in the caller's unit of work. An older agreement with the client ends."""
    before = current_consent(work, account_id, client_id)
    if before is not None:
        before.ended_at = now
    row = Consent(
        account_id=account_id,
        client_id=client_id,
        items=" ".join(sorted(items)),
        email_id=email_id if Item.EMAIL in items else None,
        agreed_at=now,
    )
    work.add(row)
    work.flush()
    record(work, ConsentGiven(account_id, row.id, client_key(client_id)), now)
    return row


def standing(session: Session, account_id: str, now: datetime) -> Sequence[Consent]:
    """All agreements of an account that stand and are not out of time, the newest first."""
    found = select(Consent).where(Consent.account_id == account_id, Consent.ended_at.is_(None))
    rows = session.scalars(found.order_by(Consent.agreed_at.desc()))
    return [row for row in rows if now < row.agreed_at + LIFETIME]


def take_back(work: Session, account_id: str, consent_id: str, now: datetime) -> bool:
    """End an agreement; what was issued on it is void at once. False when the account has no such agreement."""
    row = work.get(Consent, consent_id, with_for_update=True)
    if row is None or row.account_id != account_id or row.ended_at is not None:
        return False
    row.ended_at = now
    revoke_of_consent(work, row.id, now)
    record(work, ConsentTakenBack(account_id, row.id), now)
    return True
