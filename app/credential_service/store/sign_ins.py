"""An unfinished sign-in: one a browser, for a quarter of an hour. The session it leads to is in `accounts`."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.credential_service.store.sent_codes import SentCodeColumns
from app.storage.types import UtcDateTime


class SignIn(SentCodeColumns, Base):
    """One attempt. `account_id` is whose password was right; None where a passkey alone is to say who it is.

    `code_authenticator_id` is the telephone that the code in flight was sent to. `sealed_ceremony` is the challenge a
    passkey is to answer, used once. `finished_proof` recognises the POST that finished the attempt.
    """

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    browser_key: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("account.id"), index=True, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    start_request_key: Mapped[str] = mapped_column(String(64))
    code_authenticator_id: Mapped[str | None] = mapped_column(String(36), default=None)
    sealed_ceremony: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_proof: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    session_id: Mapped[str | None] = mapped_column(String(36), default=None)
