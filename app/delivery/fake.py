"""The fake inbox: a port for every channel that keeps what it is given, outside production only.

Some recipients fail on purpose (`FAILING`), so that each kind of failure can be tried by hand and in tests. The
numbers are from the range that Sweden's regulator keeps for fiction (070-174 06 05 to 99); all others succeed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.delivery.message import CHANNELS, Channel, Message
from app.delivery.outbox import OutboxTables
from app.delivery.ports import DeliveryError, PermanentError, Port, Reason, TemporaryError
from app.storage.engine import WRITE_OPTION

# Recipient → channel → what happens. A number that fails as a text and not as a call shows the fall-back.
FAILING: Mapping[str, Mapping[Channel, tuple[type[DeliveryError], Reason]]] = {
    "+46701740691": dict.fromkeys(("sms", "voice"), (PermanentError, Reason.UNREACHABLE)),
    "+46701740692": {"sms": (PermanentError, Reason.LANDLINE)},
    "+46701740693": {"sms": (PermanentError, Reason.OPTED_OUT)},
    "+46701740694": dict.fromkeys(("sms", "voice"), (PermanentError, Reason.REGION_UNSUPPORTED)),
    "+46701740695": {"voice": (PermanentError, Reason.VOICE_UNSUPPORTED)},
    "+46701740696": dict.fromkeys(("sms", "voice"), (TemporaryError, Reason.BUSY)),
    "undeliverable@example.com": {"email": (PermanentError, Reason.ADDRESS_REFUSED)},
    "busy@example.com": {"email": (TemporaryError, Reason.BUSY)},
}


@dataclass(frozen=True)
class InboxPort:
    """Takes a message by writing it to the inbox table; an id that is there already is taken without a second row."""

    engine: Engine
    tables: OutboxTables
    now: Callable[[], datetime] = clock.now

    def send(self, message: Message) -> None:
        """Keep the message. The recipients of `FAILING` raise their DeliveryError."""
        failure = FAILING.get(message.to.lower(), {}).get(message.channel)
        if failure:
            kind, reason = failure
            raise kind(reason)
        values = {name: getattr(message, name) for name in ("id", "channel", "to", "subject", "text", "code", "link")}
        with self.engine.execution_options(**{WRITE_OPTION: True}).begin() as connection:
            connection.execute(
                _insert_new(self.engine.dialect.name, self.tables.inbox).values(**values, sent_at=self.now())
            )


def _insert_new(dialect: str, inbox: Table) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(inbox).on_conflict_do_nothing(index_elements=["id"])
    return sqlite.insert(inbox).on_conflict_do_nothing(index_elements=["id"])


def inbox_ports(engine: Engine, tables: OutboxTables) -> dict[Channel, Port]:
    """The inbox as the port of every channel."""
    port = InboxPort(engine, tables)
    return dict.fromkeys(CHANNELS, port)
