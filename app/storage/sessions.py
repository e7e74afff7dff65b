"""Server-side sessions, as both services keep them: columns, the limits, and how one is found, kept alive and ended.

What a session is a session of, an account of one service or the other, the service's own table says.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from app.storage.types import UtcDateTime
from app.storage.unit_of_work import unit_of_work

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
# Last-seen is written at most this often, so that reading pages hardly ever writes.
LAST_SEEN_STEP = timedelta(minutes=1)


class SessionColumns:
    """One signed-in session of one browser. `key` is the SHA-256 of its cookie; the cookie itself is kept nowhere."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    assurance: Mapped[str] = mapped_column(String(16))
    methods: Mapped[str] = mapped_column(String(80), default="")
    authenticated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    @declared_attr
    def account_id(cls) -> Mapped[str]:  # noqa: N805 - SQLAlchemy hands the class
        """Whose session it is."""
        return mapped_column(String(36), ForeignKey("account.id"), index=True)


Row = TypeVar("Row", bound=SessionColumns)


def find(session: Session, table: type[Row], key: str, now: datetime) -> Row | None:
    """The live session of the browser with this key: not ended, within the idle and the absolute limit."""
    row = session.scalars(select(table).where(table.key == key)).one_or_none()
    if row is None or row.ended_at is not None:
        return None
    return row if now < row.expires_at and now < row.last_seen_at + IDLE_LIMIT else None


def is_stale(row: SessionColumns, now: datetime) -> bool:
    """Whether last-seen is old enough to be written again."""
    return now - row.last_seen_at >= LAST_SEEN_STEP


def use(session: Session, table: type[Row], key: str, now: datetime) -> Row | None:
    """The live session of the browser with this key, noted as used, at most once a minute, in a unit of its own."""
    row = find(session, table, key, now)
    if row is not None and is_stale(row, now):
        with unit_of_work(session) as work:
            work.execute(update(table).where(table.id == row.id).values(last_seen_at=now))
    return row


def limits(now: datetime) -> dict[str, datetime]:
    """The moments of a session that begins now."""
    return {"authenticated_at": now, "last_seen_at": now, "expires_at": now + ABSOLUTE_LIMIT}
