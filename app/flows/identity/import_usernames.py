"""Importing the usernames file: a batch of rows is one transaction, so an interrupted import is simply run again.

What a row may say is in `domain.identity.usernames`, which rows were taken in `seen_rows`; telling the operator is
the command's.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from typing import BinaryIO, Final
from uuid import uuid4

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from app.audit.events import UsernamesImported
from app.audit.record import record
from app.authenticators.imported_hashes import HashFormat, measure, recognise
from app.domain.csv_rows import Record, records
from app.domain.identity.usernames import (
    Fault,
    HeaderProblem,
    ImportedUsername,
    NotAUsernamesFile,
    Problem,
    read_header,
    read_row,
)
from app.flows.identity.seen_rows import SeenRows
from app.models.account import Account
from app.models.username import HashTiming, Username
from app.storage.unit_of_work import unit_of_work

BATCH: Final = 1000
"""Rows a transaction: a few megabytes of memory, and other writers wait for a fraction of a second."""

MOST_TIMINGS: Final = 100
"""A file with more different parameters than this is no real one, and measuring each would take hours."""

# How many parts of a hash, split at `$`, name its format and cost; the salted digests have none.
_COST_PARTS: Final = {HashFormat.BCRYPT: 3, HashFormat.PBKDF2_SHA256: 2, HashFormat.SCRYPT: 1, HashFormat.ARGON2ID: 4}
_COMPARED: Final = ("username", "email", "entity_id", "role", "cohort", "last_sign_in", "status")
_NAMES: Final = ("given_name", "family_name")


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its first and last line in the file, the header being line 1, and why."""

    line: int
    last_line: int
    faults: tuple[Fault, ...]


@dataclass
class Tally:
    """What became of the rows."""

    added: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass
class _Batch:
    rows: list[tuple[int, ImportedUsername]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unchanged: int = 0

    def refuse(self, line: int, *faults: Fault, last_line: int | None = None) -> None:
        self.refused.append(RefusedRow(line, last_line or line, faults))


def import_usernames(
    session: Session, file: BinaryIO, now: datetime, refused: Callable[[RefusedRow], None], tally: Tally
) -> None:
    """Import the file (product.md §8), counting in `tally` and calling `refused` for each row that is not taken.

    Both happen batch by batch after the batch's commit. A username that is there already with the same data is
    unchanged, its password too when it was hashed anew since; with other data its row is refused. NotAUsernamesFile
    when the header is wrong, before anything is written.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="\n")
    try:
        rows = records(text)
        columns = _columns(rows)
        known = _timings(session)
        with closing(SeenRows()) as seen:
            while chunk := list(islice(rows, BATCH)):
                batch = _read(chunk, columns, seen)
                timings = _measure(batch, known)
                with unit_of_work(session) as work:
                    added = _write(work, batch, timings, now)
                _count(tally, batch, added)
                for row in sorted(batch.refused, key=lambda row: row.line):
                    refused(row)
    finally:
        text.detach()  # the file is the caller's to close


def _columns(rows: Iterator[Record]) -> tuple[str, ...]:
    header = next(rows, None)
    if header is None:
        raise NotAUsernamesFile(HeaderProblem.EMPTY)
    if header.damage is not None:
        raise NotAUsernamesFile(HeaderProblem.DAMAGED)
    return read_header(header.cells)


def _timings(session: Session) -> set[str]:
    known = set(session.scalars(select(HashTiming.format)))
    session.rollback()  # nothing is held while the file is read
    return known


def _read(chunk: Sequence[Record], columns: Sequence[str], seen: SeenRows) -> _Batch:
    batch = _Batch()
    for found in chunk:
        if found.damage is not None:
            fault = Fault(Problem.DAMAGED, detail=found.damage.value)
            batch.refuse(found.line, fault, last_line=found.last_line)
            continue
        row = read_row(columns, found.cells)
        if isinstance(row, tuple):
            batch.refuse(found.line, *row, last_line=found.last_line)
        elif recognise(row.password_hash) is None:
            batch.refuse(found.line, Fault(Problem.UNKNOWN_HASH, "password_hash"))
        elif earlier := seen.earlier_line(row.folded, found.line):
            batch.refuse(found.line, Fault(Problem.REPEATED, "username", str(earlier)))
        else:
            batch.rows.append((found.line, row))
    return batch


def _measure(batch: _Batch, known: set[str]) -> dict[str, int]:
    """Milliseconds of each format and cost that is new; outside of the transaction, since it takes its time."""
    made: dict[str, int] = {}
    for _, row in batch.rows:
        name = cost_of(row.password_hash)
        if name not in known and len(known) < MOST_TIMINGS:
            known.add(name)
            made[name] = math.ceil(measure(row.password_hash) * 1000)
    return made


def cost_of(encoded: str) -> str:
    """The format of a recognised hash and its parameters, without salt and digest: what decides how long it takes."""
    kind = recognise(encoded)
    if kind not in _COST_PARTS:
        return kind.value if kind else ""
    return "$".join(encoded.split("$")[: _COST_PARTS[kind]])


def _write(work: Session, batch: _Batch, timings: dict[str, int], now: datetime) -> int:
    there = _there(work, [row.folded for _, row in batch.rows])
    new = []
    for line, row in batch.rows:
        earlier = there.get(row.folded)
        if earlier is None:
            new.append(row)
        elif different := _differences(row, earlier):
            batch.refuse(line, Fault(Problem.DIFFERS, "username", ", ".join(different)))
        else:
            batch.unchanged += 1
    _insert(work, new, now)
    for name, milliseconds in timings.items():
        work.merge(HashTiming(format=name, milliseconds=milliseconds))
    if new or batch.refused:
        record(work, UsernamesImported(rows=len(new), refused=len(batch.refused)), now)
    return len(new)


def _there(work: Session, folded: Sequence[str]) -> dict[str, Row[tuple[object, ...]]]:
    names = ("folded", "password_hash", "rehashed_at", *_COMPARED)
    columns = [*(getattr(Username, name) for name in names), *(getattr(Account, name) for name in _NAMES)]
    query = select(*columns).join(Account, Account.id == Username.account_id).where(Username.folded.in_(folded))
    return {row.folded: row for row in work.execute(query)}


def _differences(row: ImportedUsername, there: Row[tuple[object, ...]]) -> list[str]:
    """The columns that say something else than what was imported before."""
    different = [name for name in (*_COMPARED, *_NAMES) if getattr(row, name) != getattr(there, name)]
    # Once it was hashed anew the old hash is gone, and so is any way to compare.
    if there.rehashed_at is None and row.password_hash != there.password_hash:
        different.append("password_hash")
    return different


def _insert(work: Session, rows: Sequence[ImportedUsername], now: datetime) -> None:
    if not rows:
        return
    ids = [str(uuid4()) for _ in rows]
    work.execute(
        insert(Account),
        [
            {"id": key, "given_name": row.given_name, "family_name": row.family_name, "created_at": now}
            for key, row in zip(ids, rows, strict=True)
        ],
    )
    kept = ("folded", "password_hash", *_COMPARED)
    work.execute(
        insert(Username),
        [
            {"id": str(uuid4()), "account_id": key, "imported_at": now} | {name: getattr(row, name) for name in kept}
            for key, row in zip(ids, rows, strict=True)
        ],
    )


def _count(tally: Tally, batch: _Batch, added: int) -> None:
    tally.added += added
    tally.unchanged += batch.unchanged
    tally.refused += len(batch.refused)
