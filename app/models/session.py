"""Signed-in sessions at the portal."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.storage.sessions import SessionColumns


class PortalSession(SessionColumns, Base):
    """A signed-in browser. `via` is the provider's key, or `username`; the ID token stays sealed for sign-out."""

    __tablename__ = "portal_session"

    via: Mapped[str] = mapped_column(String(32))
    identity_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("identity.id"), default=None)
    sealed_id_token: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
