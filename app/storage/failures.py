"""Counters of failures and of sends, kept in the database so that they hold for all workers and after a restart.

What the numbers mean, how long to wait and when an authenticator is disabled, is the rule of
`authenticators/throttle.py`. A subject (an account, an authenticator, an address) is kept as a keyed hash.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.storage.erasing import erase
from app.storage.types import UtcDateTime

DAY = timedelta(days=1)
LONG_AGO = timedelta(days=30)
FEW = 5


@dataclass(frozen=True)
class Count:
    """Consecutive failures, or sends within a window, and when the last one and the window's first one were."""

    number: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


def counter_table(metadata: MetaData) -> Table:
    """The table of counters; `scope` names the rule, `subject` the keyed hash of whom it counts for.

    `before_at` is what `last_at` was before the last one was counted, for taking that one back.
    """
    return Table(
        "throttle_counter",
        metadata,
        Column("scope", String(32), primary_key=True),
        Column("subject", String(64), primary_key=True),
        Column("number", Integer, nullable=False),
        Column("first_at", UtcDateTime, nullable=False),
        Column("last_at", UtcDateTime, nullable=False),
        Column("before_at", UtcDateTime),
    )


def read(session: Session, table: Table, scope: str, subject: str) -> Count:
    """The count as it stands; zero where nothing was counted. Inside a unit of work the row is locked."""
    query = select(table.c.number, table.c.first_at, table.c.last_at).where(
        table.c.scope == scope, table.c.subject == subject
    )
    row = session.execute(query.with_for_update()).one_or_none()
    return Count(*row) if row is not None else Count()


def add(
    session: Session, table: Table, scope: str, subject: str, now: datetime, window: timedelta | None = None
) -> Count:
    """Count one more and give the new count. With a `window`, a count older than it begins again at one.

    Count before you check, in a unit of work of its own: guesses made at the same moment are then all counted.
    """
    before = read(session, table, scope, subject)
    fresh = before.first_at is None or (window is not None and now - before.first_at >= window)
    after = Count(1, now, now) if fresh else Count(before.number + 1, before.first_at, now)
    values = {"number": after.number, "first_at": after.first_at, "last_at": after.last_at, "before_at": before.last_at}
    if before.first_at is not None:
        session.execute(update(table).where(table.c.scope == scope, table.c.subject == subject).values(**values))
        return after
    try:
        with session.begin_nested():
            session.execute(insert(table).values(scope=scope, subject=subject, **values))
    except IntegrityError:
        # PostgreSQL locks no row that is not there yet: another first one was counted at the same moment.
        return add(session, table, scope, subject, now, window)
    return after


def take_back(session: Session, table: Table, scope: str, subject: str, counted_at: datetime) -> None:
    """Uncount the one that was counted at `counted_at`: it turned out to be no failure. Those of others stay.

    Nor does it make anybody wait anew: the last failure is again the one before, unless another came meanwhile.
    """
    counter = (table.c.scope == scope, table.c.subject == subject)
    session.execute(delete(table).where(*counter, table.c.number <= 1))
    mine = (table.c.last_at == counted_at, table.c.before_at.is_not(None))
    session.execute(update(table).where(*counter, *mine).values(last_at=table.c.before_at, before_at=None))
    session.execute(update(table).where(*counter).values(number=table.c.number - 1))


def clear(session: Session, table: Table, scope: str, subject: str) -> None:
    """Forget the count: after a success."""
    session.execute(delete(table).where(table.c.scope == scope, table.c.subject == subject))


def erase_old(session: Session, table: Table, lasting: Collection[str], now: datetime) -> int:
    """Erase counts that decide nothing any more, and say how many.

    Sends and network addresses are over after a day. Failures in a row (scopes in `lasting`) stand until a success,
    however long that takes (SP 800-63B-4 §3.2.2); only a few of them, long ago, are let go, since they make nobody wait
    and mostly belong to names that somebody made up.
    """
    few_long_ago = (table.c.number < FEW, table.c.last_at <= now - LONG_AGO)
    over = (table.c.scope.not_in(lasting), table.c.last_at <= now - DAY)
    statements = (
        delete(table).where(table.c.scope.in_(lasting), *few_long_ago),
        delete(table).where(*over),
    )
    return erase(session, statements)
