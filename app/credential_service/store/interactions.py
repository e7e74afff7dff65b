"""A relying party's request that waits in a browser for its answer. What the request may be: `flows.authorize`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.storage.types import UtcDateTime


class Interaction(Base):
    """One checked authorization request and what became of it. Only the browser that opened it may go on with it.

    `outcome` is `code` or `declined` when `finished_at` is set, `request_key` recognises the POST that answered.
    """

    __tablename__ = "interaction"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    browser_key: Mapped[str] = mapped_column(String(64), index=True)
    client_id: Mapped[str] = mapped_column(String(120))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    outcome: Mapped[str | None] = mapped_column(String(8), default=None)
    request_key: Mapped[str] = mapped_column(String(64), default="")
