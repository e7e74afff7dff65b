"""Usernames of the old system, as imported, and how long their hash formats take to check."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.storage.types import UtcDateTime


class Username(Base):
    """An existing username and its account. `folded` is what is compared; the hash is the old one until first use."""

    __tablename__ = "username"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    account_id: Mapped[str] = mapped_column(String(36), ForeignKey("account.id"), unique=True)
    username: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(120), unique=True)
    password_hash: Mapped[str] = mapped_column(String(512))
    status: Mapped[str] = mapped_column(String(16))
    email: Mapped[str | None] = mapped_column(String(254), default=None)
    entity_id: Mapped[str | None] = mapped_column(String(64), default=None)
    role: Mapped[str | None] = mapped_column(String(16), default=None)
    cohort: Mapped[str | None] = mapped_column(String(64), default=None)
    last_sign_in: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rehashed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class HashTiming(Base):
    """How long one check of an imported hash format took when it was imported, in milliseconds."""

    __tablename__ = "hash_timing"

    format: Mapped[str] = mapped_column(String(80), primary_key=True)
    milliseconds: Mapped[int] = mapped_column(Integer)
