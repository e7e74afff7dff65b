"""Consent receipts, as their owner reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.account import Identity
from app.models.consent import ConsentReceipt


@dataclass(frozen=True)
class Receipt:
    """A consent receipt as its owner reads it; `provider` is the key of the one that shared the address."""

    id: str
    address: str
    wording: str
    agreed_at: datetime
    provider: str


def find_receipt(session: Session, receipt_id: str, account_id: str) -> Receipt | None:
    """One receipt of this account; None for anybody else's."""
    shown = ConsentReceipt.id, ConsentReceipt.address, ConsentReceipt.wording, ConsentReceipt.agreed_at
    found = session.execute(
        select(*shown, Identity.provider)
        .join(Identity, Identity.id == ConsentReceipt.identity_id)
        .where(ConsentReceipt.id == receipt_id, ConsentReceipt.account_id == account_id)
    ).one_or_none()
    return Receipt(*found) if found is not None else None


def receipts_of(session: Session, account_id: str) -> Sequence[ConsentReceipt]:
    """All receipts of an account, newest first."""
    return session.scalars(
        select(ConsentReceipt).where(ConsentReceipt.account_id == account_id).order_by(ConsentReceipt.agreed_at.desc())
    ).all()


def identities_of(session: Session, account_id: str) -> Sequence[Identity]:
    """The provider identities that open an account, oldest first."""
    return session.scalars(select(Identity).where(Identity.account_id == account_id).order_by(Identity.added_at)).all()
