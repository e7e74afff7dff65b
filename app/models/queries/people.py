"""People, as pages address them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.account import Account


def name_of(session: Session, account_id: str) -> str | None:
    """Given and family name, as far as they are known; None when neither is."""
    row = session.execute(select(Account.given_name, Account.family_name).where(Account.id == account_id)).one_or_none()
    parts = [part for part in row or () if part]
    return " ".join(parts) or None
