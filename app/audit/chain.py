"""The hash chain: how an event is appended and how the record is proved whole. Both services use it.

An event's hash is SHA-256 over the canonical JSON (RFC 8785) of its serial, moment, kind, payload and its
predecessor's hash. Nothing secret goes in: who has an export and the last hash can verify it with any tool.
"""

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, String, insert, select, true, type_coerce, update
from sqlalchemy.orm import Session

from app.audit.event import Event, Value
from app.audit.event import payload as payload_of
from app.audit.tables import GENESIS, AuditTables

BATCH = 1000
_KEYS = {"serial", "occurred_at", "kind", "payload", "previous_hash", "hash"}


class Break(StrEnum):
    """In what way a record is broken. `missing` also stands for events that have changed places."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    EDITED = "edited"
    UNLINKED = "unlinked"
    TRUNCATED = "truncated"
    UNRECORDED = "unrecorded"
    WRONG_HEAD = "wrong_head"
    NO_HEAD = "no_head"
    REWRITTEN = "rewritten"


class ChainError(Exception):
    """The record cannot be appended to: its head is gone."""


@dataclass(frozen=True)
class VerifyResult:
    """How many events hold, the last good hash (worth noting elsewhere), and the first serial that does not hold."""

    events: int
    last_hash: str
    broken_serial: int | None = None
    broken: Break | None = None

    @property
    def ok(self) -> bool:
        """Whether the record is whole."""
        return self.broken is None


def record(
    session: Session, tables: AuditTables, events: Mapping[str, type[Event]], event: Event, now: datetime
) -> int:
    """Append a typed event of the catalogue `events` in the caller's transaction and return its serial number.

    TypeError for an event that is not in the catalogue, ValueError for a value an event may not hold.
    """
    if events.get(event.kind) is not type(event):
        raise TypeError(f"{type(event).__name__} is not an event of this catalogue")
    return append(session, tables, event.kind, payload_of(event), now)


def append(session: Session, tables: AuditTables, event_kind: str, payload: Mapping[str, Value], now: datetime) -> int:
    """Append one event in the caller's transaction and return its serial. ChainError when the head is gone.

    The head's row is locked until that transaction ends, so that appends of all processes stand in one line.
    """
    head = tables.head
    last = session.execute(select(head.c.serial, head.c.hash).where(head.c.id == 1).with_for_update()).one_or_none()
    if last is None:
        raise ChainError("the audit record has no head")
    serial: int = last.serial + 1
    entry = {
        "serial": serial,
        "occurred_at": _moment(now),
        "kind": event_kind,
        "payload": dict(payload),
        "previous_hash": last.hash,
    }
    entry["hash"] = digest = _digest(entry)
    session.execute(insert(tables.event).values(entry | {"occurred_at": now, "payload": canonical(entry["payload"])}))
    session.execute(update(head).where(head.c.id == 1).values(serial=serial, hash=digest))
    return serial


def canonical(value: Any) -> str:
    """The one JSON text of a value made of texts, whole numbers, booleans and nulls (RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _digest(entry: Mapping[str, Any]) -> str:
    hashed = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(canonical(hashed).encode()).hexdigest()


def verify(session: Session, tables: AuditTables, noted_hash: str | None = None) -> VerifyResult:
    """Read the whole record, a batch at a time, and say whether it is as it was written.

    `noted_hash` is one that an earlier verification gave and that was kept elsewhere. It must occur: only that shows
    a record which was rewritten as a whole, head and all.
    """
    # Closed at once: a check that stops at the first fault would leave PostgreSQL's cursor open.
    with closing(_entries(session, tables)) as entries:
        return _check(entries, noted_hash)


def export(session: Session, tables: AuditTables) -> Iterator[str]:
    """The record as JSON lines: an event a line, and the head as the last."""
    with closing(_entries(session, tables)) as entries:
        yield from map(canonical, entries)


def verify_export(lines: Iterable[str], noted_hash: str | None = None) -> VerifyResult:
    """Verify what `export` wrote, without the database; `noted_hash` as in `verify`."""
    return _check((_parsed(line.rstrip("\r\n")) for line in lines), noted_hash)


def _entries(session: Session, tables: AuditTables) -> Generator[dict[str, Any], None, None]:
    """The events in order, then the head. One statement reads both, so that appends meanwhile do not matter."""
    head, event = tables.head, tables.event
    query = (
        select(
            head.c.serial.label("head_serial"),
            head.c.hash.label("head_hash"),
            event.c.serial,
            # As it is stored: a text that is no moment is an edit to be named, not an error to fail with.
            type_coerce(event.c.occurred_at, String).label("occurred_at"),
            event.c.kind,
            event.c.payload,
            event.c.previous_hash,
            event.c.hash,
        )
        .select_from(head.outerjoin(event, true()))
        .order_by(event.c.serial)
    )
    last: Row[Any] | None = None
    with session.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for last in rows:
            if last.serial is not None:
                yield _entry(last)
    if last is not None:
        yield {"head": {"serial": last.head_serial, "hash": last.head_hash}}


def _entry(row: Row[Any]) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "occurred_at": _stored_moment(row.occurred_at),
        "kind": row.kind,
        "payload": _stored_payload(row.payload),
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    }


def _stored_moment(stored: Any) -> Any:
    """PostgreSQL gives a moment, SQLite a text in UTC; anything else is given back as it is and fails its hash."""
    try:
        moment = datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored
        return _moment(moment)
    except (ValueError, AttributeError):
        return stored


def _stored_payload(stored: Any) -> Any:
    """The payload, or the text as it stands when it is not what `append` writes; that fails its hash."""
    try:
        parsed = json.loads(stored)
        return parsed if canonical(parsed) == stored else stored
    except (ValueError, TypeError):
        return stored


def _parsed(line: str) -> dict[str, Any]:
    parsed = _stored_payload(line)
    return parsed if isinstance(parsed, dict) else {}


def _check(entries: Iterable[dict[str, Any]], noted_hash: str | None) -> VerifyResult:
    serial, last_hash, head = 0, GENESIS, None
    noted = noted_hash is None
    for entry in entries:
        broken = Break.UNRECORDED if head is not None else _break(entry, serial, last_hash)
        if broken:
            return VerifyResult(serial, last_hash, serial + 1, broken)
        if "head" in entry:
            head = entry["head"]
            continue
        serial, last_hash = serial + 1, entry["hash"]
        noted = noted or last_hash == noted_hash
    broken_serial, broken = _end(head, serial, last_hash)
    if broken is None and not noted:
        broken_serial, broken = 1, Break.REWRITTEN
    return VerifyResult(serial, last_hash, broken_serial, broken)


def _break(entry: Mapping[str, Any], serial: int, last_hash: str) -> Break | None:
    """What is wrong with the entry that follows the event `serial`."""
    if entry.keys() == {"head"}:
        return None
    if entry.keys() != _KEYS:
        return Break.UNREADABLE
    if entry["serial"] != serial + 1:
        return Break.MISSING
    try:
        digest = _digest(entry)
    except (TypeError, ValueError):  # no JSON: a type or a text that was never written by `append`
        return Break.EDITED
    if digest != entry["hash"]:
        return Break.EDITED
    return Break.UNLINKED if entry["previous_hash"] != last_hash else None


def _end(head: Any, serial: int, last_hash: str) -> tuple[int | None, Break | None]:
    """Whether the head agrees that `serial` was the last event; if not, the first serial it disagrees about."""
    if head == {"serial": serial, "hash": last_hash}:
        return None, None
    recorded = head.get("serial") if isinstance(head, dict) else None
    if not isinstance(recorded, int):
        return serial + 1, Break.NO_HEAD
    if recorded == serial:
        return max(serial, 1), Break.WRONG_HEAD
    return min(recorded, serial) + 1, Break.TRUNCATED if recorded > serial else Break.UNRECORDED
