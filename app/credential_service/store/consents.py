"""What a person agreed to share with a relying party."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.storage.types import UtcDateTime


class Consent(Base):
    """One agreement. `items` are the things shared, parted by blanks; `email_id` the chosen address, if one is shared.

    A newer agreement with the same client ends the older one, and so does the person who takes it back.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_account_client", "account_id", "client_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"))
    client_id: Mapped[str] = mapped_column(String(120))
    items: Mapped[str] = mapped_column(String(120))
    email_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("email_address.id"), default=None)
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    @property
    def shared(self) -> frozenset[str]:
        """The things shared."""
        return frozenset(self.items.split())
