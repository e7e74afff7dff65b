"""Receipts of the e-mail consent: who agreed to what, when, in which wording."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.storage.types import UtcDateTime


class ConsentReceipt(Base):
    """One agreement to the use of one confirmed address. Never changed but for its withdrawal."""

    __tablename__ = "consent_receipt"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), index=True)
    identity_id: Mapped[str] = mapped_column(String(36), ForeignKey("identity.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    wording: Mapped[str] = mapped_column(String(16))
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
