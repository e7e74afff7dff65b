"""How a worker takes a message out of the outbox and says what became of it. When to do so is decided in `worker`.

Each function is one short transaction. A claim is committed before the message is handed over, so that a worker
that dies in between leaves a trace, and two workers never hold the same message.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, or_, select, update

from app.delivery.message import Channel, Kind
from app.delivery.outbox import OutboxTables
from app.delivery.ports import Reason
from app.storage.engine import WRITE_OPTION


@dataclass(frozen=True)
class Claim:
    """A message that this worker alone may hand over; `attempts` counts this one too."""

    id: str
    channel: Channel
    kind: Kind
    body: bytes
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class Claims:
    """The outbox of one service, as its workers see it."""

    engine: Engine
    tables: OutboxTables

    def waiting(self, now: datetime, died_before: datetime) -> bool:
        """Whether there is anything to do. It only reads, so that an idle worker never takes the write lock."""
        outbox = self.tables.outbox
        due = and_(outbox.c.state == "queued", outbox.c.next_attempt_at <= now)
        abandoned = and_(outbox.c.state == "claimed", outbox.c.claimed_at < died_before)
        with self.engine.connect() as connection:
            return connection.execute(select(outbox.c.serial).where(or_(due, abandoned)).limit(1)).first() is not None

    def release(self, now: datetime, died_before: datetime) -> int:
        """End the claims of workers that died: a code is given up, a notice is queued again. Returns how many."""
        outbox = self.tables.outbox
        abandoned = and_(outbox.c.state == "claimed", outbox.c.claimed_at < died_before)
        given_up = {"state": "failed", "reason": Reason.INTERRUPTED, "body": None}
        again = {"state": "queued", "reason": Reason.INTERRUPTED, "next_attempt_at": now}
        with self._writing().begin() as connection:
            codes = connection.execute(update(outbox).where(abandoned, outbox.c.kind == "code").values(given_up))
            notices = connection.execute(update(outbox).where(abandoned, outbox.c.kind == "notice").values(again))
            return codes.rowcount + notices.rowcount

    def take(self, now: datetime) -> Claim | None:
        """Claim the message that has waited longest, and commit the claim; None when nothing is due.

        PostgreSQL passes over rows that another worker is just claiming; SQLite lets one worker write at a time.
        """
        outbox = self.tables.outbox
        first = (
            select(outbox.c.serial)
            .where(outbox.c.state == "queued", outbox.c.next_attempt_at <= now)
            .order_by(outbox.c.serial)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        claim = (
            update(outbox)
            .where(outbox.c.serial == first, outbox.c.state == "queued")
            .values(state="claimed", claimed_at=now, attempts=outbox.c.attempts + 1)
            .returning(
                outbox.c.id, outbox.c.channel, outbox.c.kind, outbox.c.body, outbox.c.attempts, outbox.c.created_at
            )
        )
        with self._writing().begin() as connection:
            row = connection.execute(claim).one_or_none()
        return None if row is None else Claim(*row)

    def sent(self, claim: Claim, now: datetime) -> None:
        """The port took it. This holds even if the claim was given up meanwhile: it is what happened."""
        outbox = self.tables.outbox
        done = {"state": "sent", "sent_at": now, "reason": None, "body": None}
        with self._writing().begin() as connection:
            connection.execute(update(outbox).where(outbox.c.id == claim.id).values(done))

    def failed(self, claim: Claim, reason: Reason) -> None:
        """It is given up: nobody tries again and the body is erased."""
        self._settle(claim, {"state": "failed", "reason": reason, "body": None})

    def later(self, claim: Claim, reason: Reason, at: datetime) -> None:
        """It is tried again from `at` on."""
        self._settle(claim, {"state": "queued", "reason": reason, "next_attempt_at": at})

    def _settle(self, claim: Claim, values: dict[str, object]) -> None:
        outbox = self.tables.outbox
        # The count of attempts tells our claim from a later one by another worker.
        ours = and_(outbox.c.id == claim.id, outbox.c.state == "claimed", outbox.c.attempts == claim.attempts)
        with self._writing().begin() as connection:
            connection.execute(update(outbox).where(ours).values(values))

    def _writing(self) -> Engine:
        return self.engine.execution_options(**{WRITE_OPTION: True})
