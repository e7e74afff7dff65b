"""An account at the credential service: the person, the confirmed addresses and the ways to sign in."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.credential_service.store.base import Base
from app.storage.sessions import SessionColumns
from app.storage.types import UtcDateTime


class Account(Base):
    """A person's account. `subject` is what relying parties know it by: public, 32 hex digits, as ID.me's is."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    subject: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid4().hex)
    password_hash: Mapped[str] = mapped_column(String(256))
    given_name: Mapped[str | None] = mapped_column(String(120), default=None)
    family_name: Mapped[str | None] = mapped_column(String(120), default=None)
    name_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmailAddress(Base):
    """A confirmed address. One address belongs to one account; `address` is as typed, `folded` is compared."""

    __tablename__ = "email_address"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    folded: Mapped[str] = mapped_column(String(254), unique=True)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Authenticator(Base):
    """A second step: kind `phone` (number sealed, channel `sms` or `voice`), `totp` (seed sealed) or `passkey`."""

    __tablename__ = "authenticator"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str | None] = mapped_column(String(8), default=None)
    label: Mapped[str] = mapped_column(String(120), default="")
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    last_step: Mapped[int | None] = mapped_column(Integer, default=None)
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, default=None)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    sign_count: Mapped[int] = mapped_column(Integer, default=0)
    transports: Mapped[str] = mapped_column(String(120), default="")
    aaguid: Mapped[str] = mapped_column(String(36), default="")
    backup_eligible: Mapped[bool] = mapped_column(default=False)
    backed_up: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class RecoveryCode(Base):
    """One look-up secret, hashed; used at most once. The codes of one sheet share `salt`, in the order of `id`."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash", name="uq_recovery_code_account_hash"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class AccountSession(SessionColumns, Base):
    """A signed-in browser. `methods` holds the `amr` values, separated by spaces; `assurance` is `aal2`."""

    __tablename__ = "account_session"
