"""The columns of a request that has a six-digit code in flight; which request it is, the table that has them says."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.types import UtcDateTime


class SentCodeColumns:
    """The one code that is good at the moment, as a keyed hash, and the message that carried it.

    `code_serial` grows with each code and is part of what the hash is made of: an earlier code is worth nothing.
    `code_request_key` is the idempotency key of the form that asked for it, so that a repeated POST sends no second.
    """

    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    code_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    code_serial: Mapped[int] = mapped_column(Integer, default=0)
    code_channel: Mapped[str | None] = mapped_column(String(8), default=None)
    code_message_id: Mapped[str | None] = mapped_column(String(64), default=None)
    code_request_key: Mapped[str | None] = mapped_column(String(64), default=None)
