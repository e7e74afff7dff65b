"""The outbox and the fake inbox as tables, and what flows and pages do with them. Claiming is in `claims`."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.delivery.message import Channel, Kind, Message
from app.delivery.ports import Reason
from app.storage.keyring import Keyring
from app.storage.types import UtcDateTime

MOST_SHOWN = 200


@dataclass(frozen=True)
class OutboxTables:
    """The two tables of one service."""

    outbox: Table
    inbox: Table


@dataclass(frozen=True)
class Delivery:
    """How far a message has come: `queued`, `claimed`, `sent` or `failed`; `reason` is the last failure's."""

    state: str
    reason: Reason | None


def outbox_tables(metadata: MetaData) -> OutboxTables:
    """Declare both tables in a service's own metadata.

    `body` is sealed, holds everything personal (recipient, subject, text, code, link), and is erased when the
    message is sent or given up. What stays beside it says nothing about a person.
    """
    outbox = Table(
        "outbox",
        metadata,
        Column("serial", Integer, primary_key=True),
        Column("id", String(64), nullable=False, unique=True),
        Column("channel", String(8), nullable=False),
        Column("kind", String(8), nullable=False),
        Column("body", LargeBinary),
        Column("state", String(8), nullable=False, default="queued"),
        Column("attempts", Integer, nullable=False, default=0),
        Column("reason", String(32)),
        Column("next_attempt_at", UtcDateTime, nullable=False),
        Column("claimed_at", UtcDateTime),
        Column("created_at", UtcDateTime, nullable=False),
        Column("sent_at", UtcDateTime),
        CheckConstraint("state IN ('queued', 'claimed', 'sent', 'failed')", name="state_known"),
        CheckConstraint("(body IS NULL) = (state IN ('sent', 'failed'))", name="body_erased_at_end"),
        Index("ix_outbox_state_next_attempt_at", "state", "next_attempt_at"),
    )
    inbox = Table(
        "inbox",
        metadata,
        Column("serial", Integer, primary_key=True),
        Column("id", String(64), nullable=False, unique=True),
        Column("channel", String(8), nullable=False),
        Column("to", Text, nullable=False, index=True),
        Column("subject", Text),
        Column("text", Text, nullable=False),
        Column("code", Text),
        Column("link", Text),
        Column("sent_at", UtcDateTime, nullable=False),
    )
    return OutboxTables(outbox, inbox)


def enqueue(session: Session, tables: OutboxTables, keyring: Keyring, message: Message, now: datetime) -> None:
    """Put a message into the outbox, in the caller's transaction: it leaves only if that commits."""
    session.execute(
        insert(tables.outbox).values(
            id=message.id,
            channel=message.channel,
            kind=message.kind,
            body=seal(keyring, message),
            next_attempt_at=now,
            created_at=now,
        )
    )


def seal(keyring: Keyring, message: Message) -> bytes:
    """The personal part of a message, encrypted and bound to its id, so that bodies cannot change places."""
    body = {name: value for name, value in asdict(message).items() if name not in ("id", "channel", "kind")}
    return keyring.seal(json.dumps(body).encode(), _purpose(message.id))


def unseal(keyring: Keyring, message_id: str, channel: Channel, kind: Kind, body: bytes) -> Message:
    """The message that was sealed. KeyringError when it cannot be opened."""
    fields: dict[str, Any] = json.loads(keyring.open(body, _purpose(message_id)))
    return Message(**fields, id=message_id, channel=channel, kind=kind)


def _purpose(message_id: str) -> str:
    return f"outbox:{message_id}"


def delivery(session: Session, tables: OutboxTables, message_id: str) -> Delivery | None:
    """How far the message has come, for a page that waits for it; None when there is no such message."""
    outbox = tables.outbox
    row = session.execute(select(outbox.c.state, outbox.c.reason).where(outbox.c.id == message_id)).one_or_none()
    return None if row is None else Delivery(row.state, Reason(row.reason) if row.reason else None)


def newest(
    session: Session, tables: OutboxTables, to: str | None = None, limit: int = MOST_SHOWN
) -> list[dict[str, str | None]]:
    """What the fake inbox took, newest first, as `/outbox.json` shows it: at most `limit`, and never more than 200.

    `to` keeps one recipient's: an address in any case, or a number; a plus sign that a query string turned into a
    space is understood.
    """
    inbox = tables.inbox
    query = select(inbox).order_by(inbox.c.serial.desc()).limit(max(0, min(limit, MOST_SHOWN)))
    if to:
        wanted = to.strip()
        wanted = f"+{wanted}" if wanted.isdecimal() else wanted
        query = query.where(or_(inbox.c.to == wanted, func.lower(inbox.c.to) == wanted.lower()))
    return [_shown(row) for row in session.execute(query).mappings()]


def _shown(row: Any) -> dict[str, str | None]:
    sent_at = row["sent_at"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {name: row[name] for name in ("id", "channel", "to", "subject", "text", "code", "link")} | {
        "sent_at": sent_at
    }
