"""Consent receipts, as their owner reads them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.account import Identity
from app.models.consent import ConsentReceipt


def find_receipt(session: Session, receipt_id: str, account_id: str) -> ConsentReceipt | None:
    """One receipt of this account; None for anybody else's."""
    return session.scalars(
        select(ConsentReceipt).where(ConsentReceipt.id == receipt_id, ConsentReceipt.account_id == account_id)
    ).one_or_none()


def receipts_of(session: Session, account_id: str) -> Sequence[ConsentReceipt]:
    """All receipts of an account, newest first."""
    return session.scalars(
        select(ConsentReceipt).where(ConsentReceipt.account_id == account_id).order_by(ConsentReceipt.agreed_at.desc())
    ).all()


def identities_of(session: Session, account_id: str) -> Sequence[Identity]:
    """The provider identities that open an account, oldest first."""
    return session.scalars(select(Identity).where(Identity.account_id == account_id).order_by(Identity.added_at)).all()
