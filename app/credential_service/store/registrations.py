"""An unfinished registration: one a browser, until its deadline. The account it leads to is in `accounts`."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.credential_service.store.sent_codes import SentCodeColumns
from app.storage.types import UtcDateTime


class Registration(SentCodeColumns, Base):
    """What a person has given so far. Everything that says who they are is sealed, everything secret hashed.

    `browser_key` is the browser that may go on; `began_key` the one that began, if the person went on elsewhere;
    `previous_key` what this browser was called before its session began. `account_id` is what the account will be
    called; there is one when `finished_at` is set. `finished_proof` recognises the POST that finished it.
    """

    __tablename__ = "registration"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    browser_key: Mapped[str] = mapped_column(String(64), unique=True)
    began_key: Mapped[str] = mapped_column(String(64), index=True)
    previous_key: Mapped[str | None] = mapped_column(String(64), index=True, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    start_request_key: Mapped[str] = mapped_column(String(64))

    sealed_email: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    password_hash: Mapped[str | None] = mapped_column(String(256), default=None)

    sealed_phone: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    sealed_seed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    sealed_ceremony: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)

    account_id: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid4()))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    finished_proof: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
