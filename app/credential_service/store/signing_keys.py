"""The keys that sign ID tokens and userinfo, their private parts sealed. Making and rotating: `signing_keys`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.storage.types import UtcDateTime


class SigningKey(Base):
    """One RSA key. It signs until `retired_at`, and its public part is published until `published_until`.

    The row stays after that: an old ID token may still be shown to us as a hint.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(32), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    published_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
