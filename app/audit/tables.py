"""The record as tables, and the triggers that make the database itself refuse to change it. The chain is in `chain`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, Integer, MetaData, String, Table, Text, event

from app.storage.types import UtcDateTime

GENESIS = "0" * 64  # what the first event names as its predecessor's hash


@dataclass(frozen=True)
class AuditTables:
    """The two tables of one service's record."""

    event: Table
    head: Table


def audit_tables(metadata: MetaData) -> AuditTables:
    """Declare the record in a service's own metadata.

    `create_all` also makes the head's only row and the triggers; a migration does so with `FIRST_HEAD` and
    `append_only`.
    """
    audit_event = Table(
        "audit_event",
        metadata,
        Column("serial", Integer, primary_key=True, autoincrement=False),
        Column("occurred_at", UtcDateTime, nullable=False),
        Column("kind", String(64), nullable=False, index=True),
        Column("payload", Text, nullable=False),
        Column("previous_hash", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
    )
    head = Table(
        "audit_head",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("serial", Integer, nullable=False),
        Column("hash", String(64), nullable=False),
        CheckConstraint("id = 1", name="only_one"),
    )
    event.listen(audit_event, "after_create", _finish)
    event.listen(head, "after_create", _finish)
    return AuditTables(audit_event, head)


def _finish(table: Table, connection: Connection, **_: Any) -> None:
    """Do for a table that `create_all` has just made what a migration does by hand."""
    if table.name == "audit_head":
        connection.exec_driver_sql(FIRST_HEAD)
    for protected, statement in _APPEND_ONLY[connection.dialect.name]:
        if protected == table.name:
            connection.exec_driver_sql(statement)


FIRST_HEAD = (
    "INSERT INTO audit_head (id, serial, hash)"
    " VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')"
)


def append_only(dialect: str) -> list[str]:
    """The statements, in order, that make both tables append-only, for a migration; dialect is a SQLAlchemy name.

    They stop mistakes and ordinary intruders. Whoever may drop a trigger is found by the chain.
    """
    return [statement for _, statement in _APPEND_ONLY[dialect]]


def undo_append_only(dialect: str) -> list[str]:
    """The statements that take the protection away, for a downgrade that drops the tables."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_TRIGGERS]
    drops = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, (table, _) in _POSTGRESQL_TRIGGERS.items()]
    return [*drops, "DROP FUNCTION IF EXISTS audit_refuse()"]


_KEPT = "the audit record is append-only"
_MOVES_ON = "the audit head only moves on"
_HEAD_JUMPS = "WHEN (NEW.id <> OLD.id OR NEW.serial <> OLD.serial + 1)"

# Name of the trigger → its table, when it fires, what it says.
_SQLITE_TRIGGERS = {
    "audit_event_no_update": ("audit_event", "BEFORE UPDATE ON audit_event", _KEPT),
    "audit_event_no_delete": ("audit_event", "BEFORE DELETE ON audit_event", _KEPT),
    # INSERT OR REPLACE deletes without asking the delete trigger.
    "audit_event_no_replace": (
        "audit_event",
        "BEFORE INSERT ON audit_event WHEN EXISTS (SELECT 1 FROM audit_event WHERE serial = NEW.serial)",
        _KEPT,
    ),
    "audit_head_moves_on": ("audit_head", f"BEFORE UPDATE ON audit_head {_HEAD_JUMPS}", _MOVES_ON),
    "audit_head_no_delete": ("audit_head", "BEFORE DELETE ON audit_head", _MOVES_ON),
    "audit_head_no_replace": (
        "audit_head",
        "BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)",
        _MOVES_ON,
    ),
}

_POSTGRESQL_TRIGGERS = {
    "audit_event_is_kept": ("audit_event", "BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW"),
    "audit_event_is_not_emptied": ("audit_event", "BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT"),
    "audit_head_moves_on": ("audit_head", f"BEFORE UPDATE ON audit_head FOR EACH ROW {_HEAD_JUMPS}"),
    "audit_head_is_not_emptied": ("audit_head", "BEFORE DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT"),
}

_REFUSE = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$"
)

# Statements by dialect, each with the table that must exist before it.
_APPEND_ONLY: dict[str, list[tuple[str, str]]] = {
    "sqlite": [
        (table, f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{words}'); END")
        for name, (table, when, words) in _SQLITE_TRIGGERS.items()
    ],
    "postgresql": [
        ("audit_event", _REFUSE),
        ("audit_head", _REFUSE),
        *(
            (table, f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_refuse()")
            for name, (table, when) in _POSTGRESQL_TRIGGERS.items()
        ),
    ],
}
