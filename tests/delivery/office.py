"""One service's outbox as the delivery tests use it, and the messages they put there."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, MetaData, Row, select
from sqlalchemy.orm import Session

from app.delivery.fake import inbox_ports
from app.delivery.message import CHANNELS, Message
from app.delivery.outbox import OutboxTables, enqueue, newest, outbox_tables
from app.delivery.ports import Port
from app.delivery.worker import Worker
from app.storage.keyring import Keyring
from app.storage.unit_of_work import unit_of_work

NOON = datetime(2027, 3, 31, 12, 0, tzinfo=UTC)
METADATA = MetaData()
TABLES = outbox_tables(METADATA)


@dataclass(frozen=True)
class Office:
    """One service's outbox as a test uses it."""

    engine: Engine
    url: str
    keys_file: Path
    keyring: Keyring
    tables: OutboxTables = TABLES

    def post(self, *messages: Message, now: datetime = NOON) -> None:
        with Session(self.engine) as session, unit_of_work(session) as unit:
            for message in messages:
                enqueue(unit, self.tables, self.keyring, message, now)

    def worker(self, port: Port | None = None, *, after: timedelta = timedelta(0)) -> Worker:
        """A worker whose clock stands at noon plus `after`; every channel goes to `port`, or to the fake inbox."""
        fakes = inbox_ports(self.engine, self.tables)
        ports = dict.fromkeys(CHANNELS, port) if port else fakes
        return Worker(self.engine, self.tables, self.keyring, ports, now=lambda: NOON + after)

    def at(self, worker: Worker, after: timedelta) -> Worker:
        return replace(worker, now=lambda: NOON + after)

    def row(self, message: Message) -> Row[tuple[object, ...]]:
        with Session(self.engine) as session:
            return session.execute(select(self.tables.outbox).where(self.tables.outbox.c.id == message.id)).one()

    def inbox(self, to: str | None = None, limit: int = 200) -> list[dict[str, str | None]]:
        with Session(self.engine) as session:
            return newest(session, self.tables, to, limit)


def code_by_text(to: str = "+12025550143", code: str = "012345") -> Message:
    return Message("sms", to, None, f"Your code is {code}", code, kind="code")


def notice_by_mail(to: str = "ro@example.com", subject: str = "You signed in") -> Message:
    return Message("email", to, subject, "See https://portal.example.com/account.", kind="notice")
